import { type Config, SETTINGS } from "../config/config.ts";
import type { Address } from "../net/address.ts";

/** Every address that the server would listen at, by the setting that names it. */
export function listenAddresses(config: Config): Map<string, Address[]> {
  const found = new Map<string, Address[]>();
  for (const [key, { name }] of Object.entries(SETTINGS)) {
    // Without a certificate the server does not listen there.
    if (key === "tlsListen" && config.tlsCert === undefined) continue;
    const value: unknown = config[key as keyof Config];
    if (Array.isArray(value) && value.length > 0 && value.every(isAddress)) {
      found.set(name, value);
    }
  }
  return found;
}

function isAddress(value: unknown): value is Address {
  return typeof value === "object" && value !== null && "host" in value &&
    "port" in value;
}
