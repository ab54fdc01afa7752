/** What a process writes to stderr, which can be waited for. */
export class ProcessLog {
  /** Resolves at its end to all of it. */
  readonly ended: Promise<string>;
  #said = "";
  #more = Promise.withResolvers<boolean>();

  /** @param stderr Read to its end. */
  constructor(stderr: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.ended = this.#read(stderr.pipeThrough(new TextDecoderStream()));
  }

  async #read(texts: ReadableStream<string>): Promise<string> {
    for await (const text of texts) {
      this.#said += text;
      this.#more.resolve(true);
      this.#more = Promise.withResolvers();
    }
    this.#more.resolve(false);
    return this.#said;
  }

  /** Waits for a text; a process that takes too long is ended, and the wait with it. */
  async wait(pattern: RegExp): Promise<RegExpExecArray> {
    for (let more = true; more; more = await this.#more.promise) {
      const found = pattern.exec(this.#said);
      if (found) return found;
    }
    throw new Error(`Cannot find ${pattern} in: ${this.#said}`);
  }
}
