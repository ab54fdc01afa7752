import type { ClusterContext } from "./context.ts";
import { asText, readFields, writeJson } from "./json.ts";
import { encodeMedia, MEDIA_KIND } from "./media_message.ts";
import type { Outlet } from "./outlet.ts";
import type { OwnedChannel } from "./owned_channel.ts";
import { readPull } from "./pull_request.ts";
import { keyOf } from "./subjects.ts";

/** Milliseconds that a broadcast which is over is still sent, for nodes that have lost the end. */
const TAIL_MS = 3000;

/** Answers the requests of other nodes for the broadcasts of this one. */
export class Outlets {
  readonly #context: ClusterContext;
  readonly #owned: ReadonlyMap<string, OwnedChannel>;
  /** Those of broadcasts that are over or elsewhere, and until when they send. */
  readonly #tails: Map<Outlet, number> = new Map();
  readonly #ends: (() => void)[];

  /** Answers for channels, by their keys. */
  constructor(
    context: ClusterContext,
    owned: ReadonlyMap<string, OwnedChannel>,
  ) {
    this.#context = context;
    this.#owned = owned;
    const { buses: { control, media }, subjects, node } = context;
    this.#ends = [
      control.subscribe(subjects.take(node), ({ data, reply }) => {
        if (reply) control.publish(reply, writeJson(this.#handOver(data)));
      }),
      media.subscribe(
        subjects.pull(node),
        ({ data, reply }) => this.#pulled(data, reply),
      ),
    ];
  }

  /** Sends what is left of a broadcast that this node does not own any more. */
  retire(outlet: Outlet): void {
    outlet.send();
    if (outlet.nodes === 0 || outlet.isClosed) return outlet.close();
    this.#tails.set(outlet, this.#context.now() + TAIL_MS);
  }

  /** Called several times a second. */
  tick(now: number): void {
    for (const { outlet } of this.#owned.values()) outlet.tick(now);
    for (const [outlet, until] of this.#tails) {
      if (now < until) continue;
      this.#tails.delete(outlet);
      outlet.close();
    }
  }

  /** Answers nothing any more. */
  close(): void {
    for (const end of this.#ends) end();
    for (const outlet of this.#tails.keys()) outlet.close();
    for (const { outlet } of this.#owned.values()) outlet.close();
  }

  #find(id: string): Outlet | undefined {
    for (const { outlet } of this.#owned.values()) {
      if (outlet.broadcast.id === id) return outlet;
    }
    return [...this.#tails.keys()].find((each) => each.broadcast.id === id);
  }

  #pulled(data: Uint8Array, reply: string): void {
    const request = readPull(data);
    if (!request || reply === "") return;
    const outlet = this.#find(request.id);
    if (outlet) return outlet.pull(request, reply);
    const gone = encodeMedia(MEDIA_KIND.gone, 0, new Uint8Array());
    this.#context.buses.media.publish(reply, gone);
  }

  /** Another node continues a broadcast of this one, for a broadcaster that shows its secret there. */
  #handOver(data: Uint8Array): unknown {
    const { hub, sameSecret } = this.#context;
    const fields = readFields(data);
    const user = asText(fields?.user);
    const name = asText(fields?.channel);
    const channel = this.#owned.get(keyOf(user, name))?.channel;
    const isRight = sameSecret(
      asText(fields?.secret),
      channel?.broadcast.secret ?? this.#context.node,
    );
    const isHere = channel?.isResumable &&
      channel.broadcast.id === asText(fields?.id);
    if (!channel || !isHere || !isRight) return { refused: true };
    hub.release(channel, "continued at another node", "resumed");
    return { received: channel.broadcast.receivedBytes };
  }
}
