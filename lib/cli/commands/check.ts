import { loadAuthModule } from "../../auth/methods/module.ts";
import type { Config } from "../../config/config.ts";
import { EXIT, messageOf } from "../../errors.ts";
import { checkDescriptors, checkPorts } from "../check/check_descriptors.ts";
import { checkSettings } from "../check/check_settings.ts";
import { checkTls } from "../check/check_tls.ts";
import { checkUsers } from "../check/check_users.ts";
import type { Command } from "../command.ts";
import { fault, type Finding } from "../check/finding.ts";
import { listenAddresses } from "../listen_addresses.ts";
import { placed } from "../unexpected_arguments.ts";
import { SETTING_FLAGS } from "./serve.ts";
import { answer } from "../terminal.ts";

const HELP =
  `fstream check looks whether a server could start, and whether its users could sign in.

Usage: fstream check [flags of fstream serve]

It reads the settings and every user's file, looks from when to when the certificate is valid, listens at
each address for a moment, and counts the file descriptors that can be had. Each finding is told with file
and line and with what to do about it.
Exit status: 0 no error, 1 an error, 2 wrong usage.

Example, before a service is started again:
  fstream check --config fstream.ini && systemctl restart fstream
`;

/** `fstream check`. */
export const checkCommand: Command = {
  name: "check",
  usage: "fstream check",
  about: "looks whether a server could start, and what to do if not",
  help: HELP,
  flags: SETTING_FLAGS,
  run: async (args, context) => {
    const values = placed(args, context, SETTING_FLAGS);
    const findings = await check(values);
    answer(report(findings));
    const failed = findings.some(({ level }) => level === "error");
    return failed ? EXIT.failed : EXIT.done;
  },
};

/**
 * Looks at settings, users or module, certificate, ports and file descriptors.
 *
 * @param flags Values by flag of `fstream serve`.
 * @returns What is wrong; empty: nothing.
 */
export async function check(
  flags: ReadonlyMap<string, string>,
): Promise<Finding[]> {
  const { config, where, findings } = await checkSettings(flags);
  const descriptors = where.get("connections") ?? "connections";
  return [
    ...findings,
    ...await checkSignIn(config, where.get("auth") ?? "auth"),
    ...await checkTls(config, where),
    ...[...listenAddresses(config)].flatMap(([name, addresses]) =>
      checkPorts(addresses, where.get(name) ?? name)
    ),
    ...checkDescriptors(config.connections, descriptors),
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
  // Asking the address for nobody would tell nothing.
  if (authUrl !== undefined) return [];
  if (auth === undefined) return await checkUsers(users);
  try {
    await loadAuthModule(auth);
    return [];
  } catch (error) {
    const advice =
      "the module exports one function by default, and imports only files beside it";
    return [fault(`${where}: ${messageOf(error)}`, advice)];
  }
}

function report(findings: readonly Finding[]): string {
  if (findings.length === 0) return "no findings: a server could start\n";
  return findings.map(({ level, problem, advice }) =>
    `${level}: ${problem}\n  ${advice}\n`
  ).join("");
}
