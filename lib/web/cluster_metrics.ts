import type { ClusterStatus } from "../cluster/cluster.ts";

/** A metric without labels: the end of its name, its type, its help and its value. */
export type ClusterRow = readonly [
  name: string,
  type: string,
  help: string,
  value: number,
];

/** The metrics of a server that is connected with others. */
export function clusterRows(
  { isConnected, nodes, feeds, outlets, counts }: ClusterStatus,
): ClusterRow[] {
  return [
    ["connected", "gauge", "Whether NATS is connected.", Number(isConnected)],
    ["nodes", "gauge", "Other servers.", nodes],
    ["feeds", "gauge", "Channels that are fed from other servers.", feeds],
    ["outlets", "gauge", "Channels that are sent to other servers.", outlets],
    ...counters(counts),
  ];
}

function counters(counts: ClusterStatus["counts"]): ClusterRow[] {
  const rows: readonly (readonly [string, string, number])[] = [
    [
      "reconnects",
      "Times a connection to NATS was made again.",
      counts.reconnects,
    ],
    ["sent_bytes", "Media sent to other servers.", counts.sentBytes],
    ["repairs", "Times media was asked for again.", counts.repairs],
    ["jumps", "Times media was gone everywhere.", counts.jumps],
    ["lost_bytes", "Media that was gone everywhere.", counts.lostBytes],
    [
      "takeovers",
      "Channels that a newer broadcast elsewhere took over.",
      counts.takeovers,
    ],
    ["opened_feeds", "Feeds that were opened.", counts.feeds],
    ["opening_seconds", "Time that opening feeds took.", counts.openSeconds],
  ];
  return rows.map(([name, help, value]) =>
    [`${name}_total`, "counter", help, value] as const
  );
}
