import { installed } from "../../helpers/installed.ts";

/** Debian's interpreter: its packages are not those of another one on the search path. */
const PYTHON = "/usr/bin/python3";

/** An element of GStreamer, which is in a package of its own. */
export const RTMP2SINK = "GStreamer's rtmp2sink";

/** Names the first of some programs that is not installed; empty when all are. */
export async function missingPrograms(
  programs: readonly string[],
): Promise<string> {
  for (const program of programs) {
    if (program === PYTHON) {
      if (!await hasWebsockets()) return "python3-websockets";
    } else if (program === RTMP2SINK) {
      if (!await succeeds("gst-inspect-1.0", ["rtmp2sink"])) return program;
    } else if (!installed(program)) return program;
  }
  return "";
}

function hasWebsockets(): Promise<boolean> {
  return succeeds(PYTHON, ["-c", "import websockets"]);
}

async function succeeds(
  program: string,
  args: readonly string[],
): Promise<boolean> {
  try {
    const output = { stdout: "null", stderr: "null" } as const;
    const command = new Deno.Command(program, { args: [...args], ...output });
    return (await command.output()).success;
  } catch {
    return false;
  }
}
