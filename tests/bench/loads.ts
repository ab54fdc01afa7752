/** Loads that are measured by name: what is sent to how many, and which servers can be compared at it. */

/** A load by name; what a flag says stands before it. */
export interface NamedLoad {
  /** Bits a second to each watcher. */
  readonly rate: number;
  /** Bytes of a chunk. */
  readonly chunk: number;
  /** Connections that read the media. */
  readonly watchers: number;
  /** Seconds of a run. */
  readonly seconds: number;
  /** Broadcasts, each with its share of the watchers; default one. */
  readonly channels?: number;
  /** Whether watchers connect by TLS; servers are others then. */
  readonly tls?: true;
  /** Whether servers have the first core, and the load generator the others. */
  readonly oneCore?: true;
  /** Names of servers, where not all take part. */
  readonly only?: readonly string[];
}

/** MP3 as an encoder sends it: frames of 417 bytes at 128 kbit/s. */
const RADIO = { rate: 128_000, chunk: 417 } as const;

/** Video of 4 Mbit/s. */
const VIDEO = { rate: 4_000_000, chunk: 16_384 } as const;

/** Those of interest where the others have no more to tell. */
const ALL_OF_FSTREAM = [
  ...["C floor", "fstream TCP", "fstream HTTP", "fstream WebSocket"] as const,
];

/** The loads of docs/benchmarks.md, by name. */
export const LOADS: Readonly<Record<string, NamedLoad>> = {
  radio: {
    ...{ ...RADIO, watchers: 1000, seconds: 10 },
    only: ["Icecast", "fstream TCP", "fstream HTTP"],
  },
  "radio-5000": {
    ...{ ...RADIO, watchers: 5000, seconds: 10, oneCore: true },
    only: ["Icecast", "fstream TCP", "fstream HTTP"],
  },
  mpegts: {
    ...{ ...VIDEO, chunk: 1316, watchers: 300, seconds: 4 },
    only: ALL_OF_FSTREAM,
  },
  video: { ...VIDEO, watchers: 1000, seconds: 4 },
  few: {
    ...{ ...VIDEO, watchers: 100, seconds: 4 },
    only: ["Deno loop", ...ALL_OF_FSTREAM],
  },
  large: {
    ...{ ...VIDEO, chunk: 65_536, watchers: 1000, seconds: 4 },
    only: [...ALL_OF_FSTREAM, "nginx-rtmp"],
  },
  crowd: {
    ...{ ...VIDEO, rate: 500_000, watchers: 10_000, seconds: 8 },
    only: ["C floor", "fstream TCP", "fstream HTTP"],
  },
  mixed: {
    ...{ rate: 500_000, chunk: 4096, watchers: 2000, channels: 200 },
    ...{ seconds: 5, only: [...ALL_OF_FSTREAM, "nginx-rtmp", "Icecast"] },
  },
  tls: { ...VIDEO, watchers: 300, seconds: 4, tls: true },
};
