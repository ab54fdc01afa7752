import { fromRoot } from "../helpers/root.ts";

/** A fenced block of a document. */
export interface Block {
  /** The line of its opening fence, from 1. */
  readonly line: number;
  /** The word behind the opening fence. */
  readonly language: string;
  /** Its content, with the last line end. */
  readonly text: string;
  /** The HTML comment before it, without its marks; empty without one. */
  readonly note: string;
}

/** Every document of the project, by its path from the root. */
export function documents(): string[] {
  const names = ["", "docs/"].flatMap((folder) =>
    [...Deno.readDirSync(fromRoot(folder === "" ? "." : folder))]
      .filter(({ name }) => name.endsWith(".md"))
      .map(({ name }) => `${folder}${name}`)
  );
  return names.sort();
}

/** Reads a document by its path from the root. */
export function readDocument(path: string): string {
  return Deno.readTextFileSync(fromRoot(path));
}

/** The fenced blocks of a document. */
export function blocksOf(markdown: string): Block[] {
  const pattern = /(?:^<!-- (.+?) -->\n\n?)?^```(\w*)\n(.*?)^```$/gms;
  return [...markdown.matchAll(pattern)].map((match) => {
    const [whole, note = "", language = "", text = ""] = match;
    const before = markdown.slice(0, match.index + whole.indexOf("```"));
    return { line: before.split("\n").length, language, text, note };
  });
}

/** The block behind a comment that names where its text comes from. */
export function blockFrom(path: string, source: string): Block {
  const found = blocksOf(readDocument(path)).find(({ note }) =>
    note === source
  );
  if (!found) throw new Error(`${path} has no block of ${source}`);
  return found;
}
