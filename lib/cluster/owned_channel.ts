import type { Channel } from "../hub/channel.ts";
import type { Announcement } from "./announcement.ts";
import type { ClusterContext } from "./context.ts";
import { writeJson } from "./json.ts";
import { Outlet } from "./outlet.ts";
import { keyOf } from "./subjects.ts";

/** A channel whose broadcaster is at this node. */
export class OwnedChannel {
  /** The channel. */
  readonly channel: Channel;
  /** What the other nodes are told. */
  readonly announcement: Announcement;
  /** Sends it to them. */
  readonly outlet: Outlet;
  readonly #context: ClusterContext;
  readonly #endFind: () => void;

  /** Tells the other nodes that it is here, and answers those that look for it. */
  constructor(channel: Channel, stamp: number, context: ClusterContext) {
    const { user, name, broadcast: { id } } = channel;
    const { node, buses: { control }, subjects } = context;
    this.channel = channel;
    this.announcement = { user, channel: name, id, stamp, node };
    this.outlet = new Outlet(channel, context);
    this.#context = context;
    const subject = subjects.find(keyOf(user, name));
    this.#endFind = control.subscribe(subject, ({ reply }) => {
      if (reply) control.publish(reply, writeJson(this.announcement));
    });
    this.announce();
  }

  /** Whether it has a broadcaster, so that an older broadcast elsewhere must yield. */
  get isLive(): boolean {
    return this.channel.state === "live" && !this.channel.isRemote;
  }

  /** Tells the other nodes again, if it is live. */
  announce(): void {
    const { buses: { control }, subjects } = this.#context;
    if (this.isLive) control.publish(subjects.up, writeJson(this.announcement));
  }

  /** Does not answer for it any more. */
  close(): void {
    this.#endFind();
  }
}
