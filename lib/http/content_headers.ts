/**
 * Request headers that choose what of a representation is sent. All take a header's value, `null` or
 * `undefined` when it is missing.
 *
 * @module
 */

/** A header's value, as `Headers` or a map returns it. */
export type FieldValue = string | null | undefined;

/**
 * Returns whether `If-None-Match` says that the client has the representation already, so that 304 answers
 * a `GET` or `HEAD` (RFC 9110 §13.1.2). A malformed value matches nothing.
 *
 * @param ifNoneMatch The header's value.
 * @param etag The current entity tag with its quotes; compared weakly.
 */
export function notModified(ifNoneMatch: FieldValue, etag: string): boolean {
  const value = ifNoneMatch?.trim() ?? "";
  if (value === "*") return true;
  const current = opaqueTag(etag);
  let found = false;
  // An opaque tag may contain commas, so the list cannot be split at them.
  const member = /[ \t]*(?:(?:W\/)?("[!#-~\x80-\xff]*")[ \t]*)?(?:,|$)/y;
  while (member.lastIndex < value.length) {
    const match = member.exec(value);
    if (!match) return false;
    if (match[1] === current) found = true;
  }
  return found;
}

function opaqueTag(etag: string): string {
  return etag.startsWith("W/") ? etag.slice(2) : etag;
}

/**
 * Returns whether `Accept-Encoding` allows gzip (RFC 9110 §12.5.3): named, or covered by `*`, with a
 * quality above 0. A missing header allows none, as no client that decompresses leaves it out.
 */
export function acceptsGzip(acceptEncoding: FieldValue): boolean {
  let [named, any]: (boolean | undefined)[] = [];
  for (const member of (acceptEncoding ?? "").toLowerCase().split(",")) {
    const [coding = "", ...parameters] = member.split(";");
    const name = coding.trim();
    const allowed = hasQuality(parameters);
    if (name === "gzip" || name === "x-gzip") {
      named = (named ?? true) && allowed;
    } else if (name === "*") any = (any ?? true) && allowed;
  }
  return named ?? any ?? false;
}

/** Returns whether a weight is above 0; a malformed one is not. */
function hasQuality(parameters: readonly string[]): boolean {
  if (parameters.length === 0) return true;
  const weight = parameters.join(";").trim();
  return /^q=(?:0\.\d{0,3}|1(?:\.0{0,3})?)$/.test(weight) &&
    /[1-9]/.test(weight);
}

/**
 * Returns whether `Range` asks for everything from the first byte, as players do. Live media answers it with
 * 200 and the whole stream (RFC 9110 §14.2).
 */
export function isOpenRange(range: FieldValue): boolean {
  return /^bytes=0-$/i.test(range?.trim() ?? "");
}
