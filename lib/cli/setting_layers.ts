import type { Written } from "../config/config.ts";
import { IniSyntaxError, parse } from "../config/ini.ts";
import { messageOf, UsageError } from "../errors.ts";

/** Values as they were written, by the name of their setting. */
export type SettingLayer = ReadonlyMap<string, Written>;

/**
 * Reads the settings that were written, but not yet their values.
 *
 * @param flags Values by flag; `config` is the path of an ini.
 * @returns The layers for `buildConfig`: the ini, if there is one, and the flags.
 * @throws {UsageError} When the ini cannot be read, with file and line.
 */
export async function readLayers(
  flags: ReadonlyMap<string, string>,
): Promise<SettingLayer[]> {
  const fromFlags = new Map<string, Written>();
  for (const [name, text] of flags) {
    if (name !== "config") fromFlags.set(name, { text, where: `--${name}` });
  }
  const path = flags.get("config");
  if (path === undefined) return [fromFlags];
  return [parseConfig(await readText(path), path), fromFlags];
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new UsageError(
      `Cannot read ${path}: ${messageOf(cause)}`,
      `fstream serve --print-config > ${path} makes one`,
    );
  }
}

/**
 * Reads an ini of settings, which all belong to its section `[server]`.
 *
 * @param path Named in errors.
 * @throws {UsageError} With file and line.
 */
export function parseConfig(text: string, path: string): Map<string, Written> {
  try {
    return readSections(text, path);
  } catch (error) {
    if (!(error instanceof IniSyntaxError)) throw error;
    throw new UsageError(`${path} line ${error.line}: ${error.problem}`);
  }
}

function readSections(text: string, path: string): Map<string, Written> {
  const written = new Map<string, Written>();
  for (const [section, values] of parse(text)) {
    if (section !== "server" && section !== "DEFAULT") {
      throw new UsageError(
        `${path}: unknown section [${section}]`,
        "settings belong to [server]",
      );
    }
    for (const [name, { value, line }] of values) {
      const where = `${path} line ${line}: ${name}`;
      written.set(name, { text: value, where });
    }
  }
  return written;
}
