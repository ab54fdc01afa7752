import { HttpError } from "../http/http_error.ts";

/** What of a request tells which web site sent it. */
export interface OriginHeaders {
  /** Header by lower-case name. */
  get(name: string): string | undefined;
}

/**
 * Rejects what a page of another web site has a browser send: the browser would add what it knows of this
 * server (RFC 6454, Fetch Metadata). Clients that are no browsers send neither header.
 *
 * @param headers The request's.
 * @param allowOrigin The origin that may do so; `*` for all, empty for none.
 * @throws {HttpError} 403 for a request of another site.
 */
export function checkOrigin(headers: OriginHeaders, allowOrigin: string): void {
  const origin = headers.get("origin");
  if (allowOrigin === "*" || (origin && origin === allowOrigin)) return;
  const site = headers.get("sec-fetch-site");
  if (site === "same-origin" || site === "none") return;
  const isOther = site !== undefined ||
    (origin !== undefined && !isHost(origin, headers.get("host")));
  if (!isOther) return;
  throw new HttpError(
    403,
    "pages of other web sites may not do this here; see allow-origin",
  );
}

function isHost(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === new URL(`http://${host}`).host ||
      new URL(origin).host === new URL(`https://${host}`).host;
  } catch {
    return false; // `null`, or anything else that is no URL.
  }
}

/**
 * Headers of a reply that the page of another site may read.
 *
 * @param allowOrigin The setting.
 */
export function corsHeaders(allowOrigin: string): Record<string, string> {
  return allowOrigin === "" ? {} : {
    "access-control-allow-origin": allowOrigin,
    ...(allowOrigin === "*" ? {} : { vary: "origin" }),
  };
}
