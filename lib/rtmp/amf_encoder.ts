import { concat } from "@std/bytes";
import { type AmfValue, MARKER } from "./amf.ts";

/**
 * Writes values of AMF 0, one behind the other. Texts of more than 65,535 bytes become long strings.
 *
 * @throws {RangeError} For a property's name that is longer than that.
 */
export function encodeAmf(...values: readonly AmfValue[]): Uint8Array {
  return concat(values.flatMap(partsOf));
}

const OBJECT_END = new Uint8Array([0, 0, MARKER.objectEnd]);

function partsOf(value: AmfValue): Uint8Array[] {
  switch (typeof value) {
    case "number":
      return [numberOf(value)];
    case "boolean":
      return [new Uint8Array([MARKER.boolean, Number(value)])];
    case "string":
      return textOf(value);
    case "undefined":
      return [new Uint8Array([MARKER.undefined])];
    default:
      return value === null
        ? [new Uint8Array([MARKER.null])]
        : containerOf(value);
  }
}

function containerOf(value: Exclude<AmfValue, string | null>): Uint8Array[] {
  if (value instanceof Map) {
    const properties = [...value].flatMap(([name, property]) => [
      ...nameOf(name),
      ...partsOf(property),
    ]);
    return [new Uint8Array([MARKER.object]), ...properties, OBJECT_END];
  }
  const values = value as readonly AmfValue[];
  const head = new DataView(new ArrayBuffer(5));
  head.setUint8(0, MARKER.strictArray);
  head.setUint32(1, values.length);
  return [new Uint8Array(head.buffer), ...values.flatMap(partsOf)];
}

function numberOf(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(9));
  view.setUint8(0, MARKER.number);
  view.setFloat64(1, value);
  return new Uint8Array(view.buffer);
}

function textOf(value: string): Uint8Array[] {
  const text = new TextEncoder().encode(value);
  if (text.length <= 0xffff) {
    return [new Uint8Array([MARKER.string]), ...nameOf(value)];
  }
  const head = new DataView(new ArrayBuffer(5));
  head.setUint8(0, MARKER.longString);
  head.setUint32(1, text.length);
  return [new Uint8Array(head.buffer), text];
}

function nameOf(name: string): Uint8Array[] {
  const text = new TextEncoder().encode(name);
  if (text.length > 0xffff) {
    throw new RangeError(
      `Cannot encode name: length ${text.length} exceeds maximum allowed 65535`,
    );
  }
  return [new Uint8Array([text.length >> 8, text.length & 0xff]), text];
}
