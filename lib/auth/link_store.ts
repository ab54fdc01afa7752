import { Refusal } from "../errors.ts";
import { channelProblem, nameProblem } from "./users/names.ts";
import { secretsEqual } from "./passwords/secrets.ts";

/** Links of one user at a time; a list of them can still be read. */
export const MAX_LINKS_PER_USER = 100;

/** Links of one user, with those that were revoked and that other servers may still hear of. */
export const MAX_KEPT_PER_USER = 1000;

/** Links in all: some 5 MB. */
export const MAX_LINKS = 10_000;

/** Seconds that a link is valid at most: longer ones are forgotten about, and still let people in. */
export const MAX_LINK_S: number = 31 * 24 * 3600;

/** Random bytes of a link's secret: 192 bits, more than the 128 that cannot be guessed. */
const SECRET_BYTES = 24;

/** Random bytes of a link's id, which is not secret. */
const ID_BYTES = 6;

/** What a link's token looks like, so that no other password is looked up. */
const TOKEN = /^link-([0-9a-f]{12})-([0-9a-f]{48})$/;

/** The right to watch one channel for some time, as its user sees it; times in milliseconds since 1970. */
export interface WatchLink {
  /** Names the link; not secret. */
  readonly id: string;
  /** Whose channel. */
  readonly user: string;
  /** The channel. */
  readonly channel: string;
  /** When it was made. */
  readonly created: number;
  /** When it ends. */
  readonly expires: number;
  /** How often it has let somebody in. */
  readonly uses: number;
  /** When it last did. */
  readonly lastUsed: number | undefined;
}

/** A link as the servers of a cluster tell it to each other. */
export interface SharedLink
  extends Pick<WatchLink, "id" | "user" | "channel" | "created" | "expires"> {
  /** What its token ends with: hexadecimal. */
  readonly secret: string;
  /** Whether it is void. Once it is, it stays so. */
  readonly revoked: boolean;
}

type StoredLink =
  & { -readonly [K in keyof SharedLink]: SharedLink[K] }
  & { uses: number; lastUsed: number | undefined };

/**
 * Links to watch a channel without its password. A link stands in for the password of one channel, for watching alone,
 * until it expires or is revoked. They are in memory: a restart voids them all, like one-time tokens, unless another
 * server of a cluster has them too.
 */
export class LinkStore {
  /** Told of each link that is made or revoked here, so that other servers hear of it. */
  onChange: ((link: SharedLink) => void) | undefined;
  readonly #links: Map<string, StoredLink> = new Map();
  readonly #now: () => number;
  // Compared with where there is no link, to take the same time.
  readonly #noSecret = randomHex(SECRET_BYTES);

