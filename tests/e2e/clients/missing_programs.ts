import { installed } from "../../helpers/installed.ts";

/** Debian's interpreter: its packages are not those of another one on the search path. */
const PYTHON = "/usr/bin/python3";

/** Names the first of some programs that is not installed; empty when all are. */
export async function missingPrograms(
  programs: readonly string[],
): Promise<string> {
  for (const program of programs) {
    if (program === PYTHON) {
      if (!await hasWebsockets()) return "python3-websockets";
    } else if (!installed(program)) return program;
  }
  return "";
}

async function hasWebsockets(): Promise<boolean> {
  try {
    const args = ["-c", "import websockets"];
    const output = { stdout: "null", stderr: "null" } as const;
    const command = new Deno.Command(PYTHON, { args, ...output });
    return (await command.output()).success;
  } catch {
    return false;
  }
}
