import { MAX_MESSAGE_BYTES } from "./media_message.ts";
import { NatsBus } from "./nats_bus.ts";
import { type NatsSettings, prefixOf } from "./nats_settings.ts";

/** Milliseconds until NATS counts as unreachable. */
const PROBE_MS = 3000;

/**
 * Finds out whether a cluster could use a NATS: connects twice, and sends itself a message.
 *
 * @returns What is wrong; `undefined` when nothing is.
 * @throws {SyntaxError} When there are credentials that cannot be used.
 */
export async function probeNats(
  settings: NatsSettings,
): Promise<string | undefined> {
  let problem = "it does not answer";
  const { promise: connected, resolve } = Promise.withResolvers<void>();
  const waiting = new Set(["fstream check 1", "fstream check 2"]);
  const buses = [...waiting].map((name) =>
    new NatsBus(settings, name, {
      onChange: (isConnected, detail) => {
        if (isConnected) waiting.delete(name);
        else problem = detail;
        if (!isConnected || waiting.size === 0) resolve();
      },
    })
  );
  const [one, other] = [buses[0]!, buses[1]!];
  const timer = setTimeout(resolve, PROBE_MS);
  try {
    await connected;
    if (waiting.size > 0) return problem;
    return await echo(one, other, prefixOf(settings));
  } finally {
    clearTimeout(timer);
    await Promise.all(buses.map((bus) => bus.close()));
  }
}

/** Whether a message of the largest size gets from one connection to the other, and an answer back. */
async function echo(
  one: NatsBus,
  other: NatsBus,
  prefix: string,
): Promise<string | undefined> {
  const subject = `${prefix}.check.${crypto.randomUUID()}`;
  const ready = Promise.withResolvers<void>();
  other.subscribe(subject, ({ data, reply }) => other.publish(reply, data));
  // Behind the subscription: once this has come back, NATS knows of it.
  other.request(`${subject}.none`, new Uint8Array(), PROBE_MS).then(() =>
    ready.resolve()
  );
  await ready.promise;
  const sent = new Uint8Array(MAX_MESSAGE_BYTES).fill(7);
  const answer = await one.request(subject, sent, PROBE_MS);
  if (answer instanceof Uint8Array && answer.length === sent.length) {
    return undefined;
  }
  return `a message under ${prefix}. does not get from one connection to another; see the permissions of its user`;
}
