let second = -1;
let text = "";

/**
 * Returns a time as `Date` has it, in IMF-fixdate (RFC 9110 §5.6.7). Made once a second, since every reply
 * has one.
 *
 * @param now Milliseconds since 1970.
 */
export function httpDate(now: number = Date.now()): string {
  const current = Math.floor(now / 1000);
  if (current !== second) {
    second = current;
    text = new Date(current * 1000).toUTCString();
  }
  return text;
}
