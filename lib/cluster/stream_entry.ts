import type { StreamHead } from "./stream_head.ts";

/** Gathers what a node tells of a broadcast before its media. */
export class StreamEntry {
  /** Where and what it is. */
  readonly head: StreamHead;
  /** What a tracker is shown first. */
  readonly lead: Uint8Array;
  #had = 0;

  /** Waits for the lead that a head names. */
  constructor(head: StreamHead) {
    this.head = head;
    this.lead = new Uint8Array(head.leadBytes);
  }

  /** Whether all of the lead has come. */
  get isComplete(): boolean {
    return this.#had === this.lead.length;
  }

  /** Takes a part of the lead; parts come in order, or something was lost. */
  add(offset: number, part: Uint8Array): void {
    if (offset !== this.#had) return;
    if (offset + part.length > this.lead.length) return;
    this.lead.set(part, offset);
    this.#had += part.length;
  }
}
