import { SETTINGS } from "../config/config.ts";
import type { Setting } from "../config/setting.ts";
import type { Flag } from "./flag_table.ts";

/** All settings, in the order of the help. */
export const ALL_SETTINGS: readonly Setting<unknown>[] = Object.values(
  SETTINGS,
);

/** A flag for each setting, and the path of an ini with settings. */
export const SETTING_FLAGS: readonly Flag[] = [
  ...ALL_SETTINGS.map(settingFlag),
  {
    name: "config",
    placeholder: "FILE",
    about:
      "ini file with these settings in its section [server]; flags take precedence",
  },
];

function settingFlag(
  { name, placeholder, about, default: text }: Setting<unknown>,
): Flag {
  const shown = text ? `${about} (default ${text})` : about;
  return { name, placeholder, about: shown };
}
