import type { ClusterContext } from "./context.ts";
import { encodePull } from "./pull_request.ts";

/** Bytes that are asked for at a time: a whole backlog takes few round trips, and a lost answer is no great loss. */
const PULL_BYTES = 4 * 1024 * 1024;

/** Milliseconds without a message after which an answer counts as lost. */
const ANSWER_MS = 700;

/** Answers that are lost in a row until the other node counts as gone. */
const MAX_LOST_ANSWERS = 4;

/** Milliseconds without a message after which a feed asks whether anything was lost. */
const QUIET_MS = 1000;

/** Milliseconds after which it asks in any case, so that the other node continues to send. */
const RENEW_MS = 10_000;

/**
 * Milliseconds in which a node that NATS does not know may come back: after NATS was restarted, this node may be back
 * before the other one.
 */
const ABSENCE_MS = 2000;

/** Asks another node for media, and notices when that one is gone. */
export class FeedPulls {
  readonly #context: ClusterContext;
  readonly #inbox: string;
  /** When the last message of the answer came that is being waited for. */
  #waitingSince: number | undefined;
  #askedAt = -Infinity;
  #heardAt: number;
  #lostAnswers = 0;
  /** Since when NATS knows no node that would answer. */
  #unansweredSince: number | undefined;
  #connectedAt: number | undefined;
  #connects = -1;

  /** Answers go to an inbox. */
  constructor(context: ClusterContext, inbox: string) {
    this.#context = context;
    this.#inbox = inbox;
    this.#heardAt = context.now();
  }

  /** Whether no answer is being waited for. */
  get isIdle(): boolean {
    return this.#waitingSince === undefined;
  }

  /** Asks a node for a broadcast from an offset on; see {@linkcode PullRequest}. */
  pull(id: string, from: string, at: number): void {
    const { node, buses, subjects, now } = this.#context;
    this.#askedAt = this.#waitingSince = now();
    const request = encodePull({ id, node, at, max: PULL_BYTES });
    buses.media.publish(subjects.pull(from), request, this.#inbox);
  }

  /** A message has come. */
  heard(): void {
    this.#heardAt = this.#context.now();
    this.#unansweredSince = undefined;
    this.#lostAnswers = 0;
    if (this.#waitingSince !== undefined) this.#waitingSince = this.#heardAt;
  }

  /** The answer is complete. */
  answered(): void {
    this.#waitingSince = undefined;
  }

  /** NATS knows no node that would answer. */
  noResponders(): void {
    this.#waitingSince = undefined;
    this.#unansweredSince ??= this.#context.now();
  }

  /** Begins again with another node. */
  restart(): void {
    this.#waitingSince = this.#unansweredSince = undefined;
    this.#lostAnswers = 0;
  }

  /**
   * Notices what was lost.
   *
   * @returns Why the other node counts as gone; `undefined` while it does not.
   */
  tick(now: number): string | undefined {
    const { media } = this.#context.buses;
    if (!media.isConnected || media.connects !== this.#connects) {
      this.#connects = media.connects;
      this.#connectedAt = undefined;
      this.restart();
    }
    if (!media.isConnected) return undefined;
    this.#connectedAt ??= now;
    const absentSince = Math.max(
      this.#unansweredSince ?? Infinity,
      this.#connectedAt,
    );
    if (now - absentSince >= ABSENCE_MS) return "its node is gone";
    if (this.#waitingSince === undefined) return undefined;
    if (now - this.#waitingSince < ANSWER_MS) return undefined;
    this.#waitingSince = undefined;
    this.#lostAnswers++;
    return this.#lostAnswers >= MAX_LOST_ANSWERS
      ? "its node does not answer"
      : undefined;
  }

  /** Whether it is time to ask; `isMissing` tells whether bytes are known to be missing. */
  isDue(now: number, isMissing: boolean): boolean {
    if (!this.isIdle || !this.#context.buses.media.isConnected) return false;
    return isMissing || this.#unansweredSince !== undefined ||
      this.#lostAnswers > 0 || this.#askedAt < (this.#connectedAt ?? 0) ||
      now - this.#heardAt >= QUIET_MS || now - this.#askedAt >= RENEW_MS;
  }
}
