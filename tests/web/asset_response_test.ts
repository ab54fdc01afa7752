import { assert, assertEquals, assertLess } from "@std/assert";
import { assetResponse } from "../../lib/web/asset_response.ts";
import { assets } from "../../lib/web/assets.ts";

function ask(name: string, headers: HeadersInit = {}): Promise<Response> {
  return assetResponse(
    new Request(`http://x/assets/${name}`, { headers }),
    name,
  );
}

Deno.test("assetResponse() sends a file unpacked to a client that does not accept gzip", async () => {
  for (const [name, { body, type }] of assets) {
    const response = await ask(name);
    assertEquals(response.headers.get("content-type"), type);
    assertEquals(response.headers.get("content-encoding"), null);
    assertEquals(await response.text(), body);
  }
});

Deno.test("assetResponse() compresses for a client that accepts gzip", async () => {
  const response = await ask("mpegts.js", { "accept-encoding": "br, gzip" });
  assertEquals(response.headers.get("content-encoding"), "gzip");
  assertEquals(response.headers.get("vary"), "accept-encoding");
  const bytes = await response.bytes();
  assertLess(bytes.length, assets.get("mpegts.js")!.body.length / 2);
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  assertEquals(
    await new Response(stream).text(),
    assets.get("mpegts.js")!.body,
  );
});

Deno.test("assetResponse() answers 304 to a client whose copy is current", async () => {
  const first = await ask("styles/base.css");
  await first.body?.cancel();
  const etag = first.headers.get("etag")!;
  const again = await ask("styles/base.css", { "if-none-match": etag });
  assertEquals(again.status, 304);
  assertEquals(await again.text(), "");
  const other = await ask("icon.svg", { "if-none-match": etag });
  assertEquals(other.status, 200);
  assert(other.headers.get("etag") !== etag);
  await other.body?.cancel();
});

Deno.test("assetResponse() answers 404 for other names", async () => {
  const names = ["", "nope.js", "../main.ts", "__proto__", "index.html"];
  for (const name of [...names, "styles/", "deno.json", "files.ts"]) {
    const response = await ask(name);
    assertEquals(response.status, 404);
    await response.body?.cancel();
  }
});
