import type { ClusterContext } from "./context.ts";
import { asCount, asText, type Fields, readFields, writeJson } from "./json.ts";

/** Milliseconds for the answers: a busy node takes some hundred, and people wait for them. */
const ANSWER_MS = 1500;

/** Questions of this node that may be open at a time. */
const MAX_OPEN = 64;

/** Characters of a message: six bytes each at most, so that it fits into one of NATS. */
const PART_CHARS = 9000;

/** Characters of an answer: a thousand channels, or as many watchers, fit several times over. */
export const MAX_ANSWER_CHARS = 4_000_000;

/** What came of a question. */
export interface Answers {
  /** What other nodes answered, each with its name, without those that had nothing to say. */
  readonly answers: readonly {
    readonly node: string;
    readonly answer: unknown;
  }[];
  /** Names of the nodes that did not answer in time, or too much. */
  readonly unanswered: readonly string[];
}

/** A node that is asked. */
interface Asked {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
}

/** Asks the other nodes, and answers them: what is known of a channel at all nodes, and what is to be done there. */
export class Questions {
  readonly #context: ClusterContext;
  readonly #nodes: () => readonly Asked[];
  readonly #end: () => void;
  #asked = 0;
  #open = 0;

  /**
   * Answers the other nodes.
   *
   * @param nodes The other nodes.
   * @param answer Answers a question; `undefined` for nothing to say. Must not throw.
   */
  constructor(
    context: ClusterContext,
    nodes: () => readonly Asked[],
    answer: (question: Fields) => unknown,
  ) {
    this.#context = context;
    this.#nodes = nodes;
    const { buses: { control }, subjects } = context;
    this.#end = control.subscribe(subjects.ask, ({ data, reply }) => {
      const question = readFields(data);
      if (!question || !reply) return;
      for (const part of encodeAnswer(context.node, answer(question))) {
        control.publish(reply, part);
      }
    });
  }

  /** Asks every other node; resolves when all have answered, or after a moment. */
  async ask(question: Fields): Promise<Answers> {
    const nodes = this.#nodes();
    const { node, buses: { control }, subjects } = this.#context;
    if (nodes.length === 0) return { answers: [], unanswered: [] };
    if (!control.isConnected || this.#open >= MAX_OPEN) {
      return { answers: [], unanswered: nodes.map(({ name }) => name) };
    }
    const gathered = new Gathering(nodes);
    const inbox = subjects.answers(node, this.#asked++);
    const end = control.subscribe(inbox, ({ data }) => gathered.take(data));
    const timer = setTimeout(() => gathered.finish(), ANSWER_MS);
    this.#open++;
    try {
      control.publish(subjects.ask, writeJson(question), inbox);
      return await gathered.done;
    } finally {
      this.#open--;
      clearTimeout(timer);
      end();
    }
  }

  /** Stops answering. */
  close(): void {
    this.#end();
  }
}

/** Writes an answer, in as many messages as it takes. */
export function* encodeAnswer(
  node: string,
  answer: unknown,
): Generator<Uint8Array> {
  const text = JSON.stringify(answer ?? null);
  let at = 0;
  do {
    const part = text.slice(at, at + PART_CHARS);
    const isLast = at + PART_CHARS >= text.length;
    yield writeJson({ node, at, isLast, text: part });
    at += PART_CHARS;
  } while (at < text.length);
}

/** The answers to one question, as they come in. */
export class Gathering {
  readonly #waiting: Map<string, { readonly name: string; text: string }>;
  readonly #answers: Answers["answers"][number][] = [];
  readonly #done = Promise.withResolvers<Answers>();

  /** Waits for the answers of nodes. */
  constructor(nodes: readonly Asked[]) {
    this.#waiting = new Map(
      nodes.map(({ id, name }) => [id, { name, text: "" }]),
    );
  }

  /** Resolves when everything has come, or {@linkcode Gathering.finish} was called. */
  get done(): Promise<Answers> {
    return this.#done.promise;
  }

  /** Characters that have come of answers that are not complete. */
  get waitingChars(): number {
    return this.#waiting.values().reduce(
      (sum, { text }) => sum + text.length,
      0,
    );
  }

  /** Takes a part of an answer. */
  take(data: Uint8Array): void {
    const fields = readFields(data);
    const id = asText(fields?.node);
    const part = asText(fields?.text);
    const waiting = this.#waiting.get(id);
    // What is lost of an answer is not asked for again.
    if (!waiting || asCount(fields?.at) !== waiting.text.length) return;
    // Nothing fits behind a part that is left out.
    if (waiting.text.length + part.length > MAX_ANSWER_CHARS) return;
    waiting.text += part;
    if (!fields?.isLast) return;
    const answer = parsed(waiting.text);
    if (answer === undefined) return;
    this.#waiting.delete(id);
    if (answer !== null) this.#answers.push({ node: waiting.name, answer });
    if (this.#waiting.size === 0) this.finish();
  }

  /** Waits no longer. */
  finish(): void {
    const unanswered = [...this.#waiting.values()].map(({ name }) => name);
    this.#done.resolve({ answers: this.#answers, unanswered });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
