import { assertEquals } from "@std/assert";

/** Names of what a self-extracting executable unpacks: the runtime, the program, and its long texts. */
const PARTS = [
  /^deno-[\d.]+-[\da-f]{16}$/,
  /^fstream-[\d.]+-[\da-f]{16}\.js$/,
  /^fstream-[\d.]+-[\da-f]{16}\.txt$/,
];

/** Names in a folder, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
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
