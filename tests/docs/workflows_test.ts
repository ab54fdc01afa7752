import { assert, assertEquals } from "@std/assert";
import { fromRoot } from "../helpers/root.ts";
import { documents, readDocument } from "./markdown.ts";

const WORKFLOWS = ".github/workflows/";

/** Files that name the version of Deno with which everything is run. */
function filesThatRunDeno(): string[] {
  const workflows = [...Deno.readDirSync(fromRoot(WORKFLOWS))]
    .map(({ name }) => `${WORKFLOWS}${name}`);
  return [...documents(), ...workflows, ".ci/run"];
}

Deno.test("documents, workflows and gate name one version of Deno", () => {
  const versions = filesThatRunDeno().flatMap((path) =>
    [...readDocument(path).matchAll(/\bdeno@([\d.]+\d)/g)].map(([, v]) => v)
  );
  assert(versions.length > 5, `only ${versions.length} places`);
  assertEquals([...new Set(versions)].length, 1, versions.join());
});

Deno.test("ci.yml runs the gate that everybody runs", () => {
  const text = readDocument(`${WORKFLOWS}ci.yml`);
  assert(/^ +run: \.ci\/run$/m.test(text));
});

Deno.test("release.yml builds and tries all platforms of the executable", () => {
  const text = readDocument(`${WORKFLOWS}release.yml`);
  const targets = ["x86_64", "aarch64"].flatMap((processor) =>
    ["unknown-linux-gnu", "apple-darwin", "pc-windows-msvc"].map((system) =>
      `${processor}-${system}`
    )
  );
  for (const target of targets) {
    assert(text.includes(`          - ${target}\n`), `${target} is not built`);
    assert(text.includes(`target: ${target}`), `${target} is not tried`);
  }
  const systems = readDocument("docs/packaging.md");
  for (const part of new Set(targets.flatMap((each) => each.split("-", 1)))) {
    assert(systems.includes(`\`${part}\``), `${part} is not documented`);
  }
});

async function releaseNotes(
  version: string,
): Promise<{ code: number; text: string }> {
  const { code, stdout } = await new Deno.Command("sh", {
    args: [fromRoot(".github/release_notes.sh"), version],
    stderr: "null",
  }).output();
  return { code, text: new TextDecoder().decode(stdout) };
}

Deno.test({
  name: "release_notes.sh prints one version's section of the changelog",
  ignore: Deno.build.os === "windows", // A script for sh.
  fn: async () => {
    const { code, text } = await releaseNotes("0.1.0");
    assertEquals(code, 0);
    assert(text.includes("First version"));
    assert(!/^## /m.test(text), "the next section's heading is printed too");
    const unknown = await releaseNotes("0.0.0");
    assertEquals([unknown.code === 0, unknown.text], [false, ""]);
  },
});
