import { SecretLine } from "./secret_line.ts";
import { say } from "./terminal.ts";

/** Bytes of a read: more than anybody types at a time. */
const READ_BYTES = 1024;

/**
 * Asks for secrets on the terminal, without showing what is typed.
 *
 * @param prompts What is asked, one after the other.
 * @returns The lines, in the order of the prompts.
 * @throws {Error} On Ctrl-C, and when the terminal goes away.
 */
export async function askSecrets(
  prompts: readonly string[],
): Promise<string[]> {
  const typed = new SecretLine();
  const decoder = new TextDecoder();
  const lines: string[] = [];
  Deno.stdin.setRaw(true);
  try {
    for (const prompt of prompts) {
      say(prompt);
      lines.push(await nextLine(typed, decoder));
      say("\r\n");
    }
    return lines;
  } finally {
    Deno.stdin.setRaw(false);
  }
}

async function nextLine(
  typed: SecretLine,
  decoder: TextDecoder,
): Promise<string> {
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const result = typed.next();
    if (result.state === "line") return result.line;
    const count = result.state === "open" ? await Deno.stdin.read(buffer) : 0;
    if (count === null || count === 0) {
      say("\r\n");
      throw new Error("Cannot read the password: interrupted");
    }
    typed.push(decoder.decode(buffer.subarray(0, count), { stream: true }));
  }
}
