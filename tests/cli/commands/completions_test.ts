import { assertEquals, assertStringIncludes } from "@std/assert";
import { needs } from "../../helpers/installed.ts";
import { makeProgram, type Ran } from "../../helpers/program.ts";
import { fromRoot } from "../../helpers/root.ts";

async function run(text: string): Promise<Ran> {
  await using program = await makeProgram();
  return await program.run(text, fromRoot("tests"));
}

/** What bash offers for a line whose last word is being written, sorted. */
async function bashOffers(words: readonly string[]): Promise<string[]> {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const { stdout, stderr } = await run(
    `fstream completions bash > "$TMPDIR/fstream-$$"
    bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fstream
      printf "%s\\n" "\${COMPREPLY[@]}"' bash "$TMPDIR/fstream-$$" ${quoted}
    rm "$TMPDIR/fstream-$$"`.replaceAll("$TMPDIR", "${TMPDIR:-/tmp}"),
  );
  assertEquals(stderr, "");
  return stdout.split("\n").filter((line) => line !== "").sort();
}

Deno.test({
  ...needs("bash", "bash completes commands, flags, values and folders"),
  fn: async () => {
    for (
      const [words, offers] of [
        [["fstream", "wa"], ["watch"]],
        [["fstream", "--v"], ["--version"]],
        [["fstream", "host", ":", "1", "tok"], ["token"]],
        [["fstream", "watch", "--st"], ["--start"]],
        [["fstream", "watch", "--start", ""], ["join", "live", "oldest"]],
        [["fstream", "watch", "--user", ""], []],
        [["fstream", "serve", "--listen", ""], []],
        [["fstream", "serve", "--tls-listen", ""], ["off"]],
        [["fstream", "broadcast", "--no-"], ["--no-reply"]],
        [["fstream", "serve", "--log-format", "j"], ["json"]],
        [["fstream", "serve", "--users", "transc"], ["transcripts"]],
        [["fstream", "completions", "z"], ["zsh"]],
      ] as const
    ) {
      assertEquals(await bashOffers(words), [...offers], words.join(" "));
    }
  },
});

Deno.test({
  ...needs("zsh", "zsh reads its completion"),
  fn: async () => {
    const { status, stdout, stderr } = await run(
      `fstream completions zsh > "\${TMPDIR:-/tmp}/_fstream-$$" && zsh -f -c '
        autoload -U compinit && compinit -D && . "$1" && print -r -- $_comps[fstream]
      ' zsh "\${TMPDIR:-/tmp}/_fstream-$$"; status=$?; rm "\${TMPDIR:-/tmp}/_fstream-$$"; exit $status`,
    );
    assertEquals([status, stdout, stderr], [0, "_fstream\n", ""]);
  },
});

Deno.test({
  ...needs("fish", "fish completes commands, flags and values"),
  fn: async () => {
    for (
      const [line, offer] of [
        ["fstream wa", "watch\twrite a channel to stdout\n"],
        ["fstream watch --st", "--start\twhere to start"],
        ["fstream watch --start l", "or the oldest kept (oldest)"],
        ["fstream completions z", "zsh\n"],
      ] as const
    ) {
      const { stdout, stderr } = await run(
        `fstream completions fish | fish --no-config -c 'source; complete -C "${line}"'`,
      );
      assertStringIncludes(stdout, offer, stderr);
    }
  },
});

Deno.test("no shell completes a placeholder", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { status, stdout } = await run(`fstream completions ${shell}`);
    assertEquals(status, 0);
    const values = stdout.matchAll(
      /compgen -W (\S+)|:\(([^)]*)\)'|-x -a '([^']*)'/g,
    );
    let offers = 0;
    for (const [, ...forms] of values) {
      offers++;
      const words = forms.join("").replaceAll("\\n", " ").split(/[ $']+/);
      const placeholders = words.filter((word) => /^[A-Z]{2,}$/.test(word));
      assertEquals(placeholders, [], shell);
    }
    assertEquals(offers > 3, true, `${shell} offers ${offers} lists`);
  }
});

Deno.test("fstream completions knows three shells", async () => {
  const { status, stdout, stderr } = await run("fstream completions csh");
  assertEquals([status, stdout], [2, ""]);
  assertStringIncludes(stderr, "known are bash, zsh, fish");
});
