/** An object whose fields have not been looked at. */
export type Fields = Readonly<Record<string, unknown>>;

/** Reads an object of JSON that another node sent; `undefined` for anything else. */
export function readFields(bytes: Uint8Array): Fields | undefined {
  try {
    return asFields(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

/** A value as an object; `undefined` for anything else. */
export function asFields(value: unknown): Fields | undefined {
  const isObject = typeof value === "object" && value !== null &&
    !Array.isArray(value);
  return isObject ? value as Fields : undefined;
}

/** A value as a list; empty for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A value as a text; empty for anything else. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A value as a whole number of at least 0; `undefined` for anything else. */
export function asCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0
    ? Number(value)
    : undefined;
}

/** Writes a value for another node. */
export function writeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
