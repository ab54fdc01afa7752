import { Refusal, type RefusalCode } from "../errors.ts";
import { DEFAULT_PORT } from "../config/config.ts";
import { type Address, formatAddress, parseAddress } from "../net/address.ts";
import type { ClientOptions } from "./client_options.ts";
import { ConnectionError } from "./connection_error.ts";
import { type Accepted, request, type RequestFields } from "./request.ts";

/** Refusals of one server that do not speak for the others. */
const LOCAL_REFUSALS: readonly RefusalCode[] = [
  "not-live",
  "busy",
  "limit",
  "server",
];

/** Addresses that are taken from one message of a server. */
const MAX_NAMED = 16;

/** Servers that are remembered. */
const MAX_SERVERS = 64;

/** How to reach each of several servers. */
export type ServersOptions = Omit<ClientOptions, "address" | "signal">;

/** Servers that stand in for one another. */
export class Servers {
  #addresses: readonly Address[];
  readonly #options: ServersOptions;
  /** The one that accepted last; it has what a resumed stream needs. */
  #current = 0;

  /** Makes the list, in the order in which they are tried; there must be one. */
  constructor(
    addresses: readonly Address[],
    options: ServersOptions,
  ) {
    this.#addresses = addresses;
    this.#options = options;
  }

  /**
   * Adds servers that the current one names because it shuts down; they are tried first, and it last.
   *
   * @param list Addresses with spaces between them; what is none is ignored.
   */
  add(list: string): void {
    const named = list.split(" ", MAX_NAMED).flatMap(addressOf);
    const rest = this.#addresses.toSpliced(this.#current, 1);
    const current = this.#addresses[this.#current]!;
    const all = new Map(
      [...named, ...rest, current].map((each) => [formatAddress(each), each]),
    );
    this.#addresses = [...all.values()].slice(0, MAX_SERVERS);
    this.#current = 0;
  }

  /**
   * Sends a request to one server after the other until one accepts, the last one that accepted first.
   *
   * @throws What {@linkcode request} throws for the first of them, or what is no matter of one server.
   */
  async request(
    verb: string,
    fields: RequestFields,
    signal: AbortSignal,
  ): Promise<Accepted> {
    const count = this.#addresses.length;
    const errors: unknown[] = [];
    for (let turn = 0; turn < count; turn++) {
      const index = (this.#current + turn) % count;
      const address = this.#addresses[index]!;
      try {
        const accepted = await request(verb, fields, {
          ...this.#options,
          ...{ address, signal },
        });
        this.#current = index;
        return accepted;
      } catch (error) {
        if (!isLocal(error)) throw error;
        errors.push(error);
      }
    }
    // A refusal says more than a server that is not there.
    throw errors.find((error) => error instanceof Refusal) ?? errors[0];
  }
}

function addressOf(text: string): Address[] {
  try {
    const address = parseAddress(text, DEFAULT_PORT);
    return address.host === "" ? [] : [address];
  } catch {
    return [];
  }
}

function isLocal(error: unknown): boolean {
  if (error instanceof Refusal) return LOCAL_REFUSALS.includes(error.code);
  return error instanceof ConnectionError;
}
