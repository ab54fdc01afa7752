import { concat } from "@std/bytes";
import type { Status } from "../../lib/wire/status.ts";
import { StatusDecoderStream } from "../../lib/wire/status_decoder_stream.ts";
import { bytesOf, frameOf } from "../helpers/wire_bytes.ts";
import { type DecoderCase, decoderSuite } from "../suites/decoder_suite.ts";

type Decoded =
  | { readonly status: Status | undefined; readonly media: Uint8Array }
  | { readonly failed: string };

async function decodeStatus(chunks: Iterable<Uint8Array>): Promise<Decoded> {
  let status: Status | undefined;
  const media: Uint8Array[] = [];
  const messages = ReadableStream.from(chunks).pipeThrough(
    new StatusDecoderStream(),
  );
  try {
    for await (const message of messages) {
      if (message instanceof Uint8Array) media.push(message);
      else if (status || media.length > 0) throw new Error("a second status");
      else status = message;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { failed: error.message };
  }
  return { status, media: concat(media) };
}

function ok(entries: [string, string][], media: string): Decoded {
  return {
    status: { ok: true, values: new Map(entries) },
    media: bytesOf(media),
  };
}

const NOTHING: Decoded = { status: undefined, media: new Uint8Array() };

const CASES: readonly DecoderCase<Decoded>[] = [
  {
    name: "takes ok with media behind it",
    bytes: bytesOf(frameOf("ok"), "\0\0\0\u0002\0ok and more"),
    expected: ok([], "\0\0\0\u0002\0ok and more"),
  },
  {
    name: "takes ok with keys and no media",
    bytes: frameOf("ok,token=ab=c,expires_in=120"),
    expected: ok([["token", "ab=c"], ["expires_in", "120"]], ""),
  },
  {
    name: "takes a refusal",
    bytes: frameOf("error,code=not-live,message=the channel is not live"),
    expected: {
      status: {
        ok: false,
        code: "not-live",
        message: "the channel is not live",
      },
      media: new Uint8Array(),
    },
  },
  { name: "gives nothing for nothing", bytes: bytesOf(""), expected: NOTHING },
  {
    name: "gives nothing for half a frame",
    bytes: frameOf("ok").subarray(0, 6),
    expected: NOTHING,
  },
  {
    name: "takes a status of 4 KiB",
    bytes: bytesOf(frameOf(`ok,k=${"v".repeat(4091)}`), "m"),
    expected: ok([["k", "v".repeat(4091)]], "m"),
  },
  {
    name: "fails for a status of 4 KiB and a byte",
    bytes: frameOf(`ok,k=${"v".repeat(4092)}`),
    expected: {
      failed:
        "Cannot read the server's answer: length 4097 exceeds maximum allowed 4096",
    },
  },
  {
    name: "fails for media from a server that knows no status",
    bytes: bytesOf("G@\0\0 and so on"),
    expected: {
      failed:
        "Cannot read the server's answer: length 1195376640 exceeds maximum allowed 4096",
    },
  },
  {
    name: "fails for a frame that is no status",
    bytes: frameOf("watch,user=fier"),
    expected: {
      failed: "Cannot read the server's answer: it is not a status frame",
    },
  },
  {
    name: "fails for a status that is not UTF-8",
    bytes: frameOf(new Uint8Array([0x6f, 0x6b, 0xff])),
    expected: {
      failed: "Cannot read the server's answer: the text is not UTF-8",
    },
  },
];

decoderSuite("StatusDecoderStream", decodeStatus, CASES);
