import type { Channel } from "../hub/channel.ts";
import type { Publisher } from "../hub/publisher.ts";
import type { Announcement } from "./announcement.ts";
import type { ClusterContext } from "./context.ts";
import type { Piece } from "./splice.ts";
import type { StreamEntry } from "./stream_entry.ts";

/** The channel of this node that a feed appends to. */
export class FeedTarget {
  readonly #context: ClusterContext;
  readonly #source: Announcement;
  readonly #onRevoked: () => void;
  #publisher: Publisher | undefined;
  /** Whether the channel is taken from the feed by itself, to be entered again behind a gap. */
  #isOpening = false;

  /** Opens nothing yet; `onRevoked` is called when something else feeds the channel, or it ended. */
  constructor(
    context: ClusterContext,
    source: Announcement,
    onRevoked: () => void,
  ) {
    this.#context = context;
    this.#source = source;
    this.#onRevoked = onRevoked;
  }

  /** Where the broadcast continues that the channel has already: it was handed over, or its node was away. */
  get resumableAt(): number | undefined {
    const channel = this.#channel;
    return channel?.isResumable ? channel.broadcast.receivedBytes : undefined;
  }

  /**
   * Opens the channel, or enters the broadcast again behind a gap.
   *
   * @returns Why the hub refuses it; `undefined` when it does not.
   */
  open(source: Announcement, { head, lead }: StreamEntry): string | undefined {
    const { hub, trackerFor } = this.#context;
    const { user, channel, id } = source;
    const { from, isJoin, bufsize, continues } = head;
    const hints = { bufsize, format: head.format || undefined };
    this.#isOpening = true;
    try {
      this.#publisher = hub.publish({
        ...{ user, channel, hints, continues },
        channelPassword: head.password,
        hold: head.hold,
        burst: head.burst,
        maxLag: head.maxLag,
        linger: head.lingers ? "auto" : 0,
        tracker: trackerFor(hints),
        entry: { id, from, lead, isJoin },
        onRevoked: this.#revoked,
      });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      this.#isOpening = false;
    }
  }

  /**
   * Appends bytes.
   *
   * @param isLate Whether they come late, so that watchers lag through no fault of their own.
   * @returns Whether there is still something to append to.
   */
  append(pieces: readonly Piece[], isLate: boolean): boolean {
    if (!this.attach()) return false;
    const { channel } = this.#publisher!;
    if (isLate) channel.lateness.excuse();
    for (const { bytes, age } of pieces) this.#publisher!.append(bytes, age);
    return true;
  }

  /** Makes the channel live again if it is held and its broadcaster is back. */
  attach(): boolean {
    const channel = this.#channel;
    if (!channel) return false;
    const isLive = channel.state === "live" && channel.isRemote;
    if (this.#publisher && isLive) return true;
    if (!channel.isResumable) return false;
    const { user, channel: name } = this.#source;
    this.#isOpening = true;
    this.#publisher = this.#context.hub.resume({
      ...{ user, channel: name, isRemote: true },
      onRevoked: this.#revoked,
    });
    this.#isOpening = false;
    return true;
  }

  /** Holds the channel, after a clean end or a break. */
  hold(isClean: boolean): void {
    this.#publisher?.end(isClean ? "clean" : "broken");
  }

  /** Ends the channel as the other node has ended it. */
  end(how: string): void {
    const { user, channel } = this.#source;
    const known = how === "ended" || how === "broken" ? how : "revoked";
    if (!this.#channel) return;
    this.#context.hub.endChannel(user, channel, "it ended", known);
  }

  /** The channel, if it has the broadcast. */
  get #channel(): Channel | undefined {
    const { user, channel, id } = this.#source;
    const found = this.#context.hub.find(user, channel);
    return found?.broadcast.id === id ? found : undefined;
  }

  readonly #revoked = (): void => {
    if (!this.#isOpening) this.#onRevoked();
  };
}
