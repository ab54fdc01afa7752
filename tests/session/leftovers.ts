import { assert, assertEquals } from "@std/assert";
import type { Ticker } from "../../lib/clock/ticker.ts";
import type { Hub } from "../../lib/hub/hub.ts";
import { WakeList } from "../../lib/hub/wake_list.ts";
import type { ConnectionLimits } from "../../lib/net/connection_limits.ts";

/** The lists that watchers were parked in since the newest scene began. */
const parked: Set<WakeList> = new Set();

const park = WakeList.prototype.add;
WakeList.prototype.add = function (this: WakeList, wake: () => void): void {
  parked.add(this);
  park.call(this, wake);
};

/** Listeners of each signal that had any since then. */
const listening: Map<AbortSignal, Set<unknown>> = new Map();

const { addEventListener, removeEventListener } = AbortSignal.prototype;
AbortSignal.prototype.addEventListener = function (
  this: AbortSignal,
  ...args: Parameters<typeof addEventListener>
): void {
  const listeners = listening.get(this) ?? new Set();
  listening.set(this, listeners.add(args[1]));
  addEventListener.apply(this, args);
};
AbortSignal.prototype.removeEventListener = function (
  this: AbortSignal,
  ...args: Parameters<typeof removeEventListener>
): void {
  listening.get(this)?.delete(args[1]);
  removeEventListener.apply(this, args);
};

/** What sessions register with, and must leave. */
export interface Registers {
  /** Parked callbacks, watchers, waits and memory. */
  readonly hub: Hub;
  /** Time limits. */
  readonly ticker: Ticker;
  /** Connections and requests. */
  readonly connections: ConnectionLimits;
}

/** Counts what sessions register while they last, and asserts that nothing of it is left. */
export class Leftovers {
  readonly #registers: Registers;
  readonly #ticks: Set<unknown> = new Set();
  readonly #stalling: Set<unknown> = new Set();
  readonly #waits: Map<string, () => boolean> = new Map();
  #requests = 0;

  /** Counts from now on; what is registered already does not count. */
  constructor(registers: Registers) {
    this.#registers = registers;
    parked.clear();
    listening.clear();
    this.#countTicks(registers.ticker);
    this.#countStalling(registers.hub.memory);
    this.#countWaits(registers.hub);
    this.#countRequests(registers.connections);
  }

  /** Asserts that watchers that have left are not waiting for more, while others may be. */
  assertParked(): void {
    const channels = this.#registers.hub.channels();
    const watchers = sumOfSizes(channels.map(({ audience }) => audience));
    const waiting = sumOfSizes(parked);
    assert(waiting <= watchers, `${waiting} parked, ${watchers} watchers`);
  }

  /** Asserts that sessions that are all over have left nothing. */
  assertNone(): void {
    const { connections } = this.#registers;
    const signals = [...listening].filter(([signal]) => !signal.aborted);
    assertEquals({
      ticks: this.#ticks.size,
      stalling: this.#stalling.size,
      parked: sumOfSizes(parked),
      listeners: sumOfSizes(signals.map(([, listeners]) => listeners)),
      connections: connections.total,
      networks: connections.networks,
      requests: this.#requests,
      waits: [...this.#waits].filter(([, isWaiting]) => isWaiting()),
    }, {
      ...{ ticks: 0, stalling: 0, parked: 0, listeners: 0 },
      ...{ connections: 0, networks: 0, requests: 0, waits: [] },
    });
  }

  /** Asserts that a hub whose channels are all over holds no memory. */
  assertNothingHeld(): void {
    const none = { backlog: 0, unsent: 0, tracker: 0, session: 0 };
    assertEquals(this.#registers.hub.memory.held, none);
  }

  #countTicks(ticker: Ticker): void {
    const [add, remove] = [ticker.add.bind(ticker), ticker.delete.bind(ticker)];
    ticker.add = (member): void => {
      this.#ticks.add(member);
      add(member);
    };
    ticker.delete = (member): void => {
      this.#ticks.delete(member);
      remove(member);
    };
  }

  #countStalling(memory: Hub["memory"]): void {
    const add = memory.addWatcher.bind(memory);
    const remove = memory.deleteWatcher.bind(memory);
    memory.addWatcher = (watcher): void => {
      this.#stalling.add(watcher);
      add(watcher);
    };
    memory.deleteWatcher = (watcher): void => {
      this.#stalling.delete(watcher);
      remove(watcher);
    };
  }

  #countWaits(hub: Hub): void {
    const waitFor = hub.waitFor.bind(hub);
    hub.waitFor = (options) => {
      const { user, channel } = options;
      this.#waits.set(
        `${user}/${channel}`,
        () => hub.isAwaited(user, channel),
      );
      return waitFor(options);
    };
  }

  #countRequests(limits: ConnectionLimits): void {
    const acquire = limits.acquireNetwork.bind(limits);
    const release = limits.releaseNetwork.bind(limits);
    limits.acquireNetwork = (host): string | undefined => {
      const refused = acquire(host);
      if (refused === undefined) this.#requests++;
      return refused;
    };
    limits.releaseNetwork = (host): void => {
      this.#requests--;
      release(host);
    };
  }
}

function sumOfSizes(all: Iterable<{ readonly size: number }>): number {
  return [...all].reduce((total, { size }) => total + size, 0);
}
