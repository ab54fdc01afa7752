/** Characters of an event at most: the figures of ten thousand channels. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

/** @typedef {{event: string, data: string}} ServerEvent */

/** Reads server-sent events as this server writes them: lines that end in a line feed (HTML, section 9.2). */
export class EventParser {
  #text = "";
  /** Up to here there is no end of an event. */
  #scanned = 0;

  /**
   * @param {string} text A chunk of any length.
   * @returns {ServerEvent[]} The events that it completes; comments are none.
   * @throws {RangeError} When an event is too long.
   */
  push(text) {
    this.#text += text;
    const events = [];
    let start = 0;
    for (;;) {
      const end = this.#text.indexOf("\n\n", Math.max(start, this.#scanned));
      if (end < 0) break;
      const event = eventOf(this.#text.slice(start, end));
      if (event) events.push(event);
      start = end + 2;
    }
    this.#text = this.#text.slice(start);
    this.#scanned = Math.max(0, this.#text.length - 1);
    if (this.#text.length > MAX_CHARACTERS) {
      throw new RangeError("Cannot read the events: one is too long");
    }
    return events;
  }
}

/**
 * @param {string} block
 * @returns {ServerEvent | undefined}
 */
function eventOf(block) {
  const fields = new Map();
  for (const line of block.split("\n")) {
    const [, name, value] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
    if (name) fields.set(name, value);
  }
  const data = fields.get("data");
  if (data === undefined) return undefined;
  return { event: fields.get("event") ?? "message", data };
}
