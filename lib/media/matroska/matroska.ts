/**
 * Matroska and WebM (RFC 9559). A decoder can start at a key frame's block wherever it lies in its
 * cluster, when it is sent the head of a cluster with the same timestamp before it: most clusters
 * begin with audio, and many hold no key frame at all.
 *
 * Elements are read flat: Segment, Cluster and BlockGroup are entered, all others passed by their
 * size. That serves known and unknown sizes alike, because an ID tells its own level.
 *
 * @module
 */
import { uintAt } from "../reader/big_endian.ts";
import {
  EBML_ID,
  type ElementHead,
  peekElement,
  uintOf,
  vintLength,
  vintValue,
} from "./ebml.ts";
import { type BlockHead, clusterHead, peekBlock } from "./block.ts";
import { MatroskaHeader } from "./header.ts";
import {
  FIRST_IN_CLUSTER,
  GLOBALS,
  PASSED_IN_CLUSTER,
  PASSED_IN_GROUP,
  SEGMENT_CHILDREN,
} from "./levels.ts";
import type { MatroskaTrack } from "./tracks.ts";
import type { Tracker, TrackerSink } from "../tracker.ts";
import { MAX_UNIT_BYTES, UnitTracker } from "../reader/unit_tracker.ts";

/** Bytes of an EBML header: seven small fields, some 40 bytes in real streams. */
const MAX_EBML_BYTES = 4096;

/** A BlockGroup under way: whether it is a key frame is only known at its end. */
interface BlockGroup {
  readonly offset: number;
  readonly end: number;
  block: BlockHead | undefined;
  key: boolean;
}

/** The tracker of Matroska and WebM. */
export class MatroskaTracker extends UnitTracker {
  /** A Cluster's ID, its size of up to 8 bytes, and the first byte of what it holds. */
  protected override readonly borderBytes = 13;
  /** The header that is arriving; nothing once clusters have begun. */
  #header: MatroskaHeader | undefined;
  /** The track that tells where to join: the first video, else the first. */
  #lead: MatroskaTrack | undefined;
  #scaleNs = 0;
  #clusterTicks: number | undefined;
  #clusterStart = 0;
  /** The prefix of join points in the cluster, once there is one. */
  #clusterHead: Uint8Array | undefined;
  /** Where the cluster ends; infinite when its size is unknown. */
  #clusterEnd = Infinity;
  #group: BlockGroup | undefined;

  /** Bytes that the element, or the BlockGroup around it, still lacks. */
  override get missingBytes(): number {
    const missing = super.missingBytes;
    if (!this.#group) return missing;
    const { offset, skipping, held } = this.reader;
    return Math.max(missing, this.#group.end - offset + skipping - held.length);
  }

  /** Bytes of the header that is arriving. */
  protected override get keptBytes(): number {
    return this.#header?.bytes ?? 0;
  }

  /** Reads the head of an element, and the element as far as it matters. */
  protected override readUnit(): boolean {
    const head = peekElement(this.reader);
    if (head === "more") return false;
    if (head === "bad") return this.#damaged("no element");
    if (this.#group && this.reader.offset < this.#group.end) {
      return this.#readInGroup(this.#group, head);
    }
    this.#group = undefined;
    return this.#readElement(head);
  }

  /** Whether an EBML header or a Cluster begins here. */
  protected override isBorder(bytes: Uint8Array, at: number): boolean {
    const first = bytes[at];
    if (first !== 0x1f && first !== 0x1a) return false;
    const id = uintAt(bytes, at, 4);
    if (id === EBML_ID.EBML) return true;
    if (id !== EBML_ID.CLUSTER) return false;
    const sizeLength = vintLength(bytes[at + 4] ?? 0);
    return sizeLength <= 8 &&
      FIRST_IN_CLUSTER.has(bytes[at + 4 + sizeLength] ?? 0);
  }

  /** Bytes that a unit that begins so lacks. */
  protected override lackingOf(held: Uint8Array): number {
    const idLength = vintLength(held[0] ?? 0);
    const first = held[idLength];
    // A zero byte after an ID is no size, which sends a reader to look for the next cluster.
    if (idLength > 4 || first === undefined) return idLength - held.length + 1;
    const headLength = idLength + vintLength(first);
    if (held.length < headLength) return headLength - held.length;
    const size = vintValue(held, idLength);
    return size > MAX_UNIT_BYTES ? 0 : headLength + size - held.length;
  }

  #readElement(head: ElementHead): boolean {
    switch (head.id) {
      case EBML_ID.EBML:
        return this.#readEbml(head);
      case EBML_ID.SEGMENT:
        return this.#enter(head);
      case EBML_ID.CLUSTER:
        return this.#readCluster(head);
      case EBML_ID.TIMESTAMP:
        return this.#readTimestamp(head);
      case EBML_ID.SIMPLE_BLOCK:
        return this.#readSimpleBlock(head);
      case EBML_ID.BLOCK_GROUP:
        return this.#readGroup(head);
    }
    if (SEGMENT_CHILDREN.has(head.id)) return this.#readHeaderPart(head);
    if (GLOBALS.has(head.id)) return this.#pass(head);
    if (PASSED_IN_CLUSTER.has(head.id)) return this.#passInCluster(head);
    return this.#damaged("no element of Matroska");
  }

  #readEbml(head: ElementHead): boolean {
    if (head.size > MAX_EBML_BYTES) return this.#damaged("too long a header");
    const element = this.reader.peek(head.headLength + head.size);
    if (!element) return false;
    this.#header = new MatroskaHeader(element);
    // Blocks before the next Tracks cannot be understood.
    this.#lead = undefined;
    this.#clusterTicks = undefined;
    return this.#pass(head);
  }

