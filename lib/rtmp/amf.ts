/**
 * Values of AMF 0 (Action Message Format 0, Adobe 2007, cited by section), which commands and metadata are made of.
 *
 * @module
 */

/** An object: its properties by name, in order. */
export type AmfObject = ReadonlyMap<string, AmfValue>;

/** A value. A date becomes its number of milliseconds, what has no meaning here becomes `undefined`. */
export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly AmfValue[]
  | AmfObject;

/** Markers of the types (§2.1). */
export const MARKER = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  ecmaArray: 8,
  objectEnd: 9,
  strictArray: 10,
  date: 11,
  longString: 12,
  unsupported: 13,
  xml: 15,
  typedObject: 16,
} as const;

/** Objects within objects; encoders send two levels. */
export const MAX_DEPTH = 8;

/** Bytes of a text: addresses and keys, with a password in them. */
export const MAX_TEXT_BYTES = 4096;

/** Values of a message; `connect` has some thirty. */
export const MAX_VALUES = 1024;
