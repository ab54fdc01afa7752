import { assertEquals } from "@std/assert";
import { setAside } from "../../lib/package/set_aside.ts";

/** Bytes before the texts. */
const FROM = 8192;

const LONG = "AbC/\n".repeat(20_000);
const LONGER = "xyz+".repeat(30_000);

/** What a script makes of `answer` when it runs as the executable runs it. */
async function run(script: string, file: string): Promise<string> {
  const program = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await Deno.writeTextFile(program, script);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read", program, "", "", file],
    }).output();
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(program);
  }
}

Deno.test("setAside() takes long texts out, and the script still has them", async () => {
  const { script, texts } = setAside(
    [
      `  var first_default = ${JSON.stringify(LONG)};`,
      `  var second_default = "${LONGER}";`,
      "  console.log([second_default, first_default].join());",
      "",
    ].join("\n"),
    FROM,
  );
  assertEquals(texts, LONG + LONGER);
  assertEquals(script.includes(LONG), false);
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "#".repeat(FROM) + texts + "behind");
    assertEquals(await run(script, file), `${LONGER},${LONG}\n`);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("setAside() leaves short texts, and those that are not base64, where they are", () => {
  const script = `  var a = "${LONGER.slice(0, 65_535)}";
  var b = "${LONGER}!";
`;
  assertEquals(setAside(script, FROM), { script, texts: "" });
});
