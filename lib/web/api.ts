/**
 * The API: what programs and pages ask of the server. Each address is one row of a table.
 *
 * @module
 */

import { secretsEqual } from "../auth/passwords/secrets.ts";
import { STATS_EVENT } from "../config/event_names.ts";
import { Refusal } from "../errors.ts";
import { readCredentials } from "../http/credentials.ts";
import type { ChannelPath } from "../session/channel_path.ts";
import type { Client } from "../session/context.ts";
import { channelsJson } from "./channels_json.ts";
import type { WebContext } from "./context.ts";
import { FEED_EVENTS } from "./event_feed.ts";
import { eventStream } from "./event_stream.ts";
import { json, plain } from "./headers.ts";
import { createLink, linksOf, revokeLink } from "./links.ts";
import {
  endChannel,
  kickWatcher,
  managedChannels,
  managedDetail,
} from "./managed_channels.ts";
import { WATCHER_ORDERS } from "./audience_json.ts";
import { type Manager, requireManaged, signInManager } from "./manager.ts";
import { MAX_AUDIENCE } from "./node_answers.ts";
import { notFound } from "./not_found.ts";
import { tokenResponse } from "./token.ts";

/** Watchers in an answer by default. */
const DEFAULT_AUDIENCE = 100;

/** A request to the API. */
interface ApiRequest {
  readonly context: WebContext;
  readonly request: Request;
  readonly client: Client;
  /** What the address's pattern has matched, decoded. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** One address of the API. */
interface Address {
  /** What matches the path below `/api/`. */
  readonly path: RegExp;
  readonly method: "GET" | "POST";
  answer(request: ApiRequest): Promise<Response> | Response;
}

const CHANNEL = "channels/([^/]+)/([^/]+)";

const ADDRESSES: readonly Address[] = [
  {
    path: /^token$/,
    method: "POST",
    answer: ({ context, request, client }) =>
      tokenResponse(context, request, client),
  },
  { path: /^channels$/, method: "GET", answer: listChannels },
  {
    path: new RegExp(`^${CHANNEL}$`),
    method: "GET",
    answer: asManager(describe),
  },
  {
    path: new RegExp(`^${CHANNEL}/end$`),
    method: "POST",
    answer: asManager(end),
  },
  {
    path: new RegExp(`^${CHANNEL}/kick$`),
    method: "POST",
    answer: asManager(kick),
  },
  { path: /^events$/, method: "GET", answer: asManager(follow) },
  { path: /^links$/, method: "GET", answer: asManager(listLinks) },
  { path: /^links$/, method: "POST", answer: asManager(makeLink) },
  {
    path: /^links\/([^/]+)\/revoke$/,
    method: "POST",
    answer: asManager(revoke),
  },
];

/**
 * Answers a request below `/api/`.
 *
 * @param path Its path there, percent-encoded.
 * @throws {Refusal} when it is refused.
 */
export async function apiResponse(
  context: WebContext,
  request: Request,
  client: Client,
  path: string,
): Promise<Response> {
  const addresses = ADDRESSES.filter((each) => each.path.test(path));
  const parts = decoded(addresses[0]?.path.exec(path)?.slice(1));
  if (!parts) return notFound(request);
  const { method } = request;
  const address = addresses.find((each) =>
    each.method === (method === "HEAD" ? "GET" : method)
  );
  if (!address) return notAllowed(addresses);
  const query = new URL(request.url).searchParams;
  return await address.answer({ context, request, client, parts, query });
}

function notAllowed(addresses: readonly Address[]): Response {
  const allowed = addresses.flatMap(({ method }) =>
    method === "GET" ? ["GET", "HEAD"] : ["POST"]
  );
  const allow = allowed.join(", ");
  const verb = allowed.length > 1 ? "are" : "is";
  return plain(405, `only ${allow} ${verb} supported here`, { allow });
}

/** @returns `undefined` when there is nothing, or a percent sign encodes nothing. */
function decoded(parts: readonly string[] | undefined): string[] | undefined {
  try {
    return parts?.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Signs the user in first. */
function asManager(
  answer: (
    request: ApiRequest,
    manager: Manager,
  ) => Promise<Response> | Response,
): Address["answer"] {
  return async function answerManager(asked): Promise<Response> {
    const { context, request, client } = asked;
    return await answer(asked, await signInManager(context, request, client));
  };
}

/** The public list, or with `scope=managed` everything about the channels of the user who signs in. */
async function listChannels(asked: ApiRequest): Promise<Response> {
  const { context, request, query } = asked;
  const scope = oneOf(query, "scope", ["public", "managed"]);
  if (scope === "managed") return await asManager(listManaged)(asked);
  return withoutBearer(request, context.bearers.api) ??
    json(channelsJson(context));
}

async function listManaged(
  { context }: ApiRequest,
  manager: Manager,
): Promise<Response> {
  const { version } = context;
  const known = await managedChannels(context, manager);
  return json({ server: { version }, ...known });
}

async function describe(
  asked: ApiRequest,
  manager: Manager,
): Promise<Response> {
  const { context, query } = asked;
  const sort = oneOf(query, "sort", WATCHER_ORDERS);
  const limit = countOf(query, "limit", MAX_AUDIENCE) ?? DEFAULT_AUDIENCE;
  const order = { sort, limit };
  return json(await managedDetail(context, manager, pathOf(asked), order));
}

async function end(asked: ApiRequest, manager: Manager): Promise<Response> {
  const watchers = await endChannel(asked.context, manager, pathOf(asked));
  return json({ ended: true, watchers });
}

async function kick(asked: ApiRequest, manager: Manager): Promise<Response> {
  const path = pathOf(asked);
  requireManaged(manager, path);
  const id = countOf(asked.query, "watcher", Number.MAX_SAFE_INTEGER);
  if (id === undefined) {
    throw new Refusal("bad-request", "watcher=NUMBER is missing");
  }
  const kicked = await kickWatcher(asked.context, manager, path, id);
  return json({ kicked });
}

function follow({ context, query }: ApiRequest, manager: Manager): Response {
  const known = [STATS_EVENT, ...FEED_EVENTS];
  const names = query.get("events")?.split(",") ?? [];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const words = known.join(", ");
    throw new Refusal("bad-request", `events expects some of ${words}`);
  }
  return eventStream(context, manager, names);
}

async function listLinks(
  { context }: ApiRequest,
  manager: Manager,
): Promise<Response> {
  return json({ links: await linksOf(context, manager) });
}

function makeLink(asked: ApiRequest, manager: Manager): Response {
  const { context: { links, logger }, query, client: { remote } } = asked;
  const link = createLink(links, manager, query);
  const { user, channel, id } = link;
  logger.log("link", { user, channel, protocol: "http", remote, link: id });
  return json(link);
}

function revoke({ context, parts }: ApiRequest, manager: Manager): Response {
  const [id = ""] = parts;
  revokeLink(context.links, manager, id);
  return json({ revoked: true });
}

function pathOf({ parts }: ApiRequest): ChannelPath {
  const [user = "", channel = ""] = parts;
  return { user, channel };
}

function oneOf(
  query: URLSearchParams,
  key: string,
  words: readonly string[],
): string {
  const word = query.get(key) ?? words[0]!;
  if (words.includes(word)) return word;
  throw new Refusal("bad-request", `${key} expects ${words.join(", ")}`);
}

function countOf(
  query: URLSearchParams,
  key: string,
  most: number,
): number | undefined {
  const text = query.get(key);
  if (text === null) return undefined;
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Infinity;
  if (count <= most) return count;
  throw new Refusal("bad-request", `${key} expects a number up to ${most}`);
}

/**
 * Rejects a request that does not show a token that the operator has set.
 *
 * @returns `undefined` when the request may proceed.
 */
export function withoutBearer(
  { headers }: Request,
  expected: string | undefined,
): Response | undefined {
  if (expected === undefined) return undefined;
  const { token = "" } = readCredentials(headers.get("authorization"));
  if (secretsEqual(token, expected)) return undefined;
  return plain(401, "a token is required here", {
    "www-authenticate": "Bearer",
  });
}
