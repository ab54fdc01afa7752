import launcher from "./launcher.sh" with { type: "text" };
import type { Provenance } from "./provenance.ts";
import { PERMISSIONS, V8_FLAGS } from "./runtime_flags.ts";
import { extractTexts } from "./extract_texts.ts";

/**
 * Bytes of the launcher with its padding, so that the offsets of the parts are known before it is written,
 * and a shell never reads on into them.
 */
const LAUNCHER_BYTES = 8192;

/** Hexadecimal digits of a part's hash in its name: enough to tell versions apart, short enough to read. */
const HASH_DIGITS = 16;

/** A part of the file: its name when it is unpacked, its compressed bytes, and its size when unpacked. */
interface Part {
  readonly name: string;
  readonly packed: Uint8Array<ArrayBuffer>;
  readonly size: number;
}

/**
 * Makes an executable that unpacks itself at its first start: a shell script, followed by the running
 * Deno, the program, and the long texts that the program reads when it needs them, each compressed with
 * gzip (RFC 1952).
 *
 * @param script The path of the program as one script.
 * @param target The platform, which must be that of the running Deno.
 * @param path Where the executable is written.
 * @throws {Error} If the running Deno is for another platform, or for one without a shell.
 */
export async function makeSelfExtractor(
  script: string,
  provenance: Provenance,
  target: string,
  path: string,
): Promise<void> {
  rejectTarget(target);
  const deno = Deno.version.deno;
  const bundled = extractTexts(await Deno.readTextFile(script));
  const own = `fstream-${provenance.version}-HASH`;
  const texts = await pack(bundled.texts, `${own}.txt`);
  const bytes = new TextEncoder().encode(bundled.script(texts.name));
  const program = await pack(bytes, `${own}.js`);
  const base = await Deno.readFile(Deno.execPath());
  // The file's name is that of the process, for ps and pkill.
  const runtime = await pack(base, `runtime-${deno}-HASH/fstream`);
  const contents = { runtime, program, texts };
  const header = padded(launcherText(provenance, target, contents));
  const parts = [header, runtime.packed, program.packed, texts.packed];
  await Deno.writeFile(path, new Blob(parts).stream(), { mode: 0o755 });
}

function rejectTarget(target: string): void {
  if (target !== Deno.build.target) {
    const here = `the running Deno is for ${Deno.build.target}`;
    throw new Error(`Cannot make an executable for ${target}: ${here}`);
  }
  if (Deno.build.os === "windows") {
    const missing = "Windows has no shell that could unpack it";
    throw new Error(`Cannot make a self-extracting executable: ${missing}`);
  }
}

async function pack(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Part> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const stream = new Blob([bytes]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return {
    name: name.replace("HASH", digest.toHex().slice(0, HASH_DIGITS)),
    packed: await new Response(stream).bytes(),
    size: bytes.length,
  };
}

/** What follows the launcher, in this order. */
type Parts = Readonly<Record<"runtime" | "program" | "texts", Part>>;

function launcherText(
  provenance: Provenance,
  target: string,
  { runtime, program, texts }: Parts,
): string {
  // tail(1) counts from 1.
  const first = LAUNCHER_BYTES + 1;
  const second = first + runtime.packed.length;
  const size = runtime.size + program.size + texts.size;
  return fillIn(launcher, {
    VERSION: provenance.version,
    COMMIT: provenance.commit,
    BUILT: provenance.built,
    TARGET: target,
    DENO: Deno.version.deno,
    MEGABYTES: Math.ceil(size / 1e6),
    ...locationOf("RUNTIME", runtime, first),
    ...locationOf("PROGRAM", program, second),
    ...locationOf("TEXTS", texts, second + program.packed.length),
    FLAGS: [...PERMISSIONS, V8_FLAGS].map(quotedForShell).join(" "),
  });
}

/** Where the launcher finds a part. */
function locationOf(
  part: string,
  { name, packed, size }: Part,
  offset: number,
): Record<string, string | number> {
  return {
    [`${part}_NAME`]: name,
    [`${part}_OFFSET`]: offset,
    [`${part}_LENGTH`]: packed.length,
    [`${part}_SIZE`]: size,
  };
}

/** Keeps the shell from expanding the stars of a permission. */
function quotedForShell(flag: string): string {
  return /^[\w=,-]+$/.test(flag) ? flag : `'${flag}'`;
}

function fillIn(
  text: string,
  values: Readonly<Record<string, string | number>>,
): string {
  return text.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value !== undefined) return String(value);
    throw new Error(`Cannot fill in the launcher: ${name} is unknown`);
  });
}

/** Pads with a comment, which shows readers of the file where the script ends. */
function padded(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length + 1 >= LAUNCHER_BYTES) {
    const found = `it has ${bytes.length} bytes, ${LAUNCHER_BYTES - 2} allowed`;
    throw new Error(`Cannot use the launcher: ${found}`);
  }
  const padded = new Uint8Array(LAUNCHER_BYTES).fill("#".charCodeAt(0));
  padded.set(bytes);
  padded[LAUNCHER_BYTES - 1] = "\n".charCodeAt(0);
  return padded;
}
