import type { ClusterContext } from "./context.ts";
import { readFields, writeJson } from "./json.ts";

/** Milliseconds between two messages with the own key: a new node waits so long at most. */
const TELL_MS = 2000;

/** What the exchange needs of what signs addresses. */
export interface OwnSigner {
  /** This node's key. */
  readonly own: unknown;
  /** Whether addresses name their key. */
  isShared: boolean;
  /** Accepts what another node signs. */
  learn(key: Readonly<Record<string, unknown>>): void;
}

/** Lets every node check the addresses that another one has signed, also after that is gone. */
export class KeyExchange {
  readonly #context: ClusterContext;
  readonly #signer: OwnSigner;
  readonly #end: () => void;
  #toldAt = -Infinity;

  /** Listens to the other nodes. */
  constructor(context: ClusterContext, signer: OwnSigner) {
    this.#context = context;
    this.#signer = signer;
    signer.isShared = true;
    const { buses: { control }, subjects } = context;
    this.#end = control.subscribe(subjects.keys, ({ data }) => {
      signer.learn(readFields(data) ?? {});
    });
  }

  /** Called several times a second. */
  tick(): void {
    const { now, buses: { control }, subjects } = this.#context;
    if (now() - this.#toldAt < TELL_MS) return;
    this.#toldAt = now();
    control.publish(subjects.keys, writeJson(this.#signer.own));
  }

  /** Ends it. */
  close(): void {
    this.#end();
  }
}
