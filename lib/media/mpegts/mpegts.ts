import { equals } from "@std/bytes";
import type { VideoInfo } from "../codec/unit_grammar.ts";
import { PacketSync } from "./packet_sync.ts";
import {
  type ElementaryStream,
  PACKET_BYTES,
  packetPayload,
  PAT_PID,
} from "./psi.ts";
import type { ContainerFormat } from "../container.ts";
import { IncidentReporter } from "../incident_reporter.ts";
import { MAX_JOINLESS_BYTES } from "../limits.ts";
import type { JoinPoint, MediaInfo, Tracker, TrackerSink } from "../tracker.ts";
import { AudioProbe } from "./audio_probe.ts";
import { LeadStream } from "./lead_stream.ts";
import { packetRun } from "./packet_run.ts";
import { framedPackets } from "./packets.ts";
import { ProgramTables } from "./program_tables.ts";
import { followStreams } from "./splice_streams.ts";
import { type StreamKind, streamKind } from "./stream_kind.ts";

/** What the packets of a PID are used for: bits, because audio may lead. */
const ROLE = { NONE: 0, TABLE: 1, LEAD: 2, PROBED: 4, UNKNOWN: 8 } as const;

/** Number of PIDs: they have 13 bits. */
const PIDS = 8192;

/** Elementary streams of a program: a film has a picture and some languages. */
const MAX_STREAMS = 64;

/** An elementary stream of the tracked program. */
interface Track {
  readonly stream: ElementaryStream;
  readonly kind: StreamKind;
  codec: string | undefined;
  readonly probe: AudioProbe;
}

/**
 * Tracks MPEG-TS (ISO/IEC 13818-1), as bare packets of 188 bytes, M2TS (192) or with error correction
 * (204). Init is PAT and PMTs; a join point is the packet with which a PES packet begins that a
 * decoder of the video can start from, any PES packet where there is only audio, and the start of any
 * payload unit where all streams are of unknown types.
 */
export class MpegTsTracker implements Tracker {
  readonly #sink: TrackerSink;
  readonly #sync: PacketSync;
  readonly #tables: ProgramTables;
  readonly #roles = new Uint8Array(PIDS);
  #tracks: readonly Track[] = [];
  #lead: LeadStream | undefined;
  #leadTrack: Track | undefined;
  #sps: VideoInfo | undefined;
  /** What was last reported of the tables and the media, so that nothing is reported twice. */
  #init: Uint8Array = new Uint8Array();
  #info = "";
  /** Offset of the newest join point. */
  #joinedAt = 0;
  readonly #incident: IncidentReporter;
  #gaveUp = false;

