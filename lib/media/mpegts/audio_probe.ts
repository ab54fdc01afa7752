import { PesReader } from "./pes.ts";
import { AUDIO_HEAD_BYTES, audioCodec } from "./stream_kind.ts";

/** Reads the first bytes of audio in MPEG-TS until they identify the codec. */
export class AudioProbe {
  readonly #type: number;
  readonly #pes = new PesReader();
  readonly #head = new Uint8Array(AUDIO_HEAD_BYTES);
  #filled = 0;

  /** Probes a stream of this stream_type. */
  constructor(type: number) {
    this.#type = type;
  }

  /**
   * Reads the payload of a transport packet.
   *
   * @param starts Whether a PES packet begins with it.
   * @returns The codec string, once it is known.
   */
  push(
    bytes: Uint8Array,
    from: number,
    to: number,
    starts: boolean,
  ): string | undefined {
    if (starts) {
      this.#pes.reset(true);
      this.#filled = 0;
    }
    if (!this.#pes.open || this.#filled === AUDIO_HEAD_BYTES) return;
    const at = this.#pes.push(bytes, from, to);
    const taken = Math.min(to - at, AUDIO_HEAD_BYTES - this.#filled);
    this.#head.set(bytes.subarray(at, at + taken), this.#filled);
    this.#filled += taken;
    if (this.#filled < AUDIO_HEAD_BYTES) return;
    return audioCodec(this.#type, this.#head);
  }
}
