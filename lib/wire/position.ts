/** A place in a broadcast: the same on every server that has it. */
export interface Position {
  /** Id of the broadcast: hexadecimal. */
  readonly id: string;
  /** Bytes of the broadcast before it. */
  readonly offset: number;
}

/**
 * Reads a position.
 *
 * @param text `ID:OFFSET`.
 * @returns `undefined` for anything else.
 */
export function parsePosition(text: string): Position | undefined {
  const [, id, digits] = /^([0-9a-f]{1,64}):(\d{1,15})$/.exec(text) ?? [];
  return id === undefined ? undefined : { id, offset: Number(digits) };
}

/** Writes a position as {@linkcode parsePosition} reads it. */
export function formatPosition({ id, offset }: Position): string {
  return `${id}:${offset}`;
}
