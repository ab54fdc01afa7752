import { UsersFolder } from "../auth/users/users_folder.ts";
import type { Config } from "../config/config.ts";
import { messageOf, UsageError } from "../errors.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { listenAdvice } from "./check/check_ports.ts";
import { Failure } from "./failure.ts";
import { listenAddresses } from "./listen_addresses.ts";
import { shellQuoted } from "./shell_quoted.ts";

/**
 * Makes sure that there is a users folder, if the settings need one.
 *
 * @throws {Failure} With what to do about it.
 */
export async function requireUsersFolder(
  { users, auth, authUrl }: Config,
): Promise<void> {
  if (auth !== undefined || authUrl !== undefined) return;
  try {
    await new UsersFolder(users).check();
  } catch (error) {
    throw new Failure(messageOf(error), usersFolderAdvice(error, users), error);
  }
}

/** What to do when the users folder cannot be used. */
export function usersFolderAdvice(error: unknown, users: string): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Deno.errors.PermissionDenied) {
    return `let the server's user read it, or name another folder with --users`;
  }
  const folder = shellQuoted(users);
  const file = shellQuoted(`${users}/fier.ini`);
  return `mkdir -p ${folder} && fstream user fier > ${file} makes one with a user fier; --users names another`;
}

/**
 * Adds advice to the error of a server that could not start.
 *
 * @returns A {@linkcode Failure}, or the error itself when it says what to do.
 */
export function startFailure(error: unknown, config: Config): unknown {
  if (error instanceof UsageError || error instanceof Failure) return error;
  const message = messageOf(error);
  const named = [...listenAddresses(config)].flatMap(([setting, addresses]) =>
    addresses.filter((address) => isNamed(address, message))
      .map((address) => ({ setting, address }))
  );
  return new Failure(message, startAdvice(error, named), error);
}

function startAdvice(
  error: unknown,
  named: readonly { setting: string; address: Address }[],
): string {
  const [first, second] = named;
  if (!first) {
    return "fstream check, with the same flags, looks at every setting";
  }
  if (!second) return listenAdvice(error, first.address, first.setting);
  const settings = new Set(named.map(({ setting }) => setting));
  return `name each address once: this one is twice in ${
    [...settings].join(" and ")
  }`;
}

/** Whether an error of `listen` is about an address. No host is every address, of IPv6 or of IPv4. */
function isNamed({ host, port }: Address, message: string): boolean {
  const hosts = host === "" ? ["::", "0.0.0.0"] : [host];
  return hosts.some((host) =>
    message.startsWith(`Cannot listen at ${formatAddress({ host, port })}: `)
  );
}
