import launcher from "./launcher.sh" with { type: "text" };
import type { Provenance } from "./provenance.ts";
import { PERMISSIONS, V8_FLAGS } from "./runtime_flags.ts";
import { setAside } from "./extract_texts.ts";

/**
 * Bytes of the launcher with what fills it up: offsets behind it are known before it is written, and a
 * shell never reads on into the parts.
 */
const LAUNCHER_BYTES = 8192;

/** Hexadecimal digits of a part's hash in its name: enough to tell versions apart, short enough to read. */
const HASH_DIGITS = 16;

/** A part of the file: its name once it is unpacked, its bytes packed, and how many those become. */
interface Part {
  readonly name: string;
  readonly packed: Uint8Array<ArrayBuffer>;
  readonly size: number;
}

/**
 * Makes an executable that is a shell script with the running Deno and the program behind it, both
 * packed by gzip (RFC 1952), and unpacks itself at its first start. Behind them lie the long texts, which
 * the program reads when it needs them.
 *
 * @param script The program as one script.
 * @param provenance What the launcher tells of its making.
 * @param target What it shall run on: what the running Deno runs on.
 * @param path Where the executable is written.
 * @throws {Error} If the running Deno is for another platform, or for one without a shell.
 */
export async function makeSelfExtractor(
  script: string,
  provenance: Provenance,
  target: string,
  path: string,
): Promise<void> {
  refuseTarget(target);
  const deno = Deno.version.deno;
  const bundled = setAside(await Deno.readTextFile(script));
  const own = `fstream-${provenance.version}-HASH`;
  const texts = await pack(bundled.texts, `${own}.txt`);
  const bytes = new TextEncoder().encode(bundled.script(texts.name));
  const program = await pack(bytes, `${own}.js`);
  const base = await Deno.readFile(Deno.execPath());
  const runtime = await pack(base, `deno-${deno}-HASH`);
  const inside = { runtime, program, texts };
  const header = filledUp(launcherText(provenance, target, inside));
  const parts = [header, runtime.packed, program.packed, texts.packed];
  await Deno.writeFile(path, new Blob(parts).stream(), { mode: 0o755 });
}

function refuseTarget(target: string): void {
  if (target !== Deno.build.target) {
    const here = `the runtime at hand is for ${Deno.build.target}`;
    throw new Error(`Cannot make an executable for ${target}: ${here}`);
  }
  if (Deno.build.os === "windows") {
    const lacking = "Windows has no shell that could unpack it";
    throw new Error(`Cannot make a self-extracting executable: ${lacking}`);
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

/** What lies behind the launcher, in this order. */
type Inside = Readonly<Record<"runtime" | "program" | "texts", Part>>;

function launcherText(
  provenance: Provenance,
  target: string,
  { runtime, program, texts }: Inside,
): string {
  // tail(1) counts from 1.
  const first = LAUNCHER_BYTES + 1;
  const second = first + runtime.packed.length;
  const size = runtime.size + program.size + texts.size;
  return filledIn(launcher, {
    VERSION: provenance.version,
    COMMIT: provenance.commit,
    BUILT: provenance.built,
    TARGET: target,
    DENO: Deno.version.deno,
    MEGABYTES: Math.ceil(size / 1e6),
    ...placed("RUNTIME", runtime, first),
    ...placed("PROGRAM", program, second),
    ...placed("TEXTS", texts, second + program.packed.length),
    FLAGS: [...PERMISSIONS, V8_FLAGS].map(quotedForShell).join(" "),
  });
}

/** Where a part lies, for the launcher. */
function placed(
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

/** The shell would look for files that the stars of a permission match. */
function quotedForShell(flag: string): string {
  return /^[\w=,-]+$/.test(flag) ? flag : `'${flag}'`;
}

function filledIn(
  text: string,
  values: Readonly<Record<string, string | number>>,
): string {
  return text.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value !== undefined) return String(value);
    throw new Error(`Cannot fill in the launcher: nothing is known of ${name}`);
  });
}

/** Fills up with a comment, so that whoever looks into the file sees where the script ends. */
function filledUp(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length + 1 >= LAUNCHER_BYTES) {
    const found = `it has ${bytes.length} bytes, ${LAUNCHER_BYTES - 2} allowed`;
    throw new Error(`Cannot place the launcher: ${found}`);
  }
  const filled = new Uint8Array(LAUNCHER_BYTES).fill("#".charCodeAt(0));
  filled.set(bytes);
  filled[LAUNCHER_BYTES - 1] = "\n".charCodeAt(0);
  return filled;
}
