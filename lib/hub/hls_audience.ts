import type { MemoryBudget } from "./memory/memory_budget.ts";
import { RateMeter } from "./rate_meter.ts";
import type { Totals } from "./channel_options.ts";
import type { Viewer } from "./viewer.ts";

/** Players of a channel that are told apart; further ones are counted by the requests of segments alone. */
export const MAX_PLAYERS = 1000;

/** Milliseconds without a request after which a player has left: three times what a long segment takes. */
export const PLAYER_GONE_MS = 30_000;

/** Bytes that a player takes in memory. */
const PLAYER_BYTES = 1024;

/** Characters of a `User-Agent` that tell players apart. */
const MAX_AGENT_CHARS = 200;

/** Who asks for a playlist or a segment. */
export interface HlsClient {
  /** Its IP address. */
  readonly host: string;
  /** `ip:port` of the connection. */
  readonly remote: string;
  /** The name of its program; empty where it gives none. */
  readonly agent: string;
}

/** A player of HLS: what asks from one IP address with one `User-Agent`. */
export class HlsPlayer implements Viewer {
  readonly protocol = "hls";
  /** It loads segments as it can, and never skips by the server's decision. */
  readonly skips = 0;
  readonly skippedBytes = 0;
  /** Number of the watcher, which no other of the hub has or had. */
  readonly id: number;
  /** When it came, in milliseconds on the hub's clock. */
  readonly since: number;
  /** `ip:port` of its newest connection. */
  remote: string;
  /** When it asked for something last. */
  seenAt: number;
  /** Bytes of segments that it was sent. */
  sentBytes = 0;
  /** Offset in the log behind the newest segment that it was sent: behind live is what came after that. */
  offset: number | undefined;
  /** Why it is refused, once it was disconnected by hand. */
  kicked: string | undefined;
  readonly #rate: RateMeter;

  /** Comes `now`. */
  constructor(id: number, { remote }: HlsClient, now: number) {
    this.id = id;
    this.since = this.seenAt = now;
    this.remote = remote;
    this.#rate = new RateMeter(now);
  }

  /** Notes that it was sent a segment, or the rest of it. */
  sent(bytes: number, end: number): void {
    this.sentBytes += bytes;
    this.offset = Math.max(this.offset ?? 0, end);
  }

  /** Bits per second; see {@linkcode RateMeter.bitrate}. */
  bitrate(now: number): number {
    return this.#rate.bitrate(this.sentBytes, now);
  }
}

/** What an {@linkcode HlsAudience} needs of its channel. */
export interface HlsAudienceContext {
  /** Milliseconds on the hub's clock. */
  readonly now: () => number;
  /** Where watchers are numbered. */
  readonly totals: Totals;
  /** What all channels may hold together. */
  readonly memory: MemoryBudget;
}

/** The players of a channel, as far as their requests tell them apart: HLS has no connection that stays. */
export class HlsAudience {
  readonly #context: HlsAudienceContext;
  /** By what tells them apart; the one that has asked for nothing for longest comes first. */
  readonly #players: Map<string, HlsPlayer> = new Map();
  #isClosed = false;

  /** No player has asked for anything yet. */
  constructor(context: HlsAudienceContext) {
    this.#context = context;
  }

  /**
   * Notes a request.
   *
   * @returns The player; `undefined` when there are too many, or the channel has ended.
   */
  seen(client: HlsClient): HlsPlayer | undefined {
    const key = keyOf(client);
    const now = this.#context.now();
    this.tick();
    const player = this.#players.get(key) ?? this.#create(client, now);
    if (!player) return undefined;
    player.seenAt = now;
    player.remote = client.remote;
    this.#players.delete(key);
    this.#players.set(key, player);
    return player;
  }

  /** Lets a player in again that was disconnected: it was authorized once more. */
  readmit(client: HlsClient): void {
    const key = keyOf(client);
    if (this.#players.get(key)?.kicked !== undefined) this.#delete(key);
  }

  /** The players that have not left, in the order in which they came; those that were disconnected left out. */
  get players(): HlsPlayer[] {
    this.tick();
    return [...this.#players.values()].filter(({ kicked }) => !kicked)
      .sort((a, b) => a.id - b.id);
  }

  /** Refuses what a player asks for from now on, until it is let in again. @returns Whether there is one. */
  kick(id: number, why: string): boolean {
    const player = this.players.find((each) => each.id === id);
    if (player) player.kicked = why;
    return player !== undefined;
  }

  /** Called several times a second: forgets those that have left. */
  tick(): void {
    const since = this.#context.now() - PLAYER_GONE_MS;
    for (const [key, { seenAt }] of this.#players) {
      if (seenAt >= since) return;
      this.#delete(key);
    }
  }

  /** Forgets all, for good. */
  close(): void {
    this.#isClosed = true;
    for (const key of this.#players.keys()) this.#delete(key);
  }

  #create(client: HlsClient, now: number): HlsPlayer | undefined {
    if (this.#isClosed || this.#players.size >= MAX_PLAYERS) return undefined;
    const { totals, memory } = this.#context;
    memory.change("session", PLAYER_BYTES);
    return new HlsPlayer(++totals.watchers, client, now);
  }

  #delete(key: string): void {
    if (!this.#players.delete(key)) return;
    this.#context.memory.change("session", -PLAYER_BYTES);
  }
}

function keyOf({ host, agent }: HlsClient): string {
  return `${host} ${agent.slice(0, MAX_AGENT_CHARS)}`;
}
