/** The subjects that the nodes of a cluster use; see docs/cluster.md. */
export class Subjects {
  readonly #prefix: string;

  /** All begin with the same word, so that several clusters can share a NATS. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Asked for a channel; the node that receives its broadcast answers. */
  find(key: string): string {
    return `${this.#prefix}.find.${key}`;
  }

  /** A node says that it receives a broadcast. */
  get up(): string {
    return `${this.#prefix}.up`;
  }

  /** Media of a broadcast as it arrives. */
  live(id: string): string {
    return `${this.#prefix}.live.${id}`;
  }

  /** Requests for media of a node's broadcasts. */
  pull(node: string): string {
    return `${this.#prefix}.node.${node}.pull`;
  }

  /** Answers to a feed's requests for media. */
  inbox(node: string, feed: number): string {
    return `${this.#prefix}.node.${node}.in.${feed}`;
  }

  /** Requests to hand a broadcast over to another node. */
  take(node: string): string {
    return `${this.#prefix}.node.${node}.take`;
  }

  /** Requests to redeem a token that a node has issued. */
  token(node: string): string {
    return `${this.#prefix}.node.${node}.token`;
  }

  /** A node says that a user's older tokens are void. */
  get issued(): string {
    return `${this.#prefix}.issued`;
  }

  /** Questions to all other nodes. */
  get ask(): string {
    return `${this.#prefix}.ask`;
  }

  /** Answers to a question of a node. */
  answers(node: string, question: number): string {
    return `${this.#prefix}.node.${node}.answers.${question}`;
  }

  /** A node says that somebody follows the events there. */
  get follow(): string {
    return `${this.#prefix}.follow`;
  }

  /** What happens at the nodes, as long as somebody follows. */
  get events(): string {
    return `${this.#prefix}.events`;
  }

  /** Keys that nodes sign addresses with. */
  get keys(): string {
    return `${this.#prefix}.keys`;
  }

  /** New and revoked links, and what sums up all that a node knows of them. */
  get links(): string {
    return `${this.#prefix}.links`;
  }

  /** Links that a node has missed. */
  missedLinks(node: string): string {
    return `${this.#prefix}.node.${node}.links`;
  }

  /** What every node has, every other second. */
  get roster(): string {
    return `${this.#prefix}.roster`;
  }
}

/**
 * A channel as a word of a subject, whose letters NATS allows, and as a key of tables. Names contain no NUL, so two
 * different channels never make the same key.
 */
export function keyOf(user: string, channel: string): string {
  const bytes = new TextEncoder().encode(`${user}\0${channel}`);
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
