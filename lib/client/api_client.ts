import { Refusal, type RefusalCode, REFUSALS, UsageError } from "../errors.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { ANSWER_MS, type ClientTls } from "./client_options.ts";
import { connectionErrorOf, readAuthorities } from "./connect.ts";
import { ConnectionError } from "./connection_error.ts";
import { Deadline } from "./deadline.ts";

/** Bytes of an answer at most: twenty thousand channels. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** How to reach a server's API. */
export interface ApiOptions {
  /** Where servers listen that stand in for one another, in the order in which they are tried. */
  readonly addresses: readonly Address[];
  /** Present to speak TLS. */
  readonly tls?: ClientTls | undefined;
  /** Who signs in; nobody by default. */
  readonly credentials?:
    | { readonly user: string; readonly password: string }
    | { readonly token: string }
    | undefined;
  /** Gives up when it is aborted. */
  readonly signal: AbortSignal;
}

/** Asks a server's API. */
export class ApiClient implements Disposable {
  readonly #options: ApiOptions;
  readonly #http: Deno.HttpClient;
  /** Index of the server that answered last. */
  #current = 0;

  /** Takes over the client; {@linkcode ApiClient.open} makes one. */
  constructor(options: ApiOptions, http: Deno.HttpClient) {
    this.#options = options;
    this.#http = http;
  }

  /**
   * Prepares to ask; connects to nothing yet.
   *
   * @throws {UsageError} When the file of trusted certificates cannot be used.
   */
  static async open(options: ApiOptions): Promise<ApiClient> {
    const caCerts = await readAuthorities(options.tls);
    return new ApiClient(options, Deno.createHttpClient({ caCerts }));
  }

  /** Whether somebody signs in as a user. */
  get isSignedIn(): boolean {
    const { credentials } = this.#options;
    return credentials !== undefined && "user" in credentials;
  }

  /**
   * For what is told to users alone.
   *
   * @throws {UsageError} When nobody signs in.
   */
  requireUser(): void {
    if (this.isSignedIn) return;
    throw new UsageError(
      "the user is missing",
      "name who signs in: --user NAME",
    );
  }

  /**
   * Asks for JSON.
   *
   * @param path From `/` on, with its query, percent-encoded.
   * @throws {Refusal} When the server refuses.
   * @throws {ConnectionError} When there is no connection, or no answer of an fstream server.
   * @throws The signal's reason when it is aborted.
   */
  async ask(path: string, method: "GET" | "POST" = "GET"): Promise<unknown> {
    using deadline = new Deadline(ANSWER_MS, this.#options.signal);
    const { signal } = deadline;
    const response = await this.#request(path, method, signal);
    const text = await guarded(signal, () => readText(response));
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new ConnectionError("http", "The answer is not JSON", cause);
    }
  }

  /**
   * Follows server-sent events until the server ends them.
   *
   * @returns The data of each event.
   * @throws As {@linkcode ApiClient.ask} does.
   */
  async *follow(path: string): AsyncGenerator<unknown> {
    const { signal } = this.#options;
    const response = await this.#request(path, "GET", signal);
    const type = response.headers.get("content-type") ?? "";
    if (!response.body || !type.startsWith("text/event-stream")) {
      await response.body?.cancel();
      throw new ConnectionError("http", "The answer is no stream of events");
    }
    const lines = response.body.pipeThrough(new TextDecoderStream());
    let rest = "";
    const reader = lines.getReader();
    try {
      for (;;) {
        const { value, done } = await guarded(signal, () => reader.read());
        if (done) return;
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop()!;
        if (rest.length > MAX_ANSWER_BYTES) throw tooLong();
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1];
          if (data !== undefined) yield JSON.parse(data);
        }
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  /** Closes its connections. */
  [Symbol.dispose](): void {
    this.#http.close();
  }

  async #request(
    path: string,
    method: string,
    signal: AbortSignal,
  ): Promise<Response> {
    const { addresses } = this.#options;
    for (let tried = 1;; tried++) {
      const address = addresses[this.#current]!;
      try {
        return await this.#requestFrom(address, path, method, signal);
      } catch (error) {
        const isLast = tried >= addresses.length;
        if (!(error instanceof ConnectionError) || isLast) throw error;
        this.#current = (this.#current + 1) % addresses.length;
      }
    }
  }

  async #requestFrom(
    { host, port }: Address,
    path: string,
    method: string,
    signal: AbortSignal,
  ): Promise<Response> {
    const { tls } = this.#options;
    const where = formatAddress({ host: host || "127.0.0.1", port });
    const url = `${tls ? "https" : "http"}://${where}${path}`;
    const response = await guarded(signal, () =>
      fetch(url, {
        ...{ method, signal, client: this.#http },
        headers: this.#headers(),
        redirect: "manual",
      }), where);
    if (response.ok) return response;
    const text = await guarded(signal, () => readText(response), where);
    throw refusalOf(response.status, text);
  }

  #headers(): Record<string, string> {
    const { credentials } = this.#options;
    if (!credentials) return {};
    if ("token" in credentials) {
      return { authorization: `Bearer ${credentials.token}` };
    }
    const { user, password } = credentials;
    const pair = new TextEncoder().encode(`${user}:${password}`);
    return { authorization: `Basic ${pair.toBase64()}` };
  }
}

/** Turns what goes wrong on the way into an error that says so. */
async function guarded<T>(
  signal: AbortSignal,
  run: () => Promise<T>,
  where = "",
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ConnectionError) throw error;
    if (where !== "") throw connectionErrorOf(where, error);
    throw new ConnectionError("broken", "The connection broke", error);
  }
}

async function readText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MAX_ANSWER_BYTES) throw tooLong();
  }
  return text + decoder.decode();
}

function tooLong(): ConnectionError {
  const message = `The answer is longer than ${MAX_ANSWER_BYTES} bytes`;
  return new ConnectionError("http", message);
}

/** What a server means by an HTTP status; its text is one line. */
function refusalOf(status: number, text: string): Error {
  const code = (Object.keys(REFUSALS) as RefusalCode[])
    .find((code) => REFUSALS[code].httpStatus === status);
  const message = text.trim().slice(0, 200);
  if (code === undefined || message === "" || message === "not found") {
    const words = `The server answers ${status} to a request of its API`;
    return new ConnectionError("http", words);
  }
  return new Refusal(code, message);
}
