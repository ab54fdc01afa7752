import { buildConfig } from "../../config/config.ts";
import { EXIT } from "../../errors.ts";
import type { Command } from "../command.ts";
import { SETTING_FLAGS } from "../setting_flags.ts";
import { readLayers } from "../setting_layers.ts";
import { HOME, locate, systemdUnit } from "../systemd_unit.ts";
import { answer } from "../terminal.ts";
import { readValues } from "../unexpected_arguments.ts";

const HELP =
  `fstream systemd prints a systemd unit that runs the server as a hardened service with a user of its own.

Usage: fstream systemd [flags of fstream serve]

The flags go into the unit as they are. Relative paths start at ${HOME}, and users are read from
${HOME}/users. The first lines of the unit explain how to install it.

Example, as root:
  fstream systemd --listen :61920 > /etc/systemd/system/fstream.service
`;

/** `fstream systemd`. */
export const systemdCommand: Command = {
  name: "systemd",
  usage: "fstream systemd",
  about: "print a systemd unit for the server",
  help: HELP,
  flags: SETTING_FLAGS,
  run: async (args, context) => {
    const values = readValues(args, context, SETTING_FLAGS);
    const config = buildConfig(...await readLayers(values));
    answer(systemdUnit(args, config, locate(context.build)));
    return EXIT.done;
  },
};
