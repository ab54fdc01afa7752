import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import { encodeFrame, FRAME_HEADER_BYTES } from "../../lib/wire/frame.ts";
import { parseRequest } from "../../lib/wire/request.ts";
import { decodeRequests } from "../helpers/request_decoding.ts";
import {
  loadWireVectors,
  parseWireVector,
  type WireVector,
} from "../helpers/wire_vectors.ts";
import { decoderSuite } from "../suites/decoder_suite.ts";

const VECTORS = new URL("../vectors/wire/", import.meta.url);

/** What a vector comes to; of the request only the fields that it names, of a refusal its code. */
interface Outcome {
  readonly expect: string;
  readonly version?: number;
  readonly text?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly media?: Uint8Array;
  readonly why?: string;
}

function expectedOf(vector: WireVector): Outcome {
  const { name: _name, description: _description, bytes: _, ...rest } = vector;
  return rest;
}

async function outcomeOf(
  vector: WireVector,
  chunks: Iterable<Uint8Array>,
): Promise<Outcome> {
  const decoded = await decodeRequests(chunks);
  if ("refused" in decoded) {
    return refused(vector, decoded.refused, decoded.why);
  }
  const frame = decoded.requests.at(-1);
  if (frame?.type === "head") return { expect: "http" };
  if (frame?.type !== "frame") throw new Error("no request came out");
  const { version, text } = frame;
  try {
    const { verb: expect, ...request } = parseRequest(text);
    const fields = named(request, vector);
    return { expect, version, text, fields, media: decoded.media };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(vector, error.code, error.detail ?? error.message);
  }
}

/** A refusal's words are the vector's own when they hold them, so that a whole sentence may change. */
function refused(vector: WireVector, expect: string, words: string): Outcome {
  const why = "why" in vector && words.includes(vector.why)
    ? vector.why
    : words;
  return { expect, why };
}

function named(
  request: Readonly<Record<string, unknown>>,
  vector: WireVector,
): Record<string, unknown> {
  const keys = "fields" in vector ? Object.keys(vector.fields) : [];
  return Object.fromEntries(keys.map((key) => [key, request[key]]));
}

const vectors = await loadWireVectors(VECTORS);

for (const vector of vectors) {
  decoderSuite<Outcome>(
    "vector",
    (chunks) => outcomeOf(vector, chunks),
    [{
      name: vector.name,
      bytes: vector.bytes,
      expected: expectedOf(vector),
    }],
  );
}

Deno.test("the vectors hold good and bad ones of both versions", () => {
  const kinds = vectors.map(({ name, expect }) =>
    `${name.slice(0, 2)} ${expect === "bad-request" ? "bad" : expect}`
  );
  const wanted = ["broadcast", "token", "watch", "bad"];
  const missing = ["v1", "v2"].flatMap((version) =>
    wanted.map((kind) => `${version} ${kind}`)
  ).filter((kind) => !kinds.includes(kind));
  assertEquals(missing, []);
});

Deno.test("encodeFrame() writes the very bytes of the good vectors", () => {
  for (const vector of vectors) {
    if (!("text" in vector)) continue;
    const frame = encodeFrame(vector.text);
    const end = vector.bytes.length - vector.media.length;
    const start = end - frame.length;
    assertEquals(vector.bytes.slice(start, end), frame, vector.name);
    assertEquals(start === 0, vector.version === 1, vector.name);
    assertEquals(frame[FRAME_HEADER_BYTES - 1], 0);
  }
});

Deno.test("loadWireVectors() fails for an empty folder", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const url = new URL(`file://${folder}/`);
    await assertRejects(() => loadWireVectors(url), Error, "is empty");
  } finally {
    await Deno.remove(folder);
  }
});

Deno.test("parseWireVector() fails for a header that is missing, unknown, twice or malformed", () => {
  for (
    const [file, message] of [
      ["expect: bad-request\nwhy: x\n\n00\n", 'no header "description"'],
      ["description: d\nwhy: x\n\n00\n", 'no header "expect"'],
      ["description: d\nexpect: bad-request\n\n00\n", 'no header "why"'],
      ["description: d\nexpect: maybe\n\n00\n", "expect is maybe"],
      [
        "description: d\nexpect: bad-request\nwhy: x\nmore: y\n\n00\n",
        'unknown "more"',
      ],
      ["description: d\ndescription: e\n\n00\n", "bad header"],
      ["description\n\n00\n", "bad header"],
      ["description: d\n", "no empty line"],
      [
        "description: d\nexpect: bad-request\nwhy: x\n\n00 0\n",
        '"0" is no byte',
      ],
    ] as const
  ) {
    assertThrows(() => parseWireVector("v", file), Error, message);
  }
});
