import { assertEquals, assertMatch } from "@std/assert";

/** Names of what a self-extracting executable unpacks: the runtime and the program. */
const PARTS = [/^deno-[\d.]+-[\da-f]{16}$/, /^fstream-[\d.]+-[\da-f]{16}\.js$/];

/** Names in a folder, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

/** Fails unless there is one file of each part, and nothing else. */
export function assertParts(names: readonly string[]): void {
  assertEquals(names.length, PARTS.length, names.join());
  for (const [at, pattern] of PARTS.entries()) assertMatch(names[at]!, pattern);
}

/** Whether an executable is a script that unpacks itself; a compiled one leaves nothing behind. */
export async function unpacksItself(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(2);
  await file.read(bytes);
  return new TextDecoder().decode(bytes) === "#!";
}
