import { Refusal } from "../errors.ts";
import { secretsEqual } from "./passwords/secrets.ts";

/** Links of one user at a time; a list of them can still be read. */
export const MAX_LINKS_PER_USER = 100;

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

type StoredLink = { -readonly [K in keyof WatchLink]: WatchLink[K] } & {
  readonly secret: string;
};

/**
 * Links to watch a channel without its password. A link stands in for the password of one channel, for watching alone,
 * until it expires or is revoked. They are in memory: a restart voids them all, like one-time tokens.
 */
export class LinkStore {
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
    if (
      this.of(user).length >= MAX_LINKS_PER_USER ||
      this.#links.size >= MAX_LINKS
    ) {
      const detail = `${MAX_LINKS_PER_USER} of a user, ${MAX_LINKS} in all`;
      throw new Refusal("limit", "too many links; revoke some", detail);
    }
    const [id, secret] = [randomHex(ID_BYTES), randomHex(SECRET_BYTES)];
    const created = this.#now();
    const expires = created + seconds * 1000;
    const link = { id, user, channel, created, expires, uses: 0 };
    this.#links.set(id, { ...link, secret, lastUsed: undefined });
    return { ...link, lastUsed: undefined, token: `link-${id}-${secret}` };
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
    if (!isSecret || !link || link.expires <= this.#now()) return false;
    if (link.user !== user || link.channel !== channel) return false;
    link.uses++;
    link.lastUsed = this.#now();
    return true;
  }

  /** The valid links of a user, or of all users, the oldest first; without their secrets. */
  of(user?: string): WatchLink[] {
    this.#dropExpired();
    return [...this.#links.values()]
      .filter((link) => user === undefined || link.user === user)
      .map(({ secret: _, ...link }) => link);
  }

  /** The valid link of an id. */
  find(id: string): WatchLink | undefined {
    return this.of().find((link) => link.id === id);
  }

  /** Voids a link. Those who watch already stay. */
  revoke(id: string): void {
    this.#links.delete(id);
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
