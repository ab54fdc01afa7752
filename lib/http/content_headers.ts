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

/** A part of a representation: `from` its first byte to behind its last one. */
export interface ByteRange {
  /** Bytes before it. */
  readonly from: number;
  /** Bytes up to its end. */
  readonly to: number;
}

/**
 * Reads which bytes `Range` asks for (RFC 9110 §14.2).
 *
 * @param range The header's value.
 * @param bytes Of the whole representation.
 * @returns `undefined` to answer with the whole, as for several ranges and malformed ones, or `unsatisfiable` for a range
 *     without a byte.
 */
export function byteRange(
  range: FieldValue,
  bytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] =
    /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(range?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") {
    return undefined;
  }
  if (first === "") {
    const from = Math.max(0, bytes - Number(last));
    return from < bytes ? { from, to: bytes } : "unsatisfiable";
  }
  const from = Number(first);
  if (last !== "" && Number(last) < from) return undefined;
  const to = last === "" ? bytes : Math.min(bytes, Number(last) + 1);
  return from < bytes ? { from, to } : "unsatisfiable";
}
