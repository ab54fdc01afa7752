import type { Broadcast } from "../hub/broadcast.ts";
import type { Channel } from "../hub/channel.ts";
import type { ClusterContext } from "./context.ts";
import {
  encodeMedia,
  encodeMediaJson,
  MAX_BODY_BYTES,
  MEDIA_KIND,
} from "./media_message.ts";
import type { PullRequest } from "./pull_request.ts";
import type { StreamHead, StreamState } from "./stream_head.ts";

/** Milliseconds without a request after which a node is not sent live media any more; it asks every ten seconds. */
const LEASE_MS = 30_000;

/** Bytes of an answer, so that the node that asks sets the pace. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Milliseconds between the arrivals of two join points that one message of an answer may contain: those of a message
 * get one arrival, by which bursts are measured.
 */
const ARRIVAL_MS = 250;

/** Nodes that are sent to, at most: many times the largest cluster that is documented. */
const MAX_LEASES = 1000;

/**
 * Sends a broadcast of this node to the nodes that have watchers of it: what arrives as one message to all of them,
 * what one asks for to it alone. It is one more watcher of the log: nothing is queued, so a NATS that stalls costs
 * nothing, and nothing is sent while no other node watches.
 */
export class Outlet {
  /** What it sends. */
  readonly broadcast: Broadcast;
  readonly #channel: Channel;
  readonly #context: ClusterContext;
  /** Until when each node is sent live media. */
  readonly #leases: Map<string, number> = new Map();
  /** Counts the requests of each node, so that a later one ends the answer to an earlier one. */
  readonly #turns: Map<string, number> = new Map();
  /** Offset in the broadcast of the next byte that is sent live. */
  #next = 0;
  #isWaiting = false;
  #told = "";
  /** Whether it sends nothing any more. */
  isClosed = false;

  /** Sends the newest broadcast of a channel. */
  constructor(channel: Channel, context: ClusterContext) {
    this.#channel = channel;
    this.broadcast = channel.broadcast;
    this.#context = context;
  }

  /** Nodes that it sends to. */
  get nodes(): number {
    return this.#leases.size;
  }