  /** Reports to `sink`. */
  constructor(sink: TrackerSink) {
    this.#sink = sink;
    this.#incident = new IncidentReporter(sink);
    this.#roles[PAT_PID] = ROLE.TABLE;
    this.#tables = new ProgramTables({
      changed: () => this.#follow(),
      corruption: (what) => this.#incident.report(what),
    });
    this.#sync = new PacketSync({
      packet: (bytes, at, offset) => this.#packet(bytes, at, offset),
      found: (offset, every) => sink.boundary?.(offset, { every }),
      lost: () => this.#lost(),
      notFound: () => this.#giveUp("no MPEG-TS packets found"),
    });
  }

  /** Seconds of the video's clock, or of the audio's where there is no video. */
  get time(): number | undefined {
    return this.#lead?.time;
  }

  /** Bytes held of packets, tables and parameter sets. */
  get heldBytes(): number {
    return this.#sync.heldBytes + this.#tables.heldBytes + this.#init.length +
      (this.#lead?.heldBytes ?? 0);
  }

  /** Bytes missing from the current packet. */
  get missingBytes(): number {
    return this.#sync.missingBytes;
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    if (!this.#gaveUp) this.#sync.push(chunk);
  }

  #packet(bytes: Uint8Array, at: number, offset: number): void {
    const second = bytes[at + 1]!;
    const pid = ((second & 0x1f) << 8) | bytes[at + 2]!;
    const role = this.#roles[pid]!;
    if (offset - this.#joinedAt > MAX_JOINLESS_BYTES) {
      this.#giveUp(`no join point in ${MAX_JOINLESS_BYTES} bytes`);
    }
    if (role === ROLE.NONE || this.#gaveUp) return;
    if (second & 0x80) {
      return this.#incident.report("a packet that is marked as bad");
    }
    if (role & ROLE.LEAD) this.#lead?.packet(bytes, at, offset);
    // Of unknown streams, only the start of a payload unit tells where decoding may start.
    if (role === ROLE.UNKNOWN) {
      if (second & 0x40) this.#join({ offset });
    } else if (role & ~ROLE.LEAD) this.#payload(bytes, at, pid, role);
  }

  #payload(bytes: Uint8Array, at: number, pid: number, role: number): void {
    const from = packetPayload(bytes, at);
    const to = at + PACKET_BYTES;
    const starts = (bytes[at + 1]! & 0x40) !== 0;
    // Tables are never scrambled, and scrambled audio does not tell its codec.
    const scrambled = (bytes[at + 3]! & 0xc0) !== 0;
    if (from === to || scrambled) return;
    if (role & ROLE.TABLE) {
      return this.#tables.push(pid, bytes.subarray(from, to), starts);
    }
    const track = this.#tracks.find(({ stream }) => stream.pid === pid);
    const codec = track?.probe.push(bytes, from, to, starts);
    if (!track || codec === undefined) return;
    track.codec = codec;
    this.#roles[pid]! &= ~ROLE.PROBED;
    this.#report();
  }

  /** The tables have changed: finds the program's streams again. */
  #follow(): void {
    const tracks = this.#programTracks();
    const lead = tracks.find(({ kind }) => kind.media === "video") ?? tracks[0];
    this.#tracks = tracks;
    this.#assignRoles(lead);
    // An unchanged stream keeps its clock, its parameter sets and its state.
    if (lead && lead !== this.#leadTrack) this.#startLead(lead);
    if (!lead && !this.#hasStreams) return;
    // A decoder that has found packets of 192 bytes accepts no others.
    const { before, behind } = this.#sync.padding;
    const init = framedPackets(this.#tables.packets(), before, behind);
    if (!equals(init, this.#init)) {
      this.#init = init;
      this.#sink.init(init);
    }
    this.#report();
  }

  /** The video and audio of the first program with video, else of the first with audio. */
  #programTracks(): readonly Track[] {
    const programs = this.#tables.programs.map((streams) =>
      streams.slice(0, MAX_STREAMS).map((stream) => this.#trackOf(stream))
        .filter(({ kind }) => kind.media !== "other")
    );
    return programs.find((tracks) =>
      tracks.some(({ kind }) => kind.media === "video")
    ) ?? programs.find((tracks) => tracks.length > 0) ?? [];
  }

  /** A stream's track: the existing one where the stream is the same. */
  #trackOf(stream: ElementaryStream): Track {
    const known = this.#tracks.find((track) =>
      track.stream.pid === stream.pid && track.stream.type === stream.type &&
      equals(track.stream.descriptors, stream.descriptors)
    );
    if (known) return known;
    const kind = streamKind(stream);
    const probe = new AudioProbe(stream.type);
    return { stream, kind, codec: kind.codec, probe };
  }

  #assignRoles(lead: Track | undefined): void {
    this.#roles.fill(ROLE.NONE);
    for (const { stream, kind, codec } of this.#tracks) {
      if (kind.media === "audio" && codec === undefined) {
        this.#roles[stream.pid] = ROLE.PROBED;
      }
    }
    if (lead) this.#roles[lead.stream.pid]! |= ROLE.LEAD;
    else this.#assignUnknown();
    // Last, so that no PMT can reassign the PIDs of tables.
    for (const pid of this.#tables.pmtPids) this.#roles[pid] = ROLE.TABLE;
    this.#roles[PAT_PID] = ROLE.TABLE;
  }

  get #hasStreams(): boolean {
    return this.#tables.programs.some((streams) => streams.length > 0);
  }

  /** Without video and audio, the streams of the first program with streams count. */
  #assignUnknown(): void {
    this.#lead = undefined;
    this.#leadTrack = undefined;
    const { programs } = this.#tables;
    const streams = programs.find(({ length }) => length > 0) ?? [];
    for (const { pid } of streams) this.#roles[pid] = ROLE.UNKNOWN;
  }

  #startLead(track: Track): void {
    this.#leadTrack = track;
    this.#sps = undefined;
    this.#lead = new LeadStream(track.stream.pid, track.kind, {
      join: (point, kind) => this.#join(point, kind),
      info: (sps) => this.#describe(track, sps),
      corruption: (what) => this.#incident.report(what),
    });
  }

  #describe(track: Track, sps: VideoInfo): void {
    this.#sps = sps;
    track.codec = track.kind.codec ?? sps.codec;
    this.#report();
  }

  /** Reports what is known; codecs only once none is missing, because part of a list misleads. */
  #report(): void {
    const codecs = this.#tracks.flatMap(({ codec }) => codec ? [codec] : []);
    const info: MediaInfo = {
      container: "mpegts",
      mime: "video/mp2t",
      codecs: codecs.length === this.#tracks.length ? codecs : [],
      video: this.#leadTrack?.kind.media === "video",
      ...(this.#sps && { width: this.#sps.width, height: this.#sps.height }),
    };
    const text = JSON.stringify(info);
    if (text !== this.#info) this.#sink.info(info);
    this.#info = text;
  }

  #join(point: JoinPoint, kind: "join" | "fallback" = "join"): void {
    this.#joinedAt = point.offset;
    this.#incident.recover();
    const { before, behind } = this.#sync.padding;
    const framed = (packets: Uint8Array): Uint8Array =>
      framedPackets(packets, before, behind);
    const { prefix, reset } = point;
    const framedPoint = {
      ...point,
      ...(prefix && { prefix: framed(prefix) }),
      ...(reset && { reset: framed(reset) }),
    };
    if (kind === "join") this.#sink.join(framedPoint);
    else this.#sink.fallbackJoin?.(framedPoint);
  }

  #lost(): void {
    // The current PES packet and section cannot be completed: it is unknown how much is missing.
    this.#lead?.gap();
    this.#tables.reset();
    this.#incident.report("the next packet does not begin where it is due");
  }

  #giveUp(why: string): void {
    if (!this.#gaveUp) this.#sink.giveUp(why);
    this.#gaveUp = true;
  }
}

/** MPEG-TS. */
export const MPEGTS: ContainerFormat = {
  name: "mpegts",
  aliases: ["ts", "m2ts", "mpegtsraw"],
  signature: packetRun,
  tracker: (sink) => new MpegTsTracker(sink),
  splice: followStreams,
};
