import type { LinkStore, WatchLink } from "../auth/link_store.ts";
import { isTime, MAX_LINK_S } from "../auth/link_store.ts";
import { channelProblem, nameProblem } from "../auth/users/names.ts";
import { parseSeconds } from "../config/values.ts";
import { Refusal } from "../errors.ts";
import { DEFAULT_CHANNEL } from "../wire/request.ts";
import { askAll, type ManagedContext } from "./managed_channels.ts";
import { type Manager, manages } from "./manager.ts";

/** Seconds that a link is valid if nothing else is asked for: a day. */
const DEFAULT_LINK_S = 24 * 3600;

/** A link as programs see it. */
export interface LinkJson {
  /** Names the link. */
  readonly id: string;
  /** Whose channel. */
  readonly user: string;
  /** The channel. */
  readonly channel: string;
  /** When it was made (ISO 8601). */
  readonly created: string;
  /** When it ends (ISO 8601). */
  readonly expires: string;
  /** How often it has let somebody in. */
  readonly uses: number;
  /** When it last did (ISO 8601); `null` for never. */
  readonly "last_used": string | null;
}

/** A new link; its token is shown this once. */
export interface NewLinkJson extends LinkJson {
  /** What stands in for the channel's password. */
  readonly token: string;
}

/**
 * Makes a link to a channel of a manager's.
 *
 * @param query `channel`, `expires` as a time such as `7d`, and for an operator `user`.
 * @throws {Refusal} `forbidden` for another user's channel, `bad-request`, or `limit`.
 */
export function createLink(
  links: LinkStore,
  manager: Manager,
  query: URLSearchParams,
): NewLinkJson {
  const user = query.get("user") ?? manager.user;
  if (!manages(manager, user)) throw forbidden();
  const channel = query.get("channel") ?? DEFAULT_CHANNEL;
  requireName("user", nameProblem(user));
  requireName("channel", channelProblem(channel));
  const link = links.create(user, channel, secondsOf(query.get("expires")));
  return { ...linkJson(link), token: link.token };
}

/** The links of a manager's channels, with their use at all servers. */
export async function linksOf(
  context: ManagedContext,
  { user, isAdmin }: Manager,
): Promise<LinkJson[]> {
  const question = isAdmin ? {} : { user };
  const { answers } = await askAll(context, { ask: "links", ...question });
  const used = new Map<string, Pick<WatchLink, "uses" | "lastUsed">>();
  for (const each of answers.flatMap(({ answer }) => answer).filter(isUsed)) {
    const { uses = 0, lastUsed = 0 } = used.get(each.id) ?? {};
    used.set(each.id, {
      uses: uses + each.uses,
      lastUsed: Math.max(lastUsed, each.lastUsed ?? 0) || undefined,
    });
  }
  return context.links.of(isAdmin ? undefined : user)
    .map((link) => linkJson({ ...link, ...used.get(link.id) }));
}

/**
 * Voids a link of a manager's; one that does not exist is refused like another user's.
 *
 * @throws {Refusal} `forbidden`.
 */
export function revokeLink(
  links: LinkStore,
  manager: Manager,
  id: string,
): void {
  const link = links.find(id);
  if (!link || !manages(manager, link.user)) throw forbidden();
  links.revoke(id);
}

function requireName(whose: string, problem: string | undefined): void {
  if (problem === undefined) return;
  throw new Refusal("bad-request", `the ${whose}'s name ${problem}`);
}

function forbidden(): Refusal {
  return new Refusal("forbidden", "you have no such channel or link");
}

function secondsOf(text: string | null): number {
  if (text === null) return DEFAULT_LINK_S;
  try {
    const seconds = parseSeconds(text, MAX_LINK_S);
    if (seconds > 0) return seconds;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const days = MAX_LINK_S / 24 / 3600;
  throw new Refusal("bad-request", `expires expects a time up to ${days}d`);
}

function linkJson(link: WatchLink): LinkJson {
  const { id, user, channel, uses, lastUsed } = link;
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    ...{ id, user, channel, uses },
    created: time(link.created),
    expires: time(link.expires),
    last_used: lastUsed === undefined ? null : time(lastUsed),
  };
}

/** What every server tells of a link's use. */
type Used = Pick<WatchLink, "id" | "uses" | "lastUsed">;

function isUsed(value: unknown): value is Used {
  const { id, uses, lastUsed = 0 } = (value ?? {}) as Partial<Used>;
  return typeof id === "string" && Number.isSafeInteger(uses) &&
    isTime(lastUsed);
}
