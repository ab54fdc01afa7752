import { assertEquals, assertStringIncludes } from "@std/assert";
import { SETTINGS } from "../../../lib/config/config.ts";
import { needs } from "../../helpers/installed.ts";
import { makeProgram } from "../../helpers/program.ts";
import { fromRoot } from "../../helpers/root.ts";

async function output(text: string): Promise<string> {
  await using program = await makeProgram();
  const { status, stdout, stderr } = await program.run(text, fromRoot("tests"));
  assertEquals([status, stderr], [0, ""]);
  return stdout;
}

Deno.test("fstream man describes every command and every setting", async () => {
  const page = await output("fstream man");
  const help = await output("fstream --help");
  const commands = [
    ...help.matchAll(/^ {2}fstream (?:\[\S+\] )?([a-z]+) .*$/gm),
  ];
  assertEquals(commands.length > 8, true, help);
  for (const [, name] of commands) {
    assertStringIncludes(page, `\n.SS ${name}\n`);
  }
  for (const { name } of Object.values(SETTINGS)) {
    const escaped = `--${name}`.replaceAll("-", "\\-");
    assertStringIncludes(page, `\n\\fB${escaped}\\fR`);
  }
});

Deno.test({
  ...needs(
    "groff",
    "fstream man is a page that groff formats without a warning",
  ),
  fn: async () => {
    const page = await output(
      "fstream man | groff -man -ww -Tutf8 -P-cbou 2>&1",
    );
    assertStringIncludes(page, "NAME\n       fstream - carries live media");
    assertStringIncludes(page, "--user-password PASSWORD");
    const statuses = [
      ...[
        "0      done, every byte was delivered",
        "1      failed or incomplete",
      ],
      ...["2      wrong usage", "3      refused by the server"],
    ];
    for (const status of statuses) {
      assertStringIncludes(page, `\n       ${status}\n`);
    }
    assertEquals(page.includes("warning"), false, page);
  },
});
