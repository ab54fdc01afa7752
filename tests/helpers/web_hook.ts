/** A web server of this process that is posted to; `await using` stops it. */
export class WebHook implements AsyncDisposable {
  /** What was posted, in the order of its coming. */
  readonly posted: Record<string, unknown>[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #wakes: Set<() => void> = new Set();

  /**
   * Starts it.
   *
   * @param answer Gives the answer to what was posted; the number counts posts from 0.
   */
  constructor(
    answer: (
      value: Record<string, unknown>,
      index: number,
    ) => Response | Promise<Response>,
  ) {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, async (request) => {
      if (request.method !== "POST") return new Response(null, { status: 405 });
      const value = await request.json();
      const index = this.posted.push(value) - 1;
      for (const wake of this.#wakes) wake();
      return await answer(value, index);
    });
  }

  /** Its address. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/hook`;
  }

  /** Waits until so much was posted. */
  async reached(count: number): Promise<void> {
    while (this.posted.length < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wakes.add(resolve);
      await promise;
      this.#wakes.delete(resolve);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
