import { type Asset, assets } from "./assets.ts";
import { notFound } from "./not_found.ts";

/** An asset as it is sent. */
interface Packed {
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

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
  const { gzip, etag } = await packOnce(name, asset);
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
  if (!/\bgzip\b/.test(accepts)) return new Response(asset.body, { headers });
  headers.set("content-encoding", "gzip");
  return new Response(gzip, { headers });
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
    gzip: await new Response(stream).bytes(),
    etag: `"${hash.toHex().slice(0, 32)}"`,
  };
}
