import { ALL_SETTINGS } from "./setting_flags.ts";
import type { SettingLayer } from "./setting_layers.ts";

/**
 * Writes an ini with every setting explained.
 *
 * @param layers Values instead of the defaults; a later layer takes precedence.
 */
export function exampleConfig(...layers: readonly SettingLayer[]): string {
  const written = new Map(layers.flatMap((layer) => [...layer]));
  const lines = ALL_SETTINGS.map(({ name, about, default: text }) => {
    const value = written.get(name)?.text ?? text;
    const explained = `${about[0]!.toUpperCase()}${about.slice(1)}`;
    return `\n# ${explained}.\n${value ? "" : "# "}${name} = ${value}\n`;
  });
  return `# Settings of fstream serve: fstream serve --config fstream.ini\n[server]\n${
    lines.join("")
  }`;
}
