import type { Spliced } from "../splice_rules.ts";
import { FRAMINGS } from "./framing.ts";
import { ProgramTables } from "./program_tables.ts";
import { PACKET_BYTES, packetPayload, SYNC_BYTE } from "./psi.ts";
import { streamKind } from "./stream_kind.ts";

/**
 * Sends the tables where the programs contain the same streams. Decoders find streams by PID and do not
 * change the codec of a PID, so the output of another multiplexer stays undecoded.
 */
export function followStreams(
  before: Spliced,
  after: Spliced,
): Uint8Array | undefined {
  const known = streamsOf(before.init);
  return known === "" || known === streamsOf(after.init)
    ? after.init
    : undefined;
}

/** PIDs and types of the media streams in an init segment, as a text; empty when there are none. */
function streamsOf(init: Uint8Array): string {
  const ignore = (): void => {};
  const tables = new ProgramTables({ changed: ignore, corruption: ignore });
  for (const { packet, pid } of packetsOf(init)) {
    const payload = packet.subarray(packetPayload(packet, 0));
    tables.push(pid, payload, (packet[1]! & 0x40) !== 0);
  }
  return tables.programs.flat()
    .map((stream) => ({ ...stream, kind: streamKind(stream) }))
    .filter(({ kind }) => kind.media !== "other")
    .map(({ pid, type, kind }) => `${pid}:${type}:${kind.codec ?? ""}`)
    .sort().join();
}

function* packetsOf(
  init: Uint8Array,
): Generator<{ packet: Uint8Array; pid: number }> {
  const framing = FRAMINGS.find(({ stride, lead }) =>
    init.length % stride === 0 && init[lead] === SYNC_BYTE
  );
  if (!framing) return;
  const { stride, lead } = framing;
  for (let at = lead; at < init.length; at += stride) {
    const packet = init.subarray(at, at + PACKET_BYTES);
    yield { packet, pid: ((packet[1]! & 0x1f) << 8) | packet[2]! };
  }
}
