/**
 * Returns whether the value is a host with an optional port (RFC 9112 §3.2) that `new URL()` accepts.
 *
 * Stricter than the grammar: no percent-encoding and no sub-delimiters, which no name on the network has,
 * and no user information.
 */
export function isHost(value: string): boolean {
  // The expression excludes everything that would end the authority; canParse() knows IPv4, IPv6, IDNA and ports.
  return /^(?:[\w.~-]+|\[[\dA-Fa-f:.]+\])(?::\d{0,5})?$/.test(value) &&
    URL.canParse(`http://${value}`);
}
