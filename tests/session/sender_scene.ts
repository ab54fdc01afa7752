import { Ticker } from "../../lib/clock/ticker.ts";
import type { Channel } from "../../lib/hub/channel.ts";
import { Cursor } from "../../lib/hub/cursor.ts";
import type { Connection } from "../../lib/net/connection.ts";
import { Sender, type SenderOptions } from "../../lib/session/sender.ts";
import { openChannel } from "../hub/scripted_media.ts";

/** A connection that takes at most `most` bytes of each write, or stalls, or fails. */
export class ScriptedConnection implements Connection {
  readonly remote = { host: "192.0.2.1", port: 1 };
  readonly viaProxy = false;
  readonly secure = false;
  readonly localPort = 61920;
  readonly gone: Promise<"closed" | "reset"> = new Promise(() => {});
  readonly taken: Uint8Array[] = [];
  readonly given: Uint8Array[] = [];
  readonly #most: number;
  /** What happens to writes: by default they succeed. */
  fate: "takes" | "stalls" | Error = "takes";
  cutReason: string | undefined;
  stalledMs = 0;
  #release: (() => void) | undefined;

  constructor(most = Infinity) {
    this.#most = most;
  }

  get writes(): number {
    return this.given.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.given.push(bytes);
    if (this.fate instanceof Error) throw this.fate;
    // Taken at once, since the system keeps what it writes also when the log frees it.
    const part = bytes.slice(0, this.#most);
    if (this.fate === "stalls") {
      await new Promise<void>((resolve) => this.#release = resolve);
    }
    this.taken.push(part);
    return part.length;
  }

  read(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  discard(): void {}

  /** Lets the write in progress, and all that follow, succeed. */
  release(): void {
    this.fate = "takes";
    this.#release!();
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}

  cut(reason: string): void {
    this.cutReason = reason;
  }
}

/** A cursor that lists what is parked at it. */
export class WatchedCursor extends Cursor {
  readonly parked: Set<() => void> = new Set();

  override park(wake: () => void): void {
    this.parked.add(wake);
    super.park(wake);
  }

  override unpark(wake: () => void): void {
    this.parked.delete(wake);
    super.unpark(wake);
  }
}

/** A sender to a scripted connection; `using` stops it and its ticker. */
export class Scene implements Disposable {
  readonly channel: Channel = openChannel(64).channel;
  readonly cursor: WatchedCursor = new WatchedCursor(this.channel, {
    start: "join",
    burst: 0,
  });
  readonly connection: ScriptedConnection;
  readonly sender: Sender;
  readonly #ticker: Ticker = new Ticker(() => 0);

  constructor(
    options: Partial<SenderOptions> = {},
    connection = new ScriptedConnection(),
  ) {
    this.connection = connection;
    this.sender = new Sender({
      cursor: this.cursor,
      connection,
      ticker: this.#ticker,
      ...options,
    });
  }

  [Symbol.dispose](): void {
    this.sender.stop("the test ended");
    this.#ticker.close();
  }
}
