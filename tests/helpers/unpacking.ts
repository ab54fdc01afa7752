import { assertEquals } from "@std/assert";

/** Names of what a self-extracting executable unpacks: the runtime, the program, and its long texts. */
const PARTS = [
  /^runtime-[\d.]+-[\da-f]{16}\/fstream$/,
  /^fstream-[\d.]+-[\da-f]{16}\.js$/,
  /^fstream-[\d.]+-[\da-f]{16}\.txt$/,
];

/** Paths of the files below a folder, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const below = isDirectory ? await filesIn(`${folder}/${name}`) : undefined;
    paths.push(...below?.map((path) => `${name}/${path}`) ?? [name]);
  }
  return paths.sort();
}

/** Fails unless there is one file of each part, and nothing else. */
export function assertParts(names: readonly string[]): void {
  assertEquals(names.length, PARTS.length, names.join());
  for (const pattern of PARTS) {
    assertEquals(names.filter((name) => pattern.test(name)).length, 1);
  }
}

/** Whether an executable is a script that unpacks itself; a compiled one leaves nothing behind. */
export async function unpacksItself(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(2);
  await file.read(bytes);
  return new TextDecoder().decode(bytes) === "#!";
}
