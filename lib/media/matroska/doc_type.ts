import { indexOfNeedle } from "@std/bytes";
import type { Signature } from "../container.ts";
import { matchMagic } from "../detect/magic.ts";
import { vintLength, vintValue } from "./ebml.ts";

/** The id of an EBML header (RFC 8794 11.2.1) as a magic pattern. */
export const EBML_MAGIC = "\x1a\x45\xdf\xa3";

/** Bytes of the id and of the longest size of an EBML header. */
const EBML_HEAD_BYTES = 12;

/** An EBML header with this DocType (RFC 8794 11.2.6). */
export function isDocType(name: string): Signature {
  const text = new TextEncoder().encode(name);
  const element = Uint8Array.of(0x42, 0x82, 0x80 | text.length, ...text);
  return (head) => {
    const magic = matchMagic(head, EBML_MAGIC);
    if (magic !== "yes" || head.length < EBML_HEAD_BYTES) {
      return magic === "no" ? "no" : "more";
    }
    const end = 4 + vintLength(head[4] ?? 0) + vintValue(head, 4);
    if (indexOfNeedle(head.subarray(0, end), element) >= 0) return "yes";
    return head.length < end ? "more" : "no";
  };
}
