import { installed } from "./installed.ts";

/** Programs without which OBS does not run on a machine without a screen. */
const PROGRAMS = ["obs", "Xvfb", "xvfb-run"];

/** The first of OBS's programs that is not installed; empty when all are. */
export function missingForObs(): string {
  return PROGRAMS.find((program) => !installed(program)) ?? "";
}

/** What OBS streams: a colour and silence, as small as it can. */
const PROFILE = `[General]
Name=Test
[Output]
Mode=Simple
Reconnect=false
[SimpleOutput]
VBitrate=200
StreamEncoder=x264
Preset=ultrafast
ABitrate=64
[Video]
BaseCX=160
BaseCY=120
OutputCX=160
OutputCY=120
FPSType=0
FPSCommon=10
[Audio]
SampleRate=44100
`;

/** Names profile and scenes, and answers the questions of a first start. */
const GLOBAL = `[General]
FirstRun=true
LastVersion=486539266
EnableAutoUpdates=false
[Basic]
Profile=Test
ProfileDir=Test
SceneCollection=Test
SceneCollectionFile=Test
`;

const SCENES = {
  name: "Test",
  "current_scene": "Scene",
  "current_program_scene": "Scene",
  "scene_order": [{ name: "Scene" }],
  sources: [
    {
      id: "scene",
      name: "Scene",
      settings: { items: [{ name: "Color", id: 1, visible: true }] },
    },
    {
      id: "color_source_v3",
      name: "Color",
      settings: { color: 0xffff0000, width: 160, height: 120 },
    },
  ],
};

/** Milliseconds for which OBS streams. */
const STREAM_MS = 3000;

/** Ends the stream in order, as its button does: OBS knows no signal for that. */
const SCRIPT = `local obs = obslua
local function stop()
  obs.remove_current_callback()
  obs.obs_frontend_streaming_stop()
end
local function on_event(event)
  if event == obs.OBS_FRONTEND_EVENT_STREAMING_STARTED then
    obs.timer_add(stop, ${STREAM_MS})
  end
end
function script_load()
  obs.obs_frontend_add_event_callback(on_event)
end
`;

/**
 * OBS Studio on a screen of its own, which streams for {@linkcode STREAM_MS} when it has started; `await using` ends
 * it.
 */
export class Obs implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #home: string;
  readonly #log: Promise<string>;
  #isEnded = false;

  /** @param home Removed in the end. */
  constructor(child: Deno.ChildProcess, home: string) {
    this.#child = child;
    this.#home = home;
    this.#log = logOf(child);
  }

  /**
   * Starts it with a folder of settings of its own.
   *
   * @param server What stands in the field "Server".
   * @param key What stands in the field "Stream Key".
   */
  static async start(server: string, key: string): Promise<Obs> {
    const home = await Deno.makeTempDir({ prefix: "fstream-obs-" });
    await writeSettings(`${home}/obs-studio`, server, key);
    const screen = ["-a", "-s", "-screen 0 640x480x24", "obs"];
    const flags = ["--startstreaming", "--minimize-to-tray", "--multi"];
    const child = new Deno.Command("xvfb-run", {
      args: [...screen, ...flags, "--disable-shutdown-check", "--verbose"],
      env: {
        ...{ HOME: home, XDG_CONFIG_HOME: home, XDG_RUNTIME_DIR: home },
        ...{ LIBGL_ALWAYS_SOFTWARE: "1", QT_QPA_PLATFORM: "xcb" },
      },
      detached: true, // A group of its own, with its screen.
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new Obs(child, home);
  }

  /** Ends it; returns what it logged. */
  async end(): Promise<string> {
    if (!this.#isEnded) {
      this.#isEnded = true;
      kill(-this.#child.pid, "SIGKILL");
      await this.#child.status;
    }
    return await this.#log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await Deno.remove(this.#home, { recursive: true });
  }
}

async function writeSettings(
  folder: string,
  server: string,
  key: string,
): Promise<void> {
  const profile = `${folder}/basic/profiles/Test`;
  await Deno.mkdir(profile, { recursive: true });
  await Deno.mkdir(`${folder}/basic/scenes`);
  const settings = { server, key, "use_auth": false, bwtest: false };
  const files = {
    "global.ini": GLOBAL,
    "basic/profiles/Test/basic.ini": PROFILE,
    "basic/profiles/Test/service.json": JSON.stringify({
      settings,
      type: "rtmp_custom",
    }),
    "basic/scenes/Test.json": JSON.stringify({
      ...SCENES,
      modules: { "scripts-tool": [{ path: `${folder}/stop.lua` }] },
    }),
    "stop.lua": SCRIPT,
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}

async function logOf(child: Deno.ChildProcess): Promise<string> {
  const [out, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return out + error;
}

function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