  #readHeaderPart(head: ElementHead): boolean {
    const length = head.headLength + head.size;
    if (!this.#header?.wants(head.id, length)) {
      const lost = head.id === EBML_ID.TRACKS && head.size <= MAX_UNIT_BYTES;
      if (this.#header && lost) {
        this.giveUp(`Tracks of ${length} bytes is too long`);
      }
      return this.#pass(head);
    }
    const element = this.reader.peek(length);
    if (!element) return false;
    this.#header.add(head.id, element);
    return this.#pass(head);
  }

  #readCluster(head: ElementHead): boolean {
    this.#endHeader();
    this.#clusterTicks = undefined;
    this.#clusterStart = this.reader.offset;
    this.#clusterEnd = this.reader.offset + head.headLength + head.size;
    return this.#enter(head);
  }

  /** The first Cluster ends the header. */
  #endHeader(): void {
    const header = this.#header;
    if (!header) return;
    this.#header = undefined;
    const { tracks } = header;
    this.#lead = tracks.find(({ video }) => video) ?? tracks[0];
    this.#scaleNs = header.scaleNs;
    if (!this.#lead) return;
    this.sink.init(header.init());
    this.sink.info(header.info());
  }

  #readTimestamp(head: ElementHead): boolean {
    if (head.size > 8) return this.#damaged("too long a timestamp");
    const element = this.reader.peek(head.headLength + head.size);
    if (!element) return false;
    this.#clusterTicks = uintOf(element.subarray(head.headLength));
    this.#clusterHead = undefined;
    return this.#passInCluster(head);
  }

  #readSimpleBlock(head: ElementHead): boolean {
    if (!this.#fits(head)) return this.#damaged("a wrong length");
    const block = peekBlock(this.reader, head);
    if (!block) return false;
    this.#see(block, this.reader.offset, block.key);
    return this.#pass(head);
  }

  #readGroup(head: ElementHead): boolean {
    if (!this.#fits(head)) return this.#damaged("a wrong length");
    const offset = this.reader.offset;
    const end = offset + head.headLength + head.size;
    this.#group = { offset, end, block: undefined, key: true };
    return this.#enter(head);
  }

  #readInGroup(group: BlockGroup, head: ElementHead): boolean {
    const end = this.reader.offset + head.headLength + head.size;
    if (end > group.end) return this.#damaged("a wrong length");
    if (head.id === EBML_ID.BLOCK) {
      group.block = peekBlock(this.reader, head);
      if (!group.block) return false;
    } else if (head.id === EBML_ID.REFERENCE_BLOCK) group.key = false;
    else if (!PASSED_IN_GROUP.has(head.id) && !GLOBALS.has(head.id)) {
      return this.#damaged("no element of a block");
    }
    if (end === group.end) {
      this.#group = undefined;
      if (group.block) this.#see(group.block, group.offset, group.key);
    }
    return this.#pass(head);
  }

  /** Notes a block's time and reports it when decoding can start there. */
  #see(block: BlockHead, offset: number, key: boolean): void {
    const start = this.#clusterTicks;
    const lead = this.#lead;
    if (start === undefined || !lead) return;
    const time = (start + block.ticks) * this.#scaleNs / 1e9;
    this.setTime(time);
    if (block.track !== lead.number || !(key || !lead.video)) return;
    // A cluster that has a size is to be whole: another cluster inside it would be taken for damage.
    const leave = this.#clusterStart;
    const prefix = this.#clusterHead ??= clusterHead(start);
    this.join({ offset, leave, prefix, time });
  }

  /** Goes into an element: only its head is passed. */
  #enter(head: ElementHead): boolean {
    this.reader.skip(head.headLength);
    return true;
  }

  #pass(head: ElementHead): boolean {
    if (head.size > MAX_UNIT_BYTES) return this.#damaged("a wrong length");
    this.reader.skip(head.headLength + head.size);
    return true;
  }

  #passInCluster(head: ElementHead): boolean {
    return this.#fits(head)
      ? this.#pass(head)
      : this.#damaged("a wrong length");
  }

  /** Whether an element's length is possible where it lies. */
  #fits(head: ElementHead): boolean {
    const end = this.reader.offset + head.headLength + head.size;
    // An element that begins behind the end shows the cluster's own size to be wrong: no harm.
    const inside = this.reader.offset >= this.#clusterEnd ||
      end <= this.#clusterEnd;
    return inside && head.size <= MAX_UNIT_BYTES;
  }

  #damaged(what: string): boolean {
    this.#group = undefined;
    this.damage(what);
    return true;
  }
}

/** Makes the tracker of a Matroska or WebM stream. */
export function matroskaTracker(sink: TrackerSink): Tracker {
  return new MatroskaTracker(sink);
}
