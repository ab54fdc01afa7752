import ts from "typescript";
import { fromRoot } from "../helpers/root.ts";
import manifest from "../../deno.json" with { type: "json" };
import { applied, type Mutant } from "./mutant.ts";
import { mutantsOf } from "./operators.ts";

/** The name under which the compiler finds the declarations of Deno. */
const DENO_TYPES = fromRoot("deno.d.ts");

/** Every source file of the project, kept in memory and checked again after each change. */
export class CheckedProgram {
  readonly #texts: Map<string, { text: string; version: number }> = new Map();
  readonly #service: ts.LanguageService;
  /** The errors of files without a mutant: modules that only Deno finds. */
  readonly #known: Map<string, string> = new Map();

  /**
   * @param sources The text of each source file, by its path from the root of the project.
   * @param denoTypes What `deno types` prints.
   */
  constructor(sources: ReadonlyMap<string, string>, denoTypes: string) {
    for (const [path, text] of sources) {
      this.#texts.set(fromRoot(path), { text, version: 0 });
    }
    this.#texts.set(DENO_TYPES, { text: denoTypes, version: 0 });
    this.#service = ts.createLanguageService(this.#host());
  }

  /** The text of a file, without a mutant. */
  textOf(path: string): string {
    const file = this.#texts.get(fromRoot(path));
    if (!file) throw new Deno.errors.NotFound(`${path} is no source file`);
    return file.text;
  }

  /** Every mutant of a file; see {@linkcode mutantsOf}. */
  mutantsOf(path: string): Mutant[] {
    const program = this.#service.getProgram()!;
    const file = program.getSourceFile(fromRoot(path))!;
    return mutantsOf(path, file, program.getTypeChecker());
  }

  /** Whether the types of a file still fit with a mutant in it. */
  fits(mutant: Mutant): boolean {
    const { path } = mutant;
    const known = this.#known.get(path) ?? this.#errors(path);
    this.#known.set(path, known);
    const file = this.#texts.get(fromRoot(path))!;
    const { text } = file;
    file.text = applied(mutant, text);
    file.version++;
    try {
      return this.#errors(path) === known;
    } finally {
      file.text = text;
      file.version++;
    }
  }

  #errors(path: string): string {
    const name = fromRoot(path);
    return [
      ...this.#service.getSyntacticDiagnostics(name),
      ...this.#service.getSemanticDiagnostics(name),
    ].map(({ code, messageText }) => `${code} ${JSON.stringify(messageText)}`)
      .join("\n");
  }

  #host(): ts.LanguageServiceHost {
    const read = (name: string): string | undefined =>
      this.#texts.get(name)?.text ?? ts.sys.readFile(name);
    return {
      getCompilationSettings: options,
      getScriptFileNames: () => [...this.#texts.keys()],
      getScriptVersion: (name) => `${this.#texts.get(name)?.version ?? 0}`,
      getScriptSnapshot: (name) => {
        const text = read(name);
        return text === undefined
          ? undefined
          : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => fromRoot(""),
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: (name) => this.#texts.has(name) || ts.sys.fileExists(name),
      readFile: read,
    };
  }
}

/** Those of the project, and what Deno adds. */
function options(): ts.CompilerOptions {
  const { types: _, ...own } = manifest.compilerOptions;
  return {
    ...own,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    lib: ["lib.esnext.d.ts"],
  };
}
