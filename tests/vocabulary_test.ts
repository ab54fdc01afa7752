import { assertEquals } from "@std/assert";
import { fromRoot } from "./helpers/root.ts";

/**
 * Words that the project no longer uses, each with what to write instead. They were private metaphors for
 * things that have a name in the field, archaic English, or took every user for a man.
 */
const RETIRED: readonly (readonly [RegExp, string])[] = [
  [/\bepochs?\b/, "broadcast"],
  [/\bon the air\b/, "live"],
  [/\bclaim(s|ed)?\b/, "broadcast, or a plain verb"],
  [/\bwish(es)?\b/, "request, or a plain verb"],
  [/\bborders?\b/, "unit boundary"],
  [/\bjudges?\b/, "random access detector"],
  [/\bdamaged?\b/, "corruption, corrupt"],
  [/\brooms\b|\b(?:in|into|of) (?:a|the|no|which|its) room\b/, "module"],
  [/\bdoors?\b/, "protocol"],
  [/\bvoices?\b/, "replies"],
  [/\bpreludes?\b|\bintroductions?\b/, "request"],
  [/\bbrakes?\b/, "rate limiter"],
  [/\brights\b/, "permissions"],
  [/\bsweep(s|ing)?\b/, "tick"],
  [/\banew\b/, "again"],
  [/\black(s|ing)?\b/, "is missing, has no"],
  [/\bunder way\b/, "in progress"],
  [/\bbefalls?\b/, "happens to"],
  [/\bwho(?:m|so)?ever\b/, "a peer that"],
  [/\bwho (?:is|are|has|have) to\b/, "who must"],
  [/\b(?:is|are|be) had\b/, "is available"],
  [/\bhas (?:him|it|them)sel(?:f|ves)\b/, "a plain verb"],
  [/\b(?:he|him|his|himself|hers?|herself)\b/, "they, or the peer"],
];

/** What is written for people: sources, pages, documents. */
const WRITTEN = /\.(?:ts|js|html|css|md|ini|sh|yml)$|\/run$/;

/** Words of the web platform that are spelt like retired ones. */
const STYLESHEET = /\.css$/;
const STYLESHEET_WORDS = /\bborder(?:-[\w-]+)?\b/g;

function* filesBelow(path: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(fromRoot(path))) {
    const below = path === "." ? name : `${path}/${name}`;
    if (!isDirectory) yield below;
    else if (path !== ".") yield* filesBelow(below);
  }
}

function writtenFiles(): string[] {
  return [".", "lib", "docs", "users", ".ci", ".github"]
    .flatMap((folder) => [...filesBelow(folder)])
    .filter((path) => WRITTEN.test(path));
}

/** What a text says by itself: a document quotes in backticks, a stylesheet speaks its own language. */
function ownWords(path: string, text: string): string {
  if (STYLESHEET.test(path)) return text.replaceAll(STYLESHEET_WORDS, "");
  return path.endsWith(".md") ? text.replaceAll(/`[^`\n]+`/g, "") : text;
}

function retiredWordsOf(path: string, text: string): string[] {
  return ownWords(path, text).split("\n").flatMap((line, index) =>
    RETIRED.flatMap(([pattern, instead]) => {
      const [word] = new RegExp(pattern, "i").exec(line) ?? [];
      return word === undefined
        ? []
        : [`${path}:${index + 1}: "${word}" (${instead})`];
    })
  );
}

Deno.test("sources and documents use the words of the field", () => {
  const files = writtenFiles();
  assertEquals(files.length > 200, true, `only ${files.length} files`);
  const found = files.flatMap((path) =>
    retiredWordsOf(path, Deno.readTextFileSync(fromRoot(path)))
  );
  assertEquals(found, []);
});

Deno.test("retired words are found in any case, and not within other words", () => {
  const found = (text: string, path = "a.ts"): number =>
    retiredWordsOf(path, text).length;
  assertEquals(found("/** Whoever has himself refused. */"), 3);
  assertEquals(found("The Door is open"), 1);
  assertEquals(found("indoors, mushrooms, black, the history of hertz"), 0);
  assertEquals(found("border: 1px", "a.css"), 0);
  assertEquals(found("`door` is now `protocol`", "a.md"), 0);
});
