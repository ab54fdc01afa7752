import type { WatcherJson } from "../../web/audience_json.ts";
import type {
  ChannelDetailJson,
  ManagedChannelJson,
} from "../../web/managed_json.ts";
import { nameOf } from "./channels.ts";
import type { ScreenEvent } from "./screen.ts";

/** Orders of watchers in which `s` goes round, as the API names them. */
const ORDERS: readonly string[] = [
  ...["lag", "rate", "lost", "skips", "sent", "since"],
];

/** Seconds of rate that are drawn. */
const HISTORY = 24;

/** What a key asks for that only the server can do. */
export type TopAction =
  | { readonly do: "quit" | "refresh" }
  | { readonly do: "end"; readonly channel: ManagedChannelJson }
  | {
    readonly do: "kick";
    readonly channel: ManagedChannelJson;
    readonly watcher: WatcherJson;
  };

/** A question that `y` answers. */
interface Question {
  readonly text: string;
  readonly action: TopAction;
}

/** What `fstream top` knows and shows, and what keys change about it. */
export class TopState {
  /** The channels by name. */
  channels: readonly ManagedChannelJson[] = [];
  /** The servers of a cluster that did not answer. */
  unanswered: readonly string[] = [];
  /** The chosen one with its watchers, once the server has told. */
  detail: ChannelDetailJson | undefined;
  /** Whether the keys move in the list of watchers. */
  inWatchers = false;
  /** The order of watchers. */
  sort = "lag";
  /** What went wrong, or what was done. */
  message = "";
  #chosen: string;
  #watcher: number | undefined;
  #question: Question | undefined;
  readonly #rates: Map<string, number[]> = new Map();

  /** Knows nothing yet; `chosen` is the channel to choose first, `USER/NAME`. */
  constructor(chosen = "") {
    this.#chosen = chosen;
  }

  /** The chosen channel. */
  get channel(): ManagedChannelJson | undefined {
    return this.channels.find((each) => nameOf(each) === this.#chosen) ??
      this.channels[0];
  }

  /** The chosen watcher. */
  get watcher(): WatcherJson | undefined {
    const audience = this.detail?.audience ?? [];
    return audience.find(({ id }) => id === this.#watcher) ?? audience[0];
  }

  /** What the last line says. */
  get prompt(): string | undefined {
    return this.#question && `${this.#question.text} (y/n)`;
  }

  /** The bit rates of a channel over the last seconds, oldest first. */
  ratesOf(channel: ManagedChannelJson): readonly number[] {
    return this.#rates.get(nameOf(channel)) ?? [];
  }

  /** Takes the channels of this second; a chosen one that is gone is no longer chosen. */
  update(channels: readonly ManagedChannelJson[]): void {
    this.channels = channels;
    const names = new Set(channels.map(nameOf));
    for (const name of this.#rates.keys()) {
      if (!names.has(name)) this.#rates.delete(name);
    }
    for (const channel of channels) {
      const rates = [...this.ratesOf(channel), channel.bitrate];
      this.#rates.set(nameOf(channel), rates.slice(-HISTORY));
    }
  }

  /** Handles a key. @returns What is left to the server, if anything. */
  press(key: ScreenEvent): TopAction | undefined {
    if (this.#question) return this.#answer(key);
    this.message = "";
    if (key === "q" || key === "end") return { do: "quit" };
    if (key === "Tab" || key === "Enter" || key === "Escape") {
      this.inWatchers = key !== "Escape" && !this.inWatchers;
    }
    if (key === "Up" || key === "Down") {
      return this.#move(key === "Up" ? -1 : 1);
    }
    if (key === "s") {
      const next = ORDERS.indexOf(this.sort) + 1;
      this.sort = ORDERS[next % ORDERS.length]!;
      return { do: "refresh" };
    }
    if (key === "e" || key === "k") this.#ask(key);
    return undefined;
  }

  #ask(key: "e" | "k"): void {
    const { channel, watcher } = this;
    if (channel && key === "e") {
      const text = `End ${nameOf(channel)}, with ${channel.watchers} watchers?`;
      this.#question = { text, action: { do: "end", channel } };
    }
    if (channel && watcher && key === "k") {
      const text = `Disconnect watcher ${watcher.id} at ${watcher.address}?`;
      this.#question = { text, action: { do: "kick", channel, watcher } };
    }
  }

  #answer(key: ScreenEvent): TopAction | undefined {
    const question = this.#question;
    this.#question = undefined;
    if (key === "end") return { do: "quit" };
    return key === "y" ? question?.action : undefined;
  }

  #move(by: number): TopAction | undefined {
    if (this.inWatchers) {
      const audience = this.detail?.audience ?? [];
      this.#watcher = stepped(audience, this.watcher, by)?.id;
      return undefined;
    }
    const channel = stepped(this.channels, this.channel, by);
    this.#chosen = channel ? nameOf(channel) : "";
    return { do: "refresh" };
  }
}

function stepped<T>(
  list: readonly T[],
  from: T | undefined,
  by: number,
): T | undefined {
  const at = from === undefined ? 0 : list.indexOf(from) + by;
  return list[Math.min(Math.max(at, 0), list.length - 1)];
}
