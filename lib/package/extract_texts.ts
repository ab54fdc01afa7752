import { concat } from "@std/bytes";

/** A text as the bundler writes it: between quotes or backticks, and nothing is put in. */
const LITERAL =
  /^ *var (\w+) = (?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\$]|\\.|\$(?!\{))*)`);$/gms;

/** What is written for a character that cannot stand for itself; any other stands behind its backslash. */
const ESCAPED: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  0: "\0",
};

/** Bytes of a text that is worth it: one of less saves less than two measurements differ by. */
const LONG_BYTES = 65_536;

/** Reads a text back, from the file that lies beside the program: the first argument is its path. */
function readerOf(name: string): string {
  return `function textSetAside(at, length) {
  using file = Deno.openSync(Deno.args[0].replace(/[^/]*$/, ${
    JSON.stringify(name)
  }));
  file.seekSync(at, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  for (let had = 0; had < length;) {
    const read = file.readSync(bytes.subarray(had));
    if (read === null) throw new Error("Cannot read on: a text has ended");
    had += read;
  }
  return new TextDecoder().decode(bytes);
}
`;
}

/** A script and what was taken out of it. */
export interface SetAside {
  /** The script, which reads the texts when it needs them, from a file of this name beside it. */
  readonly script: (name: string) => string;
  /** The texts in UTF-8, one behind the other. */
  readonly texts: Uint8Array<ArrayBuffer>;
}

/**
 * Takes long texts out of a script: each would be in memory twice as long as the program runs, within the
 * script and as a value, and the longest of them, the clip and the browsers' player of MPEG-TS, are needed
 * seldom. An idle server takes 1.4 MB less for it.
 *
 * @param script What the bundler made.
 */
export function setAside(script: string): SetAside {
  const reads = new Map<string, string>();
  const texts: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  let rest = script.replaceAll(LITERAL, (all, name: string, ...forms) => {
    const written = String(forms[0] ?? forms[1] ?? forms[2]);
    const bytes = new TextEncoder().encode(read(written));
    if (bytes.length < LONG_BYTES) return all;
    reads.set(name, `textSetAside(${at}, ${bytes.length})`);
    texts.push(bytes);
    at += bytes.length;
    return "";
  });
  for (const [name, read] of reads) {
    // The variable, and no property of the same name.
    const variable = new RegExp(`(?<![.\\w])${name}\\b(?! *:)`, "g");
    rest = rest.replaceAll(variable, read);
  }
  return {
    script: (name) => texts.length > 0 ? rest + readerOf(name) : script,
    texts: concat(texts),
  };
}

/** What a literal says (ECMA-262 12.9.4). */
function read(written: string): string {
  return written.replaceAll(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]+)\}|(.))/gis,
    (_, ...found) => {
      const code = found[0] ?? found[1] ?? found[2];
      if (code !== undefined) return String.fromCodePoint(parseInt(code, 16));
      return ESCAPED[found[3]] ?? found[3];
    },
  );
}
