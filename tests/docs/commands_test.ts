import { assert, assertEquals } from "@std/assert";
import { hasFfmpeg } from "../helpers/ffmpeg.ts";
import { installed } from "../helpers/installed.ts";
import { makeProgram, type Program } from "../helpers/program.ts";
import { type Block, blocksOf, documents, readDocument } from "./markdown.ts";
import { MAKE_FILM, prepareFolder, runBlock } from "./shell_block.ts";

/** What a comment before a block may say, other than why it is not run. */
const NOTES = ["", "live", "with TLS"];

/** What is missing on this machine; empty: nothing. */
const MISSING = [
  hasFfmpeg ? "" : "ffmpeg",
  ...["bash", "curl", "ip", "ncat", "unshare"].map((name) =>
    installed(name) ? "" : name
  ),
  mayUnshare() ? "" : "network namespaces",
].filter((name) => name !== "");

function mayUnshare(): boolean {
  try {
    const args = ["-rn", "--pid", "--fork", "true"];
    return new Deno.Command("unshare", { args, stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

function shellBlocks(path: string): Block[] {
  return blocksOf(readDocument(path)).filter(({ language }) =>
    language === "sh"
  );
}

function isRun({ note }: Block): boolean {
  return !note.startsWith("not run: ");
}

for (const path of documents()) {
  const blocks = shellBlocks(path).filter(isRun);
  if (blocks.length === 0) continue;
  const skipped = MISSING.length > 0 ? ` (skipped: no ${MISSING.join()})` : "";
  Deno.test({
    name: `${path}: its commands run as they stand${skipped}`,
    ignore: MISSING.length > 0,
    fn: () => runAll(path, blocks),
  });
}

async function runAll(path: string, blocks: readonly Block[]): Promise<void> {
  await using program = await makeProgram();
  const folder = await Deno.makeTempDir({ prefix: "fstream-docs-" });
  try {
    await prepareFolder(folder);
    const film = await program.run(MAKE_FILM, folder);
    assertEquals([film.status, film.stderr], [0, ""]);
    for (const block of blocks) await check(program, folder, path, block);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function check(
  program: Program,
  folder: string,
  path: string,
  block: Block,
): Promise<void> {
  const { status, stdout, stderr } = await runBlock(program, folder, block);
  const log = await Deno.readTextFile(`${folder}/server.log`).catch(() => "");
  const said = `${path} line ${block.line}: status ${status}\n` +
    `${block.text}\nstdout: ${stdout}\nstderr: ${stderr}\nserver: ${log}`;
  assertEquals(status, 0, said);
}

Deno.test("each sh block of the documents is run, or says why it is not", () => {
  let run = 0;
  for (const path of documents()) {
    for (const block of shellBlocks(path)) {
      const { note, line } = block;
      assert(
        NOTES.includes(note) || /^not run: .{10}/.test(note),
        `${path} line ${line}: "${note}" says nothing to the test`,
      );
      if (isRun(block)) run++;
    }
  }
  assert(run >= 10, `only ${run} blocks are run`);
});
