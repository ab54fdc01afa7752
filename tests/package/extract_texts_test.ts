import { assertEquals } from "@std/assert";
import { extractTexts } from "../../lib/package/extract_texts.ts";

const LONG = "AbC/\n".repeat(20_000);
const LONGER = "xyz+".repeat(30_000);

/** The output of a program next to its texts, run like the executable runs it. */
async function run(
  script: (name: string) => string,
  texts: Uint8Array,
): Promise<string> {
  const folder = await Deno.makeTempDir();
  const program = `${folder}/program.js`;
  try {
    await Deno.writeTextFile(program, script("texts.txt"));
    await Deno.writeFile(`${folder}/texts.txt`, texts);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read", program, program],
    }).output();
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("extractTexts() moves long texts to a file that the script reads", async () => {
  const { script, texts } = extractTexts([
    `  var first_default = ${JSON.stringify(LONG)};`,
    `  var second_default = "${LONGER}";`,
    "  const o = { first_default: 1 };",
    "  console.log([second_default, first_default, o.first_default].join());",
    "",
  ].join("\n"));
  assertEquals(new TextDecoder().decode(texts), LONG + LONGER);
  assertEquals(script("texts.txt").includes(LONG), false);
  assertEquals(await run(script, texts), `${LONGER},${LONG},1\n`);
});

Deno.test("extractTexts() keeps short texts and templates with substitutions", () => {
  const program = `  var a = "${LONGER.slice(0, 1023)}";
  var b = \`${LONGER}\` + a;
  var c = \`${LONGER}\${a}\`;
`;
  const { script, texts } = extractTexts(program);
  assertEquals([script("texts.txt"), texts.length], [program, 0]);
});

Deno.test("extractTexts() decodes what the bundler escaped", () => {
  const more = "x".repeat(65_536);
  const text = "`${a}\\ \"'\r\n\t\u00e9\u{1f3a5}\0" + more;
  const quoted = JSON.stringify(text);
  const template = text.replaceAll(/[`\\$]/g, "\\$&").replace("\r", "\\r")
    .replace("\0", "\\0");
  const { texts } = extractTexts([
    `  var first_default = ${quoted};`,
    `  var second_default = \`${template}\`;`,
    `  var third_default = '\\x41\\'${more}';`,
    "",
  ].join("\n"));
  assertEquals(new TextDecoder().decode(texts), `${text}${text}A'${more}`);
});
