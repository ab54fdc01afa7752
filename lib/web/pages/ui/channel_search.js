/**
 * The order of channels in lists, and the search in them.
 *
 * @module
 */

/** @import { ChannelName } from "./channel_path.js" */

/** Channels from which on there is a search: fewer are seen at a glance. */
const SEARCH_FROM = 10;

/** Compares as people count: `cam 9` comes before `cam 10`. */
const ORDER = new Intl.Collator(undefined, { numeric: true });

/**
 * Identifies a channel.
 *
 * @param {ChannelName} name
 */
export function keyOf({ user, channel }) {
  // Names contain no control characters, so a line feed separates them without ambiguity.
  return `${user}\n${channel}`;
}

/**
 * Sorts by name: the server's order changes whenever a channel comes back.
 *
 * @template {ChannelName} T
 * @param {readonly T[]} channels
 */
export function sorted(channels) {
  return [...channels].sort((a, b) =>
    ORDER.compare(a.user, b.user) || ORDER.compare(a.channel, b.channel)
  );
}

/**
 * The channels whose names have all the words that are in the search field, which is shown when there are many.
 *
 * @template {ChannelName} T
 * @param {readonly T[]} channels
 * @param {{value: string, hidden: unknown}} field
 */
export function searched(channels, field) {
  field.hidden = channels.length < SEARCH_FROM && field.value === "";
  const words = field.value.toLowerCase().split(/\s+/);
  return channels.filter(({ user, channel }) => {
    const text = `${user} ${channel}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
