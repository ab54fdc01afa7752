import type { TrackerSink } from "./tracker.ts";

/** Reports the first corruption of each incident, so that a malformed stretch is one line in the log. */
export class IncidentReporter {
  readonly #sink: Pick<TrackerSink, "corruption">;
  #reported = false;

  /** Reports to `sink`. */
  constructor(sink: Pick<TrackerSink, "corruption">) {
    this.#sink = sink;
  }

  /** Reports corruption, unless the incident has been reported. */
  report(what: string): void {
    if (!this.#reported) this.#sink.corruption(what);
    this.#reported = true;
  }

  /** Ends the incident: the stream has proved sound again. */
  recover(): void {
    this.#reported = false;
  }
}
