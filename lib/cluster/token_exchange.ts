import type { ClusterContext } from "./context.ts";
import { asText, readFields, writeJson } from "./json.ts";

/** Milliseconds for the answer of the node that issued a token. */
const ASK_MS = 2000;

/** Digits of a node's id, which its tokens begin with. */
const NODE_DIGITS = 16;

/** What the exchange needs of this node's own tokens. */
export interface OwnTokens {
  /** What its tokens begin with. */
  prefix: string;
  /** Redeems a token that another node has issued. */
  elsewhere: ((user: string, token: string) => Promise<boolean>) | undefined;
  /** Called when a user was issued a token. */
  onIssue: ((user: string) => void) | undefined;
  /** Voids a user's token. */
  revoke(user: string): void;
}

/**
 * Makes tokens good at every node, for one use: a token names the node that issued it, which alone redeems it. The token
 * of a node that is gone is void.
 */
export function exchangeTokens(
  { node, buses: { control }, subjects }: ClusterContext,
  tokens: OwnTokens,
  redeem: (user: string, token: string) => Promise<boolean>,
): () => void {
  tokens.prefix = node;
  tokens.onIssue = (user) => {
    control.publish(subjects.issued, writeJson({ user }));
  };
  tokens.elsewhere = async (user, token) => {
    const issuer = token.slice(0, NODE_DIGITS);
    if (!/^[0-9a-f]+$/.test(issuer)) return false;
    const subject = subjects.token(issuer);
    const request = writeJson({ user, token });
    const answer = await control.request(subject, request, ASK_MS);
    return typeof answer !== "string" && readFields(answer)?.good === true;
  };
  const ends = [
    control.subscribe(subjects.issued, ({ data }) => {
      tokens.revoke(asText(readFields(data)?.user));
    }),
    control.subscribe(subjects.token(node), async ({ data, reply }) => {
      const fields = readFields(data);
      const [user, token] = [asText(fields?.user), asText(fields?.token)];
      const good = await redeem(user, token).catch(() => false);
      if (reply) control.publish(reply, writeJson({ good }));
    }),
  ];
  return () => ends.forEach((end) => end());
}
