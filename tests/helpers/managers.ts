import {
  type Authenticate,
  composeMethods,
} from "../../lib/auth/authenticate.ts";
import { passwordMethod } from "../../lib/auth/methods/password.ts";
import { cheapCheck } from "./cheap_hashes.ts";
import { PASSWORD } from "./start_server.ts";

/** Settings of each user: `ops` sees and steers everything. */
const SETTINGS: Readonly<Record<string, readonly [string, string][]>> = {
  fier: [],
  other: [["admin", "false"]],
  ops: [["admin", "true"]],
};

/** Decides for the users `fier`, `other` and the operator `ops`, all with {@linkcode PASSWORD}. */
export function authenticateManagers(): Authenticate {
  const lookup = (name: string) => {
    const values = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    const settings = { values: new Map(values), channels: new Map() };
    const user = values && { name, password: PASSWORD, settings };
    return Promise.resolve(user);
  };
  return composeMethods([passwordMethod({ lookup }, cheapCheck())]);
}
