/** Where seeds and findings lie, a folder to a target. */
const CORPUS = new URL("corpus/", import.meta.url);

/** One file of the corpus. */
export interface Entry {
  /** The file's name. */
  readonly name: string;
  /** What it holds. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a target's seeds and findings, in the order of their names.
 *
 * @param target The target's name.
 * @throws {Error} When there is none: without one nothing is fuzzed.
 */
export async function entriesOf(target: string): Promise<Entry[]> {
  const folder = new URL(`${target}/`, CORPUS);
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (names.length === 0) throw new Error(`Cannot fuzz ${target}: no seed`);
  return await Promise.all(
    names.sort().map(async (name) => ({
      name,
      bytes: await Deno.readFile(new URL(name, folder)),
    })),
  );
}

/**
 * Keeps a case that breaks a law, for the tests to try it ever after.
 *
 * @param target The target's name.
 * @param name The finding's name.
 * @param bytes The case.
 * @returns The file's path.
 */
export async function keepFinding(
  target: string,
  name: string,
  bytes: Uint8Array,
): Promise<string> {
  const folder = new URL(`${target}/`, CORPUS);
  await Deno.mkdir(folder, { recursive: true });
  const file = new URL(`${name}.bin`, folder);
  await Deno.writeFile(file, bytes);
  return file.pathname;
}
