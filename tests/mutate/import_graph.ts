import ts from "typescript";

/** What each file imports, turned round: which tests reach a file, and through how many others. */
export class ImportGraph {
  readonly #importers: Map<string, Set<string>> = new Map();

  /** @param sources The text of each file, by its path from the root of the project. */
  constructor(sources: ReadonlyMap<string, string>) {
    for (const [path, text] of sources) {
      for (const name of referredIn(text)) {
        const target = new URL(name, `file:///${path}`).pathname.slice(1);
        const known = this.#importers.get(target) ?? new Set();
        this.#importers.set(target, known.add(path));
      }
    }
  }

  /**
   * The tests that import a file, also through others: those that import it directly first, and of
   * those at the same distance its own test.
   */
  testsOf(path: string): string[] {
    const tests: string[] = [];
    const seen = new Set([path]);
    for (let level = [path]; level.length > 0;) {
      const importers = level.flatMap((each) => [
        ...this.#importers.get(each) ?? [],
      ]);
      level = [...new Set(importers)].filter((each) => !seen.has(each));
      level.forEach((each) => seen.add(each));
      tests.push(...level.filter(isTest).sort(byNearness(path)));
    }
    return tests;
  }
}

/** What a file imports, the workers that it starts, and `main.ts` where it runs the program. */
function referredIn(text: string): string[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  const names = importedFiles.map(({ fileName }) => fileName);
  const started = text.matchAll(/new URL\(\s*"(\.[^"]+\.ts)"/g);
  const relative = [...names, ...[...started].map(([, name]) => name!)]
    .filter((name) => name.startsWith("."));
  return /\bmain\.ts['"`]/.test(text) ? [...relative, "/main.ts"] : relative;
}

function isTest(path: string): boolean {
  return path.endsWith("_test.ts");
}

/** The file's own test, then those of its module, then the others. */
function byNearness(path: string): (a: string, b: string) => number {
  const own = path.replace(/^lib\//, "tests/").replace(/\.ts$/, "_test.ts");
  const module = own.split("/").slice(0, 2).join("/");
  const rank = (test: string): number =>
    test === own ? 0 : test.startsWith(`${module}/`) ? 1 : 2;
  return (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1);
}
