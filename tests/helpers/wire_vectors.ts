/** A recorded beginning of a connection, and what has to become of it. */
export type WireVector =
  & {
    /** The file's name without its ending. */
    readonly name: string;
    /** Who sent it. */
    readonly description: string;
    /** All bytes of the connection. */
    readonly bytes: Uint8Array;
  }
  & (GoodVector | BadVector | HttpVector);

/** A vector that is a request. */
export interface GoodVector {
  /** The request's verb. */
  readonly expect: "watch" | "broadcast" | "token";
  /** The wire's version. */
  readonly version: 1 | 2;
  /** The payload's text. */
  readonly text: string;
  /** Some fields of the request. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What stands behind the payload. */
  readonly media: Uint8Array;
}

/** A vector that is an HTTP request and nothing else. */
export interface HttpVector {
  /** What it is. */
  readonly expect: "http";
}

/** A vector that is refused. */
export interface BadVector {
  /** The refusal's code. */
  readonly expect: "bad-request";
  /** Words that the refusal or its detail holds. */
  readonly why: string;
}

/**
 * Reads every `NAME.txt` of a folder.
 *
 * @throws {Error} when there is none, or one of them has no header or has one that is not known.
 */
export async function loadWireVectors(folder: URL): Promise<WireVector[]> {
  const vectors: WireVector[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(new URL(name, folder));
    vectors.push(parseWireVector(name.replace(/\.txt$/, ""), text));
  }
  if (vectors.length === 0) throw new Error(`Cannot test: ${folder} is empty`);
  return vectors.sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * Reads one vector: headers, an empty line, and the bytes in lines of hexadecimal pairs.
 *
 * @throws {Error} naming the vector.
 */
export function parseWireVector(name: string, file: string): WireVector {
  const split = file.indexOf("\n\n");
  if (split < 0) throw new Error(`Cannot read ${name}: no empty line`);
  const headers = new Headers(name, file.slice(0, split));
  const base = {
    name,
    description: headers.take("description"),
    bytes: parseHex(name, file.slice(split)),
  };
  const rest = parseExpectation(name, headers);
  headers.finish();
  return { ...base, ...rest };
}

function parseExpectation(
  name: string,
  headers: Headers,
): GoodVector | BadVector | HttpVector {
  const expect = headers.take("expect");
  if (expect === "http") return { expect };
  if (expect === "bad-request") return { expect, why: headers.take("why") };
  if (expect !== "watch" && expect !== "broadcast" && expect !== "token") {
    throw new Error(`Cannot read ${name}: expect is ${expect}`);
  }
  const media = headers.take("media");
  return {
    expect,
    version: headers.take("version") === "1" ? 1 : 2,
    text: headers.take("text"),
    fields: JSON.parse(headers.take("fields")),
    media: media === "none" ? new Uint8Array() : parseHex(name, media),
  };
}

/** The text header; every line of it is asked for, and no other. */
class Headers {
  readonly #name: string;
  readonly #values = new Map<string, string>();

  constructor(name: string, text: string) {
    this.#name = name;
    for (const line of text.split("\n")) {
      const [, key, value] = /^([a-z]+): (.+)$/.exec(line) ?? [];
      if (!key || !value || this.#values.has(key)) {
        throw new Error(`Cannot read ${name}: bad header "${line}"`);
      }
      this.#values.set(key, value);
    }
  }

  take(key: string): string {
    const value = this.#values.get(key);
    if (value === undefined) {
      throw new Error(`Cannot read ${this.#name}: no header "${key}"`);
    }
    this.#values.delete(key);
    return value;
  }

  finish(): void {
    const [left] = this.#values.keys();
    if (left) throw new Error(`Cannot read ${this.#name}: unknown "${left}"`);
  }
}

function parseHex(name: string, text: string): Uint8Array {
  const pairs = text.split(/\s+/).filter((pair) => pair !== "");
  const odd = pairs.find((pair) => !/^[0-9a-f]{2}$/.test(pair));
  if (odd) throw new Error(`Cannot read ${name}: "${odd}" is no byte`);
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}
