import type { Announcement } from "./announcement.ts";
import type { BusMessage } from "./bus.ts";
import type { ClusterContext } from "./context.ts";
import { FeedPulls } from "./feed_pulls.ts";
import { FeedTarget } from "./feed_target.ts";
import { decodeMedia, MEDIA_KIND, type MediaMessage } from "./media_message.ts";
import { type Piece, Splice } from "./splice.ts";
import { StreamEntry } from "./stream_entry.ts";
import {
  readStreamHead,
  readStreamState,
  type StreamState,
} from "./stream_head.ts";

/** Milliseconds without a watcher after which a channel is not fed any more: longer than a player takes to reconnect. */
const UNWATCHED_MS = 10_000;

/** Bytes that are gathered before the channel is opened, at most; the rest is appended as it comes. */
const MAX_OPENING_BYTES = 16 * 1024 * 1024;

/** Milliseconds for opening: what takes longer is not found. */
const OPENING_MS = 5000;

/** Why a feed has ended. */
export type FeedEnd =
  /** Something else feeds the channel, or the channel has ended. */
  | "over"
  /** The node that it came from does not have it any more, or does not answer. */
  | "lost"
  /** It has no watchers here. */
  | "unwatched";

/** Told how a feed gets on. */
export interface FeedEvents {
  /** The channel has what the other node has. */
  readonly onOpen: (feed: Feed) => void;
  /** It has ended. */
  readonly onEnd: (feed: Feed, why: FeedEnd, reason: string) => void;
}

/**
 * Feeds a channel of this node with a broadcast that another one receives: gathers what that one keeps of it, opens the
 * channel, and appends what arrives. What is lost on the way is asked for again.
 */
export class Feed {
  /** What it feeds from; the node changes when the broadcast is handed over. */
  source: Announcement;
  readonly #context: ClusterContext;
  readonly #events: FeedEvents;
  readonly #pulls: FeedPulls;
  readonly #ends: (() => void)[];
  /** Since when it gathers. */
  #openingSince: number;
  readonly #opened = Promise.withResolvers<boolean>();
  #entry: StreamEntry | undefined;
  /** Offset in the broadcast, at or behind which it is entered. */
  #least = 0;
  /** `undefined` until it is known where it is entered. */
  #splice: Splice | undefined;
  /** What has come before the channel is opened. */
  #gathered: Piece[] = [];
  #gatheredBytes = 0;
  readonly #target: FeedTarget;
  #isOpen = false;
  #isOver = false;
  #ending: { readonly state: StreamState; readonly offset: number } | undefined;
  #awaited: { readonly offset: number; readonly resolve: () => void }[] = [];
  #watchedAt: number;

