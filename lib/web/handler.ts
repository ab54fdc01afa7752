import { REFUSALS } from "../errors.ts";
import { type ChannelPath, readChannelPath } from "../wire/channel_path.ts";
import { CHALLENGE } from "../wire/http_answer.ts";
import { assetResponse } from "./asset_response.ts";
import { pages } from "./assets.ts";
import { broadcastByHttp } from "./broadcast.ts";
import { channelsJson } from "./channels_json.ts";
import { NO_STORE, plain, secure } from "./headers.ts";
import { notFound } from "./not_found.ts";
import { type HttpRooms, logRefusal, type Visitor } from "./rooms.ts";
import { openSocket } from "./socket.ts";
import { tokenByHttp } from "./token.ts";
import { watchByHttp } from "./watch.ts";

/** The HTTP front without its socket: one function from a request to an answer. */
export type Handler = (request: Request, visitor: Visitor) => Promise<Response>;

/**
 * Makes the front's function.
 *
 * @param rooms What it works with.
 * @returns Never rejects: what goes wrong becomes an answer.
 */
export function createHandler(rooms: HttpRooms): Handler {
  return async function handle(request, visitor): Promise<Response> {
    try {
      const response = await route(rooms, request, visitor);
      // The answer to an upgrade is the socket's; its headers are not ours to change.
      return response.status === 101
        ? response
        : secure(response, rooms.allowOrigin);
    } catch (error) {
      return secure(refused(rooms, error, visitor), rooms.allowOrigin);
    }
  };
}

function route(
  rooms: HttpRooms,
  request: Request,
  visitor: Visitor,
): Promise<Response> | Response {
  const { pathname } = new URL(request.url);
  const name = pathname.slice(1);
  if (name === "" || name === "broadcast") {
    return page(request, name === "" ? "index" : "broadcast");
  }
  if (name.startsWith("assets/")) {
    return onlyGet(request) ??
      assetResponse(request, name.slice("assets/".length));
  }
  if (name === "api/channels") {
    return onlyGet(request) ?? json(channelsJson(rooms, portOf(request)));
  }
  if (name === "api/token") return tokenByHttp(rooms, request, visitor);
  if (name === "metrics") return onlyGet(request) ?? metrics(rooms);
  if (name === "healthz") return onlyGet(request) ?? plain(200, "ok");
  const path = readChannelPath(pathname);
  return path ? channel(rooms, request, path, visitor) : notFound(request);
}

/** The port that the client named, or its scheme's own. */
function portOf({ url }: Request): number {
  const { port, protocol } = new URL(url);
  return Number(port) || (protocol === "https:" ? 443 : 80);
}

function channel(
  rooms: HttpRooms,
  request: Request,
  path: ChannelPath,
  visitor: Visitor,
): Promise<Response> | Response {
  const { method, headers } = request;
  if (headers.get("upgrade")?.toLowerCase() === "websocket") {
    return openSocket(rooms, request, path, visitor);
  }
  if (method === "PUT" || method === "POST" || method === "SOURCE") {
    return broadcastByHttp(rooms, request, path, visitor);
  }
  if (method !== "GET" && method !== "HEAD") {
    return notAllowed("GET, HEAD, PUT, POST");
  }
  if (headers.get("accept")?.includes("text/html")) {
    return page(request, "watch");
  }
  return varied(watchByHttp(rooms, request, path, visitor));
}

async function varied(response: Promise<Response>): Promise<Response> {
  const answer = await response;
  answer.headers.set("vary", "accept");
  return answer;
}

function page(request: Request, name: keyof typeof pages): Response {
  const headers = {
    "content-type": "text/html; charset=utf-8",
    vary: "accept",
    ...NO_STORE,
  };
  return onlyGet(request) ?? new Response(pages[name], { headers });
}

function metrics(rooms: HttpRooms): Response {
  const headers = {
    "content-type": "text/plain; version=0.0.4; charset=utf-8",
    ...NO_STORE,
  };
  return new Response(rooms.metrics(), { headers });
}

function json(value: unknown): Response {
  return Response.json(value, { headers: NO_STORE });
}

function onlyGet({ method }: Request): Response | undefined {
  return method === "GET" || method === "HEAD"
    ? undefined
    : notAllowed("GET, HEAD");
}

function notAllowed(allow: string): Response {
  return plain(405, `only ${allow} here`, { allow });
}

function refused(
  rooms: HttpRooms,
  error: unknown,
  visitor: Visitor,
): Response {
  const { code, message } = logRefusal(rooms, error, visitor);
  const status = REFUSALS[code].httpStatus;
  const headers = { "www-authenticate": CHALLENGE };
  return plain(status, message, status === 401 ? headers : {});
}
