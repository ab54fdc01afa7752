/** A text in base64 (RFC 4648, section 4), in lines or in one, as the bundler writes it. */
const TEXT = /^ *var (\w+) = "((?:[A-Za-z0-9+/=]+\\n)*[A-Za-z0-9+/=]*)";$/gm;

/** Bytes of a text that is worth it: one of less saves less than two measurements differ by. */
const LONG_BYTES = 65_536;

/** Reads a text back. The third argument of the program is the path of the executable. */
const READER = `function textSetAside(at, length) {
  using file = Deno.openSync(Deno.args[2]);
  file.seekSync(at, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  for (let had = 0; had < length;) {
    const read = file.readSync(bytes.subarray(had));
    if (read === null) throw new Error("Cannot read on: the executable has ended");
    had += read;
  }
  return new TextDecoder().decode(bytes);
}
`;

/** A script and what was taken out of it. */
export interface SetAside {
  /** The script, which reads the texts when it needs them. */
  readonly script: string;
  /** The texts, one behind the other; ASCII. */
  readonly texts: string;
}

/**
 * Takes long texts out of a script: each would be in memory twice as long as the program runs, within the
 * script and as a value, and the longest of them, the clip, is needed for the demo alone. An idle
 * server takes 0.7 MB less for it.
 *
 * @param script What the bundler made.
 * @param from Where the texts will begin in the executable, in bytes.
 */
export function setAside(script: string, from: number): SetAside {
  const reads = new Map<string, string>();
  let texts = "";
  let rest = script.replaceAll(TEXT, (all, name: string, written: string) => {
    const text = written.replaceAll("\\n", "\n");
    if (text.length < LONG_BYTES) return all;
    reads.set(name, `textSetAside(${from + texts.length}, ${text.length})`);
    texts += text;
    return "";
  });
  for (const [name, read] of reads) {
    rest = rest.replaceAll(new RegExp(`\\b${name}\\b`, "g"), read);
  }
  return { script: reads.size > 0 ? rest + READER : script, texts };
}
