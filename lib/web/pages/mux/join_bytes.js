/**
 * Joins pieces of bytes in order; a single piece is returned as it is.
 *
 * @param {readonly Uint8Array<ArrayBuffer>[]} pieces
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function joinBytes(pieces) {
  const [first] = pieces;
  if (first && pieces.length === 1) return first;
  const joined = new Uint8Array(
    pieces.reduce((sum, piece) => sum + piece.length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
