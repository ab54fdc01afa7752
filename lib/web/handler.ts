import { messageOf, Refusal, REFUSALS } from "../errors.ts";
import { readCredentials } from "../http/credentials.ts";
import { readChannelPath } from "../session/channel_path.ts";
import type { Client, WebHandler } from "../session/context.ts";
import { CHALLENGE } from "../session/http_reply.ts";
import { apiResponse, withoutBearer } from "./api.ts";
import { assetResponse } from "./asset_response.ts";
import { pages } from "./assets.ts";
import type { WebContext } from "./context.ts";
import { plain, secure, textResponse } from "./headers.ts";
import { notFound } from "./not_found.ts";

/**
 * Makes the function that serves every HTTP request that carries no media.
 *
 * @returns It never rejects: what goes wrong becomes a response.
 */
export function createHandler(context: WebContext): WebHandler {
  return async function handle(request, client): Promise<Response> {
    const { allowOrigin } = context;
    try {
      return secure(await route(context, request, client), allowOrigin);
    } catch (error) {
      return secure(refused(context, request, error, client), allowOrigin);
    }
  };
}

/** What answers `GET` and `HEAD` of one path. */
type Route = (context: WebContext, request: Request) => Response;

/** Routes by the path below the root. */
const ROUTES: Readonly<Record<string, Route>> = {
  "": () => page("index"),
  "admin": () => page("admin"),
  "broadcast": () => page("broadcast"),
  "metrics": ({ bearers, metrics }, request) =>
    withoutBearer(request, bearers.metrics) ??
      textResponse(metrics(), "text/plain; version=0.0.4; charset=utf-8"),
  "healthz": ({ cluster }) =>
    plain(
      200,
      cluster && !cluster.isConnected() ? "ok, but without NATS" : "ok",
    ),
};

const API = "api/";

const ASSETS = "assets/";

function route(
  context: WebContext,
  request: Request,
  client: Client,
): Promise<Response> | Response {
  const { pathname } = new URL(request.url);
  const name = pathname.slice(1);
  if (name.startsWith(API)) {
    return apiResponse(context, request, client, name.slice(API.length));
  }
  const isRead = request.method === "GET" || request.method === "HEAD";
  const found = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  const isChannel = readChannelPath(pathname) !== undefined;
  const isKnown = found || name.startsWith(ASSETS) || isChannel;
  if (!isKnown) return notFound(request);
  if (!isRead) {
    const allow = isChannel ? "GET, HEAD, PUT, POST" : "GET, HEAD";
    return plain(405, `only ${allow} are supported here`, { allow });
  }
  if (found) return found(context, request);
  return name.startsWith(ASSETS)
    ? assetResponse(request, name.slice(ASSETS.length))
    : page("watch");
}

function page(name: keyof typeof pages): Response {
  const headers = { vary: "accept" };
  return textResponse(pages[name], "text/html; charset=utf-8", { headers });
}

function refused(
  { refusals }: WebContext,
  { headers }: Request,
  error: unknown,
  { remote }: Client,
): Response {
  const { code, message, detail } = error instanceof Refusal
    ? error
    : new Refusal("server", "the server failed", messageOf(error));
  const reason = detail ?? message;
  const { user } = readCredentials(headers.get("authorization"));
  const who = { user, protocol: "http", remote };
  refusals.log("refused", `${code} ${message}`, { ...who, code, reason });
  const status = REFUSALS[code].httpStatus;
  const challenge = { "www-authenticate": CHALLENGE };
  return plain(status, message, status === 401 ? challenge : {});
}