  /**
   * Begins to gather.
   *
   * @param number Tells the feeds of this node apart.
   */
  constructor(
    context: ClusterContext,
    number: number,
    source: Announcement,
    events: FeedEvents,
  ) {
    this.#context = context;
    this.source = source;
    this.#events = events;
    this.#openingSince = this.#watchedAt = context.now();
    const { buses: { media }, subjects, node } = context;
    const inbox = subjects.inbox(node, number);
    const take = (message: BusMessage): void => this.#take(message);
    this.#ends = [
      media.subscribe(subjects.live(source.id), take),
      media.subscribe(inbox, take),
    ];
    this.#target = new FeedTarget(context, source, () => this.#revoked());
    const received = this.#target.resumableAt;
    if (received !== undefined) {
      this.#splice = new Splice(received);
      this.#isOpen = true;
    }
    this.#pulls = new FeedPulls(context, inbox);
    this.#pull();
  }

  /** Settles once the channel is open, with `false` when it cannot be. */
  get opened(): Promise<boolean> {
    return this.#opened.promise;
  }

  /** Whether it has opened the channel. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Offset in the broadcast of the next byte. */
  get next(): number {
    return this.#splice?.next ?? 0;
  }

  /** Continues from another node, which the broadcast was handed over to. */
  move(source: Announcement): void {
    this.source = source;
    this.#pulls.restart();
    this.#pull();
  }

  /** Resolves once everything before an offset has been appended. */
  async until(offset: number): Promise<void> {
    if (this.next >= offset) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited.push({ offset, resolve });
    this.#pull();
    await promise;
  }

  /** Ends it, with the channel held for a broadcaster of this node. */
  release(): void {
    this.#stop();
    this.#target.hold(false);
  }

  /** Ends it; the channel stays as it is. */
  stop(): void {
    this.#stop();
  }

  /** Called several times a second: asks for what is missing, and notices when the other node is gone. */
  tick(now: number): void {
    if (this.#isOver) return;
    const gone = this.#pulls.tick(now);
    if (gone !== undefined) return this.#end("lost", gone);
    if (!this.#isOpen && now - this.#openingSince >= OPENING_MS) {
      return this.#end("lost", "its node takes too long to answer");
    }
    if (this.#pulls.isDue(now, !this.#isOpen || this.#hasGap)) this.#pull();
    const { user, channel } = this.source;
    const { hub } = this.#context;
    const isWatched = (hub.find(user, channel)?.watchers ?? 0) > 0 ||
      hub.isAwaited(user, channel);
    if (isWatched || !this.#isOpen) this.#watchedAt = now;
    if (now - this.#watchedAt >= UNWATCHED_MS) {
      this.#end("unwatched", "it has no watchers here");
    }
  }

  get #hasGap(): boolean {
    return this.#splice?.hasGap ?? false;
  }

  #pull(): void {
    const { id, node } = this.source;
    // A lead of which a part was lost is sent again from its start.
    if (this.#entry?.isComplete === false) this.#enter(this.#least);
    this.#pulls.pull(id, node, this.#splice?.next ?? -1 - this.#least);
  }

  /** Gathers from a join point on, at or behind an offset of the broadcast. */
  #enter(least: number): void {
    this.#least = least;
    this.#entry = this.#splice = undefined;
    this.#gathered = [];
    this.#gatheredBytes = 0;
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const end of this.#ends) end();
    for (const { resolve } of this.#awaited) resolve();
    this.#opened.resolve(false);
  }

  #end(why: FeedEnd, reason: string): void {
    this.#stop();
    if (why === "lost") this.#target.hold(false);
    this.#events.onEnd(this, why, reason);
  }

  #take({ data, hasNoResponders }: BusMessage): void {
    if (this.#isOver) return;
    if (hasNoResponders) {
      this.#pulls.noResponders();
      if (!this.#isOpen) this.#end("lost", "its node is gone");
      return;
    }
    const message = decodeMedia(data);
    if (!message) return;
    this.#pulls.heard();
    this.#takeMessage(message);
  }

  #takeMessage(message: MediaMessage): void {
    const { kind, offset, body } = message;
    if (kind === MEDIA_KIND.live) this.#takeBytes(message, false);
    else if (kind === MEDIA_KIND.page) this.#takeBytes(message, true);
    else if (kind === MEDIA_KIND.head) this.#takeHead(body);
    else if (kind === MEDIA_KIND.lead) this.#entry?.add(offset, body);
    else if (kind === MEDIA_KIND.pageEnd) {
      this.#pulls.answered();
      this.#takeState(readStreamState(body), offset);
      if (this.next < offset) this.#pull();
      else if (!this.#isOpen) this.#open();
    } else if (kind === MEDIA_KIND.state) {
      this.#takeState(readStreamState(body), offset);
    } else if (kind === MEDIA_KIND.gone) {
      this.#end("lost", "its node does not have it any more");
    }
  }

  #takeHead(body: Uint8Array): void {
    const head = readStreamHead(body);
    if (!head) return;
    const { from } = head;
    if (this.#splice && from <= this.#splice.next) return;
    if (this.#splice) this.#jump(from);
    this.#entry = new StreamEntry(head);
    this.#splice = new Splice(from);
  }

  /** What comes next is gone at the other node. */
  #jump(from: number): void {
    const { counts, logger } = this.#context;
    const { user, channel } = this.source;
    const lost = from - this.next;
    counts.jumps++;
    counts.lostBytes += lost;
    logger.log("feed-jump", { user, channel, bytes: lost });
    this.#isOpen = false;
    this.#openingSince = this.#context.now();
    this.#enter(this.next);
  }

  #takeBytes(
    { offset, body: bytes, age }: MediaMessage,
    isPage: boolean,
  ): void {
    // Live bytes wait for the answer that tells where the broadcast is entered.
    if (!this.#splice) return;
    const pieces = this.#splice.take({ offset, bytes, age });
    if (!this.#isOpen) {
      for (const piece of pieces) this.#gather(piece);
      return;
    }
    if (pieces.length > 0) this.#append(pieces, isPage);
    if (this.#hasGap && this.#pulls.isIdle) {
      this.#context.counts.repairs++;
      this.#pull();
    }
  }

  #gather(piece: Piece): void {
    this.#gathered.push({ ...piece, bytes: piece.bytes.slice() });
    this.#gatheredBytes += piece.bytes.length;
    if (this.#gatheredBytes >= MAX_OPENING_BYTES) this.#open();
  }

  #append(pieces: readonly Piece[], isPage: boolean): void {
    if (this.#target.append(pieces, isPage)) this.#settle();
  }

  /** Tells those that wait for an offset, and ends the broadcast when its last byte has been appended. */
  #settle(): void {
    const isReached = ({ offset }: { offset: number }): boolean =>
      offset <= this.next;
    for (const { resolve } of this.#awaited.filter(isReached)) resolve();
    this.#awaited = this.#awaited.filter((each) => !isReached(each));
    if (this.#ending) this.#takeState(this.#ending.state, this.#ending.offset);
  }

  /** Appends everything at once, so that a watcher that waits finds the newest join point. */
  #open(): void {
    const { counts, now } = this.#context;
    if (!this.#entry?.isComplete) return this.#pull();
    const refused = this.#target.open(this.source, this.#entry);
    if (refused !== undefined) return this.#end("over", refused);
    counts.feeds++;
    counts.openSeconds += (now() - this.#openingSince) / 1000;
    this.#isOpen = true;
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#append(gathered, true);
    this.#opened.resolve(true);
    this.#events.onOpen(this);
  }

  #revoked(): void {
    if (!this.#isOver) this.#end("over", "something else feeds the channel");
  }

  #takeState(state: StreamState, offset: number): void {
    this.#ending = undefined;
    if (state.state === "live") {
      if (this.#isOpen) this.#target.attach();
      return;
    }
    if (!this.#isOpen || this.next < offset) {
      this.#ending = { state, offset };
      if (this.#isOpen) this.#pull();
      return;
    }
    if (state.state === "held") return this.#target.hold(state.how === "clean");
    this.#end("over", "the broadcast ended");
    this.#target.end(state.how);
  }
}
