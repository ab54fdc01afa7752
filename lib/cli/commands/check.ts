import { loadAuthModule } from "../../auth/methods/module.ts";
import type { Config } from "../../config/config.ts";
import { EXIT, messageOf } from "../../errors.ts";
import { checkDescriptors } from "../check/check_descriptors.ts";
import { checkLag } from "../check/check_lag.ts";
import { checkNats } from "../check/check_nats.ts";
import { checkPorts } from "../check/check_ports.ts";
import { checkSettings } from "../check/check_settings.ts";
import { checkTls } from "../check/check_tls.ts";
import { checkUsers } from "../check/check_users.ts";
import { fault, type Finding } from "../check/finding.ts";
import type { LoadCluster } from "../../server/open_cluster.ts";
import type { Command } from "../command.ts";
import { listenAddresses } from "../listen_addresses.ts";
import { SETTING_FLAGS } from "../setting_flags.ts";
import { answer } from "../terminal.ts";
import { readValues } from "../unexpected_arguments.ts";

const HELP =
  `fstream check finds out whether a server could start, and whether its users could sign in.

Usage: fstream check [flags of fstream serve]

It reads the settings, every user's file and the certificate, listens at each address for a moment, counts
the file descriptors that are available, and sends itself a message over NATS. Each finding names file and line, and what to do.
Exit status: 0 no error, 1 an error, 2 wrong usage.

Example, before restarting a service:
  fstream check --config fstream.ini && systemctl restart fstream
`;

/** `fstream check`. */
export const checkCommand: Command = {
  name: "check",
  usage: "fstream check",
  about: "find out whether a server could start",
  help: HELP,
  flags: SETTING_FLAGS,
  run: async (args, context) => {
    const values = readValues(args, context, SETTING_FLAGS);
    const findings = await check(values, context.loadCluster);
    answer(report(findings));
    const failed = findings.some(({ level }) => level === "error");
    return failed ? EXIT.failed : EXIT.done;
  },
};

/**
 * Checks settings, users or auth module, certificate, ports, file descriptors and NATS.
 *
 * @param flags Values by flag of `fstream serve`.
 * @param loadCluster Loads what connects servers.
 * @returns What is wrong.
 */
export async function check(
  flags: ReadonlyMap<string, string>,
  loadCluster?: LoadCluster,
): Promise<Finding[]> {
  const { config, where, findings } = await checkSettings(flags);
  const wanted = [...listenAddresses(config)].map(([setting, addresses]) => ({
    setting,
    where: where.get(setting) ?? setting,
    addresses,
  }));
  return [
    ...findings,
    ...await checkSignIn(config, where.get("auth") ?? "auth"),
    ...checkLag(config, where.get("max-lag") ?? "max-lag"),
    ...await checkTls(config, where),
    ...checkPorts(wanted),
    ...checkDescriptors(
      config.connections,
      where.get("connections") ?? "connections",
    ),
    ...await checkNats(config, where.get("nats") ?? "nats", loadCluster),
  ];
}

async function checkSignIn(
  { auth, authUrl, users }: Config,
  where: string,
): Promise<Finding[]> {
  if (auth !== undefined && authUrl !== undefined) {
    const problem = `${where}: auth and auth-url are both set`;
    return [fault(problem, "remove one of them")];
  }
  // A request to the webhook without a real user would prove nothing.
  if (authUrl !== undefined) return [];
  if (auth === undefined) return await checkUsers(users);
  try {
    await loadAuthModule(auth);
    return [];
  } catch (error) {
    const advice =
      "the module exports one function by default, and imports only files in its own folder";
    return [fault(`${where}: ${messageOf(error)}`, advice)];
  }
}

function report(findings: readonly Finding[]): string {
  if (findings.length === 0) return "no findings: a server could start\n";
  return findings.map(({ level, problem, advice }) =>
    `${level}: ${problem}\n  ${advice}\n`
  ).join("");
}
