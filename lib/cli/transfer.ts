import type { Loss } from "../client/watch_position.ts";

/** A stream that is being transferred, as far as the person at the terminal is concerned. */
export interface Transfer {
  /** Bytes so far. */
  readonly bytes: number;
  /** Successful reconnects so far. */
  readonly reconnects: number;
  /** Whether it waits for the server to be back. */
  readonly isBroken: boolean;
  /** Bytes lost so far, where bytes can be lost. */
  readonly lost?: Loss;
  /** Seconds behind live, where the server tells enough to know. */
  readonly behind?: number | undefined;
  /** Seconds that it was behind live at most. */
  readonly mostBehind?: number | undefined;
  /** Bytes that the server has not acknowledged, where they are kept. */
  readonly retained?: number;
}

/** How a transfer ended. */
export interface TransferEnd {
  /** The command. */
  readonly verb: "watch" | "broadcast";
  /** What was transferred. */
  readonly transfer: Transfer;
  /** Seconds that it took. */
  readonly seconds: number;
  /** Why it is incomplete, in one word; absent when every byte was delivered. */
  readonly reason?: string;
  /** The same in words. */
  readonly message?: string;
}
