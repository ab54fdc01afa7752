import { type Asset, assets } from "./assets.ts";
import { notFound } from "./not_found.ts";

/** An asset as it is sent. */
interface Packed {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** Bytes of an asset that are written at a time. */
const PART_BYTES = 16 * 1024;

/** Assets that were requested at least once, by name. */
const packed: Map<string, Promise<Packed>> = new Map();

/**
 * Answers a request for a file of the pages: with gzip for browsers that accept it, and with 304 when the
 * browser's copy is current.
 *
 * @param request A `GET` or `HEAD`.
 * @param name The file's path below `/assets/`.
 */
export async function assetResponse(
  request: Request,
  name: string,
): Promise<Response> {
  const asset = assets.get(name);
  if (!asset) return notFound(request);
  const { plain, gzip, etag } = await packOnce(name, asset);
  const headers = new Headers({
    "content-type": asset.type,
    // Validated each time, so that an updated server's pages never mix with old files.
    "cache-control": "no-cache",
    "vary": "accept-encoding",
    etag,
  });
  if (request.headers.get("if-none-match") === etag) {
    return new Response(null, { status: 304, headers });
  }
  const accepts = request.headers.get("accept-encoding") ?? "";
  const packs = /\bgzip\b/.test(accepts);
  if (packs) headers.set("content-encoding", "gzip");
  const bytes = packs ? gzip : plain;
  headers.set("content-length", String(bytes.length));
  return new Response(shared(bytes), { headers });
}

/** A body that is not copied for each reader: a thousand that never read would hold as many copies. */
function shared(
  bytes: Uint8Array<ArrayBuffer>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller): void {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at += PART_BYTES));
    },
  }, { highWaterMark: 0 });
}

function packOnce(name: string, asset: Asset): Promise<Packed> {
  const result = packed.get(name) ?? pack(asset);
  packed.set(name, result);
  // The text may be read from a file, and a failed read should be tried again.
  result.catch(() => packed.delete(name));
  return result;
}

async function pack({ body }: Asset): Promise<Packed> {
  const bytes = new TextEncoder().encode(body);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return {
    plain: bytes,
    gzip: await new Response(stream).bytes(),
    etag: `"${hash.toHex().slice(0, 32)}"`,
  };
}
