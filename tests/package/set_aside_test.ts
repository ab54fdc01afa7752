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
  assertEquals(await new Blob([...texts]).text(), LONG + LONGER);
  assertEquals(script.includes(LONG), false);
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "#".repeat(FROM) + LONG + LONGER + "behind");
    assertEquals(await run(script, file), `${LONGER},${LONG}\n`);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("setAside() leaves short texts, and what is more than a text, where they are", () => {
  const script = `  var a = "${LONGER.slice(0, 65_535)}";
  var b = \`${LONGER}\` + a;
`;
  assertEquals(setAside(script, FROM), { script, texts: [] });
});

Deno.test("setAside() reads what the bundler had to write in another way", () => {
  const more = "x".repeat(65_536);
  const text = "`${a}\\ \"'\r\n\t\u00e9\u{1f3a5}\0" + more;
  const quoted = JSON.stringify(text);
  const template = text.replaceAll(/[`\\$]/g, "\\$&").replace("\r", "\\r")
    .replace("\0", "\\0");
  const { texts } = setAside(
    [
      `  var first_default = ${quoted};`,
      `  var second_default = \`${template}\`;`,
      `  var third_default = '\\x41\\'${more}';`,
      "",
    ].join("\n"),
    FROM,
  );
  const decoded = texts.map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(decoded, [text, text, `A'${more}`]);
});
