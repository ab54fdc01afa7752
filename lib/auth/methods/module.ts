import { messageOf } from "../../errors.ts";
import {
  type AuthDecision,
  type Authenticate,
  authFailure,
  type AuthRequest,
  denied,
  type UserSettings,
} from "../authenticate.ts";

/**
 * Milliseconds that an operator's module may take for a decision: long enough to ask a database, and
 * less than the time a peer's client waits.
 */
export const AUTH_MODULE_TIMEOUT_MS = 5000;

/** What an operator's module exports by default: `true` allows, `false` refuses. */
export type AuthModule = (
  request: AuthRequest,
) => boolean | AuthDecision | Promise<boolean | AuthDecision>;

/** How an operator's module is called. */
export interface AuthModuleOptions {
  /** Milliseconds for a decision. Default {@linkcode AUTH_MODULE_TIMEOUT_MS}. */
  readonly timeout?: number;
}

/**
 * Loads an operator's module, which replaces the folder of users. Its default export is one function
 * from a request to a decision, asked for every broadcast, watch and token, and when a user manages channels:
 *
 * ```ts
 * interface Request {
 *   verb: "broadcast" | "watch" | "token" | "manage"; // manage: see and steer channels
 *   user: string;
 *   channel: string;
 *   password?: string;
 *   token?: string;
 *   channelPassword?: string;
 *   remote: string;
 *   protocol:
 *     | "fstream1"
 *     | "fstream2"
 *     | "http"
 *     | "hls"
 *     | "icecast"
 *     | "rtmp"
 *     | "websocket";
 * }
 *
 * type Decision = boolean | { allow: false; reason: string };
 *
 * // Anybody may watch; only machines of the studio's network may broadcast, with its password.
 * export default function authenticate(request: Request): Decision {
 *   if (request.verb === "watch") return true;
 *   if (!request.remote.startsWith("192.0.2.")) {
 *     return { allow: false, reason: "not a machine of the studio" };
 *   }
 *   return request.user === "studio" && request.password === "a;b#c=d";
 * }
 * ```
 *
 * It fails closed: a module that throws, answers something else or takes too long denies the request. That
 * counts as the server's own fault and not as a failed sign-in, so a module must return `false` for a
 * wrong password or channel password, and not throw. A call that never ends cannot be cancelled; only
 * its answer is no longer waited for. The module does not see one-time tokens when the method for
 * tokens is put in front of it.
 *
 * @param path The module's file, relative to the current folder or absolute. Loading it needs read
 *     permission for this file and for every file it imports.
 * @returns The module's decision about a request; it rejects with a `Refusal` (`server`).
 * @throws {Error} If the file cannot be loaded.
 * @throws {TypeError} If its default export is not a function.
 */
export async function loadAuthModule(
  path: string,
  options: AuthModuleOptions = {},
): Promise<Authenticate> {
  const decide = await importDefault(path);
  const timeout = options.timeout ?? AUTH_MODULE_TIMEOUT_MS;
  return async function byModule(request): Promise<AuthDecision> {
    try {
      const answer = await within(timeout, called(decide, request));
      return decisionOf(answer);
    } catch (error) {
      const problem = `auth module ${path}: ${messageOf(error)}`;
      throw authFailure("server", problem);
    }
  };
}

type UnknownFunction = (request: AuthRequest) => unknown;

function isFunction(value: unknown): value is UnknownFunction {
  return typeof value === "function";
}

async function importDefault(path: string): Promise<UnknownFunction> {
  const module: { default?: unknown } = await imported(path);
  if (isFunction(module.default)) return module.default;
  const wanted = "its default export must be a function (request) => decision";
  throw new TypeError(`Cannot use auth module ${path}: ${wanted}`);
}

async function imported(path: string): Promise<{ default?: unknown }> {
  try {
    return await import(fileUrl(path).href);
  } catch (cause) {
    const problem = `Cannot load auth module ${path}`;
    throw new Error(`${problem}: ${messageOf(cause)}`, { cause });
  }
}

function fileUrl(path: string): URL {
  const isWindows = Deno.build.os === "windows";
  const isAbsolute = isWindows ? /^[A-Za-z]:|^[/\\]/ : /^\//;
  const full = isAbsolute.test(path) ? path : `${Deno.cwd()}/${path}`;
  const slashed = isWindows ? full.replaceAll("\\", "/") : full;
  const encoded = encodeURI(slashed)
    .replaceAll("?", "%3F")
    .replaceAll("#", "%23");
  return new URL(encoded.replace(/^(?=[A-Za-z]:)/, "/"), "file:///");
}

// An async function, so that what the module throws at once becomes a rejection as well. The module is
// handed a copy, so that what it writes there has no effect.
async function called(
  decide: UnknownFunction,
  request: AuthRequest,
): Promise<unknown> {
  return await decide({ ...request });
}

async function within(ms: number, answer: Promise<unknown>): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`no decision within ${ms} ms`);
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function decisionOf(answer: unknown): AuthDecision {
  if (answer === true) return { allow: true };
  if (answer === false) return denied("denied by the auth module");
  const decision = typeof answer === "object" && answer !== null
    ? readDecision(answer)
    : undefined;
  if (decision !== undefined) return decision;
  throw new TypeError(
    "the decision must be a boolean, { allow: true } or { allow: false, reason }",
  );
}

// Only the documented fields are read, so that nothing else of a module's answer takes effect.
function readDecision(
  { allow, reason, settings }: {
    readonly allow?: unknown;
    readonly reason?: unknown;
    readonly settings?: unknown;
  },
): AuthDecision | undefined {
  if (allow === false && typeof reason === "string") return denied(reason);
  if (allow !== true) return undefined;
  if (settings === undefined) return { allow };
  return isSettings(settings) ? { allow, settings } : undefined;
}

function isSettings(settings: unknown): settings is UserSettings {
  if (typeof settings !== "object" || settings === null) return false;
  const { values, channels }: { values?: unknown; channels?: unknown } =
    settings;
  return values instanceof Map && channels instanceof Map;
}
