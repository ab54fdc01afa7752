import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { serveCommand } from "../../../lib/cli/commands/serve.ts";
import { exampleConfig } from "../../../lib/cli/example_config.ts";
import { parseConfig } from "../../../lib/cli/setting_layers.ts";
import { buildConfig, SETTINGS } from "../../../lib/config/config.ts";
import { UsageError } from "../../../lib/errors.ts";

Deno.test("exampleConfig() reads back as the defaults", () => {
  const written = parseConfig(exampleConfig(), "fstream.ini");
  assertEquals(buildConfig(written), buildConfig());
});

Deno.test("exampleConfig() and the help explain every setting", () => {
  const example = exampleConfig();
  for (const { name, about, default: text } of Object.values(SETTINGS)) {
    // A setting without a default is shown commented out.
    const line = text === "" ? `\n# ${name} = \n` : `\n${name} = ${text}\n`;
    assertStringIncludes(example, line);
    assertStringIncludes(example, about.slice(1));
    assertStringIncludes(serveCommand.help, `--${name} `);
    assertStringIncludes(serveCommand.help, about);
  }
});

Deno.test("exampleConfig() with every setting uncommented and changed is read", () => {
  const changed = exampleConfig()
    .replace(/^# auth = $/m, "auth = ./my_auth.ts")
    .replace(/^listen = .*$/m, "listen = [::1]:1")
    .replace(/^backlog = .*$/m, "backlog = 1M");
  const { auth, listen, backlog } = buildConfig(parseConfig(changed, "f.ini"));
  assertEquals({ auth, listen, backlog }, {
    auth: "./my_auth.ts",
    listen: [{ host: "::1", port: 1 }],
    backlog: 1024 * 1024,
  });
});

Deno.test("parseConfig() keeps file and line of each value", () => {
  const text = "[server]\n\n# why\nbacklog = 1M\nGrace: 5s\n";
  assertEquals([...parseConfig(text, "f.ini")], [
    ["backlog", { text: "1M", where: "f.ini line 4: backlog" }],
    ["grace", { text: "5s", where: "f.ini line 5: grace" }],
  ]);
});

Deno.test("parseConfig() reads settings that are not in [server] from [DEFAULT]", () => {
  const text = "[DEFAULT]\ngrace = 1\nbacklog = 1M\n[server]\ngrace = 2\n";
  const { grace, backlog } = buildConfig(parseConfig(text, "f.ini"));
  assertEquals([grace, backlog], [2, 1024 * 1024]);
});

const BAD: readonly [text: string, message: string][] = [
  ["backlog = 1M\n", "f.ini line 1: no [section] stands above it"],
  ["[server]\nbacklog\n", "f.ini line 2: no = or : after the key"],
  ["[server]\n= 1\n", "f.ini line 2: no key before the = or :"],
  [
    "[server]\ngrace = 1\n\ngrace = 2\n",
    "f.ini line 4: the section has the key already, on line 2",
  ],
  ["[http]\nport = 1\n", "f.ini: unknown section [http]"],
  [
    "[server]\n\nbacklog = lots\n",
    "f.ini line 3: backlog expects a size such as 512K or 8M, " +
    'not "lots"',
  ],
  [
    "[server]\ncolour = red\n",
    'f.ini line 2: colour: unknown setting "colour"',
  ],
];

Deno.test("parseConfig() and buildConfig() name file and line of what is wrong", () => {
  for (const [text, message] of BAD) {
    const error = assertThrows(
      () => buildConfig(parseConfig(text, "f.ini")),
      UsageError,
    );
    assertEquals(error.message, message);
  }
});

Deno.test("the help of serve keeps to 100 columns or wraps", () => {
  for (const line of serveCommand.help.split("\n")) {
    assert(line.length <= 110, line);
  }
});