  /** Answers a request for media, and sends live media to that node from now on. */
  pull(request: PullRequest, reply: string): void {
    const { node } = request;
    if (!this.#leases.has(node) && this.#leases.size >= MAX_LEASES) return;
    if (this.#leases.size === 0) {
      this.#next = this.#end - this.broadcast.base;
      this.#told = JSON.stringify(this.#state());
    }
    this.#leases.set(node, this.#context.now() + LEASE_MS);
    const turn = (this.#turns.get(node) ?? 0) + 1;
    this.#turns.set(node, turn);
    this.#answer(request, reply, () => this.#turns.get(node) === turn);
    this.send();
  }

  /** Sends what has arrived, and how the channel is. */
  readonly send = (): void => {
    this.#channel.unpark(this.send);
    if (this.isClosed || this.#leases.size === 0) return;
    if (!this.#sendLive()) return;
    this.#tellState();
    if (!this.#channel.ended) this.#channel.park(this.send, true);
  };

  /** Called several times a second: forgets the nodes that do not ask any more. */
  tick(now: number): void {
    for (const [node, until] of this.#leases) {
      if (now < until) continue;
      this.#leases.delete(node);
      this.#turns.delete(node);
    }
    if (this.#leases.size === 0) this.#channel.unpark(this.send);
  }

  /** Sends nothing any more. */
  close(): void {
    this.isClosed = true;
    this.#channel.unpark(this.send);
  }

  /** Offset in the log behind the last byte of the broadcast so far. */
  get #end(): number {
    const { end = Infinity, mediaEnd } = this.broadcast;
    return Math.min(this.#channel.log.last, end, mediaEnd);
  }

  /** Offset in the log of the oldest byte that can be sent. */
  get #begin(): number {
    return Math.max(this.#channel.log.first, this.broadcast.begin);
  }

  /** @returns Whether everything was sent; otherwise it continues by itself. */
  #sendLive(): boolean {
    const { buses: { media }, subjects, counts } = this.#context;
    const { base, id } = this.broadcast;
    const subject = subjects.live(id);
    for (;;) {
      // After a stall beyond the log, nodes find out by the gap.
      const at = Math.max(base + this.#next, this.#begin);
      const bytes = this.#read(at);
      if (bytes.length === 0) return true;
      if (media.isFull) {
        this.#sendLater();
        return false;
      }
      media.publish(subject, encodeMedia(MEDIA_KIND.live, at - base, bytes));
      counts.sentBytes += bytes.length;
      this.#next = at - base + bytes.length;
    }
  }

  async #sendLater(): Promise<void> {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    await this.#context.buses.media.whenFree();
    this.#isWaiting = false;
    this.send();
  }

  /** The bytes at an offset of the log that fit into a message. */
  #read(at: number): Uint8Array {
    const left = Math.max(0, this.#end - at);
    if (left === 0) return new Uint8Array();
    return this.#channel.log.read(at).subarray(
      0,
      Math.min(left, MAX_BODY_BYTES),
    );
  }

  #state(): StreamState {
    const { state, isResumable, howEnded } = this.#channel;
    if (state === "ended") return { state, how: howEnded };
    const isClean = state === "held" && !isResumable;
    return { state, how: isClean ? "clean" : "broken" };
  }

  #tellState(): void {
    const state = this.#state();
    const text = JSON.stringify(state);
    if (text === this.#told) return;
    this.#told = text;
    const { buses, subjects } = this.#context;
    const { id, base } = this.broadcast;
    const message = encodeMediaJson(MEDIA_KIND.state, this.#end - base, state);
    buses.media.publish(subjects.live(id), message);
  }

  async #answer(
    { at, max }: PullRequest,
    reply: string,
    isNewest: () => boolean,
  ): Promise<void> {
    const { base } = this.broadcast;
    const least = at < 0 ? -1 - at : at;
    const isGone = base + at < this.#begin;
    let next = at < 0 || isGone ? this.#sendHead(least, reply) : base + at;
    const stop = next + Math.min(max, MAX_PAGE_BYTES);
    const { media } = this.#context.buses;
    while (next < Math.min(stop, this.#end) && next >= this.#begin) {
      if (media.isFull) await media.whenFree();
      if (this.isClosed || !isNewest() || next < this.#begin) return;
      next += this.#sendPage(next, stop, reply);
    }
    const end = this.#end - base;
    media.publish(
      reply,
      encodeMediaJson(MEDIA_KIND.pageEnd, end, this.#state()),
    );
  }

  /** @returns How many bytes were sent. */
  #sendPage(at: number, stop: number, reply: string): number {
    const { buses: { media }, counts, now } = this.#context;
    const { joins, base } = this.broadcast;
    const arrival = joins.atOrBefore(at)?.arrival ?? now();
    const bytes = this.#read(at).subarray(
      0,
      Math.min(stop, this.#laterJoin(at, arrival)) - at,
    );
    const age = now() - arrival;
    media.publish(
      reply,
      encodeMedia(MEDIA_KIND.page, at - base, bytes, age),
    );
    counts.sentBytes += bytes.length;
    return bytes.length;
  }

  /** Offset of the first join point that arrived clearly later than an offset of the log. */
  #laterJoin(at: number, arrival: number): number {
    const { joins } = this.broadcast;
    let join = joins.atOrAfter(at + 1);
    while (join && join.arrival < arrival + ARRIVAL_MS) {
      if (join.offset > at + MAX_BODY_BYTES) break;
      join = joins.atOrAfter(join.offset + 1);
    }
    return join?.offset ?? Infinity;
  }

  /**
   * Says where the broadcast is entered.
   *
   * @param least Offset in the broadcast, at or behind which that is.
   * @returns The offset in the log.
   */
  #sendHead(least: number, reply: string): number {
    const { buses: { media }, entryOf } = this.#context;
    const { broadcast } = this;
    const channel = this.#channel;
    const { from, lead, isJoin } = entryOf(channel, least);
    const { hints, info, hold, continues } = broadcast;
    const head: StreamHead = {
      ...{ from, isJoin, hold, continues },
      leadBytes: lead.length,
      password: channel.password,
      burst: channel.burst,
      lingers: channel.linger === "auto",
      maxLag: channel.allowedLag.limit,
      bufsize: hints?.bufsize ?? 0,
      format: hints?.format ?? info?.container ?? "",
    };
    media.publish(reply, encodeMediaJson(MEDIA_KIND.head, from, head));
    for (let at = 0; at < lead.length; at += MAX_BODY_BYTES) {
      const part = lead.subarray(at, at + MAX_BODY_BYTES);
      media.publish(reply, encodeMedia(MEDIA_KIND.lead, at, part));
    }
    return broadcast.base + from;
  }
}
