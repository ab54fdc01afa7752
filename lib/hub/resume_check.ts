import { Refusal } from "../errors.ts";
import type { Channel } from "./channel.ts";
import type { Elsewhere } from "./elsewhere.ts";

/** What the check needs of the hub. */
interface Channels {
  readonly elsewhere: Elsewhere | undefined;
  find(user: string, channel: string): Channel | undefined;
}

/** Tells who may continue the broadcast of a channel. */
export class ResumeCheck {
  readonly #hub: Channels;
  readonly #sameSecret: (a: string, b: string) => boolean;
  /** Compared with where there is no secret. */
  readonly #noSecret = crypto.randomUUID();

  /** Checks for the channels of a hub; `sameSecret` compares in constant time. */
  constructor(hub: Channels, sameSecret: (a: string, b: string) => boolean) {
    this.#hub = hub;
    this.#sameSecret = sameSecret;
  }

  /**
   * Whether there is a broadcast that could be continued, here or at another server, from which the channel is
   * fed then.
   */
  async isPossible(user: string, channel: string): Promise<boolean> {
    const { elsewhere } = this.#hub;
    if (!this.#hub.find(user, channel)) await elsewhere?.find(user, channel);
    return this.#hub.find(user, channel)?.isResumable ?? false;
  }

  /**
   * Whether a secret continues the broadcast; takes the same time for every wrong one. If another server feeds the
   * channel, that one decides, and hands the broadcast over.
   *
   * @throws {Refusal} `denied` when that server is gone.
   */
  async isRight(
    user: string,
    channel: string,
    secret: string,
  ): Promise<boolean> {
    const found = this.#hub.find(user, channel);
    const resumable = found?.isResumable ? found : undefined;
    if (resumable?.isRemote && this.#hub.elsewhere) {
      const taken = await this.#hub.elsewhere.take(resumable, secret);
      if (taken === undefined) {
        throw new Refusal("denied", "access denied", "its server is gone");
      }
      if (taken) resumable.broadcast.secret = secret;
      return taken;
    }
    const expected = resumable?.broadcast.secret ?? this.#noSecret;
    const equal = this.#sameSecret(secret, expected);
    return equal && resumable !== undefined;
  }
}
