import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { notFound } from "../../lib/web/not_found.ts";

function ask(accept?: string): Response {
  const headers = accept === undefined ? {} : { accept };
  return notFound(new Request("http://x/a/b/c", { headers }));
}

Deno.test("notFound() answers browsers with a page that leads back", async () => {
  const response = ask("text/html,application/xhtml+xml,*/*;q=0.8");
  assertEquals(response.status, 404);
  assertEquals(response.headers.get("vary"), "accept");
  assertMatch(response.headers.get("content-type") ?? "", /^text\/html/);
  const html = await response.text();
  assertMatch(html, /<h1>Page not found<\/h1>/);
  assertMatch(html, /<a href="\/">/);
});

Deno.test("notFound() answers other clients with one line of text", async () => {
  for (const accept of [undefined, "*/*", "application/json"]) {
    const response = ask(accept);
    assertEquals(response.status, 404);
    assertMatch(response.headers.get("content-type") ?? "", /^text\/plain/);
    const text = await response.text();
    assertEquals(text, "not found\n");
    assertNotMatch(text, /</);
  }
});
