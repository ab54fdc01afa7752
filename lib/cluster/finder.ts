import {
  type Announcement,
  keyOfAnnounced,
  readAnnouncement,
} from "./announcement.ts";
import type { ClusterContext } from "./context.ts";
import { readFields } from "./json.ts";

/** Milliseconds for an answer of another node about a channel. */
const ASK_MS = 1000;

/**
 * Milliseconds for which it is remembered that no node has a channel, so that those who ask for it again and again cost
 * the bus one request a second. That it has gone live is told by an announcement, which may be lost with a connection.
 */
const MISSING_MS = 1000;

/** Channels that no node has and that are remembered: 1 MB at most, with the longest names. */
const MAX_MISSING = 2000;

/** Asks the other nodes for channels. */
export class Finder {
  readonly #context: ClusterContext;
  /** When it was said of a channel that no node has it, by its key; the oldest first. */
  readonly #missing: Map<string, number> = new Map();
  /** Announcements so far: one that comes while a request is answered makes its answer out of date. */
  #announcements = 0;

  /** Asks over the control connection. */
  constructor(context: ClusterContext) {
    this.#context = context;
  }

  /** Channels that are remembered as missing. */
  get missing(): number {
    return this.#missing.size;
  }

  /**
   * Asks who has a channel.
   *
   * @param key The channel's key.
   * @returns `undefined` when no node does, or none has answered.
   */
  async find(key: string): Promise<Announcement | undefined> {
    const { buses: { control }, subjects, now } = this.#context;
    if (!control.isConnected || this.#isMissing(key)) return undefined;
    const before = this.#announcements;
    const answer = await control.request(
      subjects.find(key),
      new Uint8Array(),
      ASK_MS,
    );
    if (answer === "no-responders" && before === this.#announcements) {
      this.#missing.set(key, now());
      if (this.#missing.size > MAX_MISSING) this.#forgetOldest();
    }
    if (answer === "no-responders" || answer === "late") return undefined;
    const found = readAnnouncement(readFields(answer));
    return found && keyOfAnnounced(found) === key ? found : undefined;
  }

  /** A node has said that it has a channel. */
  announced(key: string): void {
    this.#announcements++;
    this.#missing.delete(key);
  }

  /** Forgets what may be wrong by now. Called several times a second. */
  tick(now: number): void {
    for (const [key, at] of this.#missing) {
      if (now - at < MISSING_MS) return;
      this.#missing.delete(key);
    }
  }

  #isMissing(key: string): boolean {
    const at = this.#missing.get(key);
    if (at === undefined) return false;
    if (this.#context.now() - at < MISSING_MS) return true;
    // Set again, it is the newest.
    this.#missing.delete(key);
    return false;
  }

  #forgetOldest(): void {
    for (const key of this.#missing.keys()) {
      this.#missing.delete(key);
      return;
    }
  }
}
