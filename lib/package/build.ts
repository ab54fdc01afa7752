import { bundle } from "./bundle.ts";
import { compile } from "./deno_compile.ts";
import { verifyExecutable } from "./verify_executable.ts";
import { type Provenance, provenance } from "./provenance.ts";
import { makeSelfExtractor } from "./self_extractor.ts";

/** The folder of executables, relative to the sources. */
const OUTPUT = "dist";

/** What was made. */
export interface Built {
  /** The executable. */
  readonly path: string;
  /** How it was made, in one line, and why not the other way. */
  readonly summary: string;
}

/** One executable to make. */
interface Job {
  readonly target: string;
  readonly origin: Provenance;
  readonly folder: string;
}

/**
 * Makes an executable of the program: with `deno compile` or, where the base that it downloads is
 * unavailable or its result does not work, from the running Deno. The executable is run before it is moved
 * to its path, unless it is for another platform.
 *
 * @param target A platform of `deno compile --target`; default this machine's.
 * @throws {Error} If neither way yields an executable that works.
 */
export async function build(target?: string): Promise<Built> {
  await Deno.mkdir(OUTPUT, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: OUTPUT, prefix: "making-" });
  try {
    const job = {
      target: target ?? Deno.build.target,
      origin: await provenance(Date.now()),
      // The executable runs in another folder, so a relative path would be wrong.
      folder: await Deno.realPath(folder),
    };
    const { made, how } = await make(job);
    const name = target === undefined ? "fstream" : `fstream-${target}`;
    const path = `${OUTPUT}/${name}${made.endsWith(".exe") ? ".exe" : ""}`;
    await Deno.rename(made, path);
    const { size } = await Deno.stat(path);
    const megabytes = (size / 1e6).toFixed(1);
    return { path, summary: `${path}: ${megabytes} MB, ${job.target}, ${how}` };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function make(job: Job): Promise<{ made: string; how: string }> {
  const tried = await tryCompile(job);
  if ("made" in tried) return tried;
  const { target, origin, folder } = job;
  const script = await bundle("self-extracting", origin, target, folder);
  const made = `${folder}/fstream-self-extracting`;
  await extractorOr(tried.not, script, job, made);
  const problem = await verifyExecutable(made, origin, folder);
  if (problem !== undefined) {
    throw new Error(`Cannot use the self-extracting executable: ${problem}`);
  }
  const how = `self-extracting (deno compile: ${tried.not})`;
  return { made, how };
}

/** Takes the other way; when that fails too, the error has both reasons. */
async function extractorOr(
  not: string,
  script: string,
  { origin, target }: Job,
  made: string,
): Promise<void> {
  try {
    await makeSelfExtractor(script, origin, target, made);
  } catch (cause) {
    const both = `deno compile: ${not}; ${
      cause instanceof Error ? cause.message : cause
    }`;
    throw new Error(`Cannot make an executable: ${both}`, { cause });
  }
}

async function tryCompile(
  { target, origin, folder }: Job,
): Promise<{ made: string; how: string } | { not: string }> {
  const script = await bundle("compiled", origin, target, folder);
  const compiled = await compile(script, target, folder);
  if ("unavailable" in compiled) return { not: compiled.unavailable };
  if (target !== Deno.build.target) {
    return { made: compiled.path, how: "compiled, not run on this machine" };
  }
  const problem = await verifyExecutable(compiled.path, origin, folder);
  return problem === undefined
    ? { made: compiled.path, how: "compiled" }
    : { not: `its result does not work, ${problem}` };
}
