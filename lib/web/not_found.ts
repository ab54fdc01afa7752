import { pages } from "./assets.ts";
import { NO_STORE, plain } from "./headers.ts";

/** Answers a request for something that does not exist: with a page for browsers, with text for others. */
export function notFound({ headers }: Request): Response {
  if (!headers.get("accept")?.includes("text/html")) {
    return plain(404, "not found", { vary: "accept" });
  }
  return new Response(pages.notFound, {
    status: 404,
    headers: {
      "content-type": "text/html; charset=utf-8",
      vary: "accept",
      ...NO_STORE,
    },
  });
}
