import { buildConfig, type Config, type Written } from "../../config/config.ts";
import { UsageError } from "../../errors.ts";
import { fault, type Finding } from "./finding.ts";
import { readLayers } from "../setting_layers.ts";

/** The valid settings, and what is wrong with the rest. */
export interface CheckedSettings {
  /** Invalid settings are at their default. */
  readonly config: Config;
  /** Where each valid setting was written, by its name. */
  readonly where: ReadonlyMap<string, string>;
  /** What is wrong. */
  readonly findings: readonly Finding[];
}

/**
 * Reads the settings one by one, so that one bad value does not hide the next one.
 *
 * @param flags Values by flag; `config` is the ini's path.
 */
export async function checkSettings(
  flags: ReadonlyMap<string, string>,
): Promise<CheckedSettings> {
  const findings: Finding[] = [];
  const good = new Map<string, Written>();
  for (const layer of await layersOf(flags, findings)) {
    for (const [name, written] of layer) {
      const problem = problemOf(name, written);
      if (problem) findings.push(problem);
      else good.set(name, written);
    }
  }
  const where = new Map([...good].map(([name, w]) => [name, w.where]));
  return { config: buildConfig(good), where, findings };
}

async function layersOf(
  flags: ReadonlyMap<string, string>,
  findings: Finding[],
): Promise<readonly ReadonlyMap<string, Written>[]> {
  try {
    return await readLayers(flags);
  } catch (error) {
    findings.push(
      findingOf(error, "fstream serve --print-config prints a valid one"),
    );
    const rest = new Map(flags);
    rest.delete("config");
    return await readLayers(rest);
  }
}

function problemOf(name: string, written: Written): Finding | undefined {
  try {
    buildConfig(new Map([[name, written]]));
    return undefined;
  } catch (error) {
    const advice = "fstream serve --help explains each setting";
    return findingOf(error, advice);
  }
}

function findingOf(error: unknown, advice: string): Finding {
  if (!(error instanceof UsageError)) throw error;
  return fault(error.message, error.hint ?? advice);
}
