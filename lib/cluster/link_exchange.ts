import type { SharedLink } from "../auth/link_store.ts";
import type { ClusterContext } from "./context.ts";
import { asList, asText, readFields, writeJson } from "./json.ts";

/** Milliseconds between two messages that sum up what a node knows. */
const SUM_UP_MS = 2000;

/** Milliseconds before a node is sent the same again: it may have no room. */
const AGAIN_MS = 60_000;

/** Links of a message: 1.5 KB each at most. */
const LINKS_OF_MESSAGE = 30;

/** Nodes that are remembered. */
const MAX_NODES = 1000;

/** What the exchange needs of this node's links. */
export interface OwnLinks {
  /** Told of each link that is made or revoked here. */
  onChange: ((link: SharedLink) => void) | undefined;
  /** The same at two nodes that know the same. */
  readonly digest: string;
  /** All that other nodes should know. */
  shared(): readonly unknown[];
  /** Takes over what another node knows, in any order and as often as it comes. */
  merge(links: readonly unknown[]): void;
}

/** What a node was sent last, by what both had. */
interface Sent {
  readonly digests: string;
  readonly at: number;
}

/**
 * Makes every node know every link, and which ones are revoked. Each change is told at once; what was lost on the way
 * shows in the sums that all nodes tell every other second, and a node that knows something else sends all of it.
 */
export class LinkExchange {
  readonly #context: ClusterContext;
  readonly #links: OwnLinks;
  readonly #sent: Map<string, Sent> = new Map();
  readonly #ends: (() => void)[];
  #summedUpAt = -Infinity;

  /** Tells the other nodes of changes, and listens to them. */
  constructor(context: ClusterContext, links: OwnLinks) {
    this.#context = context;
    this.#links = links;
    const { node, buses: { control }, subjects } = context;
    links.onChange = (link) => {
      control.publish(subjects.links, writeJson({ links: [link] }));
    };
    this.#ends = [
      control.subscribe(subjects.links, ({ data }) => this.#hear(data)),
      control.subscribe(subjects.missedLinks(node), ({ data }) => {
        links.merge(asList(readFields(data)?.links));
      }),
    ];
  }

  /** Called several times a second. */
  tick(): void {
    const { node, now, buses: { control }, subjects } = this.#context;
    if (now() - this.#summedUpAt < SUM_UP_MS) return;
    this.#summedUpAt = now();
    const { digest } = this.#links;
    control.publish(subjects.links, writeJson({ node, digest }));
  }

  /** Ends it. */
  close(): void {
    this.#links.onChange = undefined;
    for (const end of this.#ends) end();
  }

  #hear(data: Uint8Array): void {
    const fields = readFields(data);
    this.#links.merge(asList(fields?.links));
    const [node, theirs] = [asText(fields?.node), asText(fields?.digest)];
    const { digest } = this.#links;
    if (!/^[\w-]{1,64}$/.test(node) || theirs === digest) return;
    const digests = `${theirs} ${digest}`;
    const at = this.#context.now();
    const before = this.#sent.get(node);
    if (before?.digests === digests && at - before.at < AGAIN_MS) return;
    if (!before && this.#sent.size >= MAX_NODES) this.#sent.clear();
    this.#sent.set(node, { digests, at });
    this.#sendAll(node);
  }

  #sendAll(node: string): void {
    const { buses: { control }, subjects } = this.#context;
    const links = this.#links.shared();
    for (let at = 0; at < links.length; at += LINKS_OF_MESSAGE) {
      const part = links.slice(at, at + LINKS_OF_MESSAGE);
      control.publish(subjects.missedLinks(node), writeJson({ links: part }));
    }
  }
}