  /** Makes an empty store; `now` is milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Makes a link.
   *
   * @param seconds How long it is valid, at most {@linkcode MAX_LINK_S}.
   * @returns It, and the token that lets its holder in: shown once, and kept nowhere else.
   * @throws {Refusal} `limit` when there are too many.
   */
  create(
    user: string,
    channel: string,
    seconds: number,
  ): WatchLink & { readonly token: string } {
    this.#dropExpired();
    const kept = [...this.#links.values()].filter((each) => each.user === user);
    if (
      this.of(user).length >= MAX_LINKS_PER_USER ||
      kept.length >= MAX_KEPT_PER_USER || this.#links.size >= MAX_LINKS
    ) {
      const detail = `${MAX_LINKS_PER_USER} of a user, ${MAX_LINKS} in all`;
      throw new Refusal("limit", "too many links; revoke some", detail);
    }
    const [id, secret] = [randomHex(ID_BYTES), randomHex(SECRET_BYTES)];
    const created = this.#now();
    const expires = created + seconds * 1000;
    const shared = { id, user, channel, created, expires, secret };
    const link = { ...shared, revoked: false };
    this.#links.set(id, { ...link, uses: 0, lastUsed: undefined });
    this.onChange?.(link);
    return { ...this.find(id)!, token: `link-${id}-${secret}` };
  }

  /**
   * Tells whether a token lets its holder watch a channel, and counts it as a use if it does.
   *
   * @param given What a watcher gave as the channel's password.
   */
  use(user: string, channel: string, given: string): boolean {
    const [, id = "", secret = ""] = TOKEN.exec(given) ?? [];
    if (id === "") return false;
    const link = this.#links.get(id);
    const isSecret = secretsEqual(secret, link?.secret ?? this.#noSecret);
    if (!isSecret || !link || link.revoked) return false;
    if (link.expires <= this.#now()) return false;
    if (link.user !== user || link.channel !== channel) return false;
    link.uses++;
    link.lastUsed = this.#now();
    return true;
  }

  /** The valid links of a user, or of all users, the oldest first; without their secrets. */
  of(user?: string): WatchLink[] {
    this.#dropExpired();
    return [...this.#links.values()]
      .filter((link) => !link.revoked)
      .filter((link) => user === undefined || link.user === user)
      .map(({ secret: _secret, revoked: _revoked, ...link }) => link);
  }

  /** The valid link of an id. */
  find(id: string): WatchLink | undefined {
    return this.of().find((link) => link.id === id);
  }

  /** Voids a link, at all servers. Those who watch already stay. */
  revoke(id: string): void {
    const link = this.#links.get(id);
    if (!link) return;
    link.revoked = true;
    if (!this.onChange) this.#links.delete(id);
    this.onChange?.(sharedOf(link));
  }

  /** Everything that other servers should know, revoked links too. */
  shared(): SharedLink[] {
    this.#dropExpired();
    return [...this.#links.values()].map(sharedOf);
  }

  /** The same at two servers that know the same, whatever the order in which they heard of it. */
  get digest(): string {
    this.#dropExpired();
    let digest = 0;
    for (const { id, revoked } of this.#links.values()) {
      digest ^= hashOf(`${id}${revoked}`);
    }
    return `${this.#links.size}-${digest >>> 0}`;
  }

  /** Takes over what another server knows; what is no link, or one too many, is ignored. */
  merge(values: readonly unknown[]): void {
    for (const value of values) {
      const link = readShared(value, this.#now());
      const known = link && this.#links.get(link.id);
      if (known) known.revoked ||= link.revoked;
      else if (link && this.#links.size < MAX_LINKS) {
        this.#links.set(link.id, { ...link, uses: 0, lastUsed: undefined });
      }
    }
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const { id, expires } of this.#links.values()) {
      if (expires <= now) this.#links.delete(id);
    }
  }
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

function sharedOf(
  { uses: _uses, lastUsed: _lastUsed, ...shared }: StoredLink,
): SharedLink {
  return shared;
}

/** Reads a link of another server; `undefined` for what is none, or has expired. */
function readShared(value: unknown, now: number): SharedLink | undefined {
  const { id, user, channel, created, expires, secret, revoked } =
    (value ?? {}) as Partial<Record<keyof SharedLink, unknown>>;
  const isLink = typeof id === "string" && typeof secret === "string" &&
    TOKEN.test(`link-${id}-${secret}`) && typeof user === "string" &&
    nameProblem(user) === undefined && typeof channel === "string" &&
    channelProblem(channel) === undefined && isTime(created) &&
    isTime(expires) && typeof revoked === "boolean";
  if (!isLink) return undefined;
  // The other server's clock may be ahead.
  const isInTime = expires > now && expires <= now + 2 * MAX_LINK_S * 1000;
  if (!isInTime || created > expires) return undefined;
  return { id, user, channel, created, expires, secret, revoked };
}

/** Milliseconds since 1970 that a date can show (ECMA-262, §21.4.1.1). */
const MAX_TIME = 8.64e15;

/** Whether a value is a time in milliseconds since 1970. */
export function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MAX_TIME;
}

/** FNV-1a of a text of ASCII. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}
