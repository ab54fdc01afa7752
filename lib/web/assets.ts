import * as files from "./pages/files.ts";

/** A file that a page loads. */
export interface Asset {
  /** Its text; read from the executable only when needed. */
  readonly body: string;
  /** Its MIME type, with the charset. */
  readonly type: string;
}

/** MIME types by suffix. */
const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
};

/** The files of the pages. */
type PageFile =
  | "index.html"
  | "watch.html"
  | "broadcast.html"
  | "admin.html"
  | "not_found.html";

/** Where a page names its entry module, whose imports are then preloaded. */
const ENTRY = /<script type="module" src="\/assets\/([^"]+)"><\/script>/;

/** The files by their path below `/assets/`. */
export const assets: ReadonlyMap<string, Asset> = new Map(
  Object.keys(files)
    .filter((name) => !name.endsWith(".html"))
    .map((name) => [name, assetOf(name)]),
);

/** The pages, in HTML; each is made when it is first asked for. */
export const pages: {
  /** The list of channels. */
  readonly index: string;
  /** One channel's player. */
  readonly watch: string;
  /** Broadcasting from the browser. */
  readonly broadcast: string;
  /** What a user sees and steers. */
  readonly admin: string;
  /** What a browser is shown instead of a page that does not exist. */
  readonly notFound: string;
} = {
  get index(): string {
    return madeOnce("index.html");
  },
  get watch(): string {
    return madeOnce("watch.html");
  },
  get broadcast(): string {
    return madeOnce("broadcast.html");
  },
  get admin(): string {
    return madeOnce("admin.html");
  },
  get notFound(): string {
    return madeOnce("not_found.html");
  },
};

/** Pages that have been asked for, by the name of their file. */
const made: Map<string, string> = new Map();

function madeOnce(name: PageFile): string {
  const page = made.get(name) ?? withPreloads(files[name]);
  made.set(name, page);
  return page;
}

/**
 * The modules that a module imports, directly or not, by their path below `/assets/`.
 *
 * @param name The module's own path; it is not part of the result.
 */
export function importsOf(
  name: string,
  found: Set<string> = new Set(),
): ReadonlySet<string> {
  const body = assets.get(name)?.body ?? "";
  for (const [, target = ""] of body.matchAll(/^.*\bfrom "(\.[^"]+)";$/gm)) {
    const path = new URL(target, `file:///${name}`).pathname.slice(1);
    if (found.has(path)) continue;
    importsOf(path, found.add(path));
  }
  return found;
}

/** Lets a browser load all modules of a page at once, not one level of imports after the other. */
function withPreloads(html: string): string {
  return html.replace(ENTRY, (script, entry: string) => {
    const links = [...importsOf(entry)].map((path) =>
      `<link rel="modulepreload" href="/assets/${path}">`
    );
    return [script, ...links].join("\n    ");
  });
}

function assetOf(name: string): Asset {
  const texts: Readonly<Record<string, string>> = files;
  return {
    // A getter, because the executable keeps long texts on disk until somebody asks for them.
    get body(): string {
      return texts[name] ?? "";
    },
    type: TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "text/plain",
  };
}
