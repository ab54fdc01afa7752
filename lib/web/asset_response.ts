import { type Asset, assets } from "./assets.ts";
import { plain } from "./headers.ts";

/** What is sent of an asset, made at its first request. */
interface Packed {
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

const packed: Map<string, Promise<Packed>> = new Map();

/**
 * Answers a request for one of the pages' files: compressed where the browser takes that, and not at
 * all when it has the file already.
 *
 * @param request A `GET` or `HEAD`.
 * @param name The file's path below `/assets/`.
 */
export async function assetResponse(
  request: Request,
  name: string,
): Promise<Response> {
  const asset = assets.get(name);
  if (!asset) return plain(404, "there is nothing here");
  const { gzip, etag } = await packedOnce(name, asset);
  const headers = new Headers({
    "content-type": asset.type,
    // Asked for each time, and mostly answered without the file.
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

function packedOnce(name: string, asset: Asset): Promise<Packed> {
  const made = packed.get(name) ?? pack(asset);
  packed.set(name, made);
  // It may be read from a file, which may fail for a moment.
  made.catch(() => packed.delete(name));
  return made;
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
