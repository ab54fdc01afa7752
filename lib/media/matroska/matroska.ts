/**
 * Matroska and WebM (RFC 9559). A decoder can start at a key frame's block anywhere in its cluster, when
 * it is sent the head of a cluster with the same timestamp before it: most clusters begin with audio,
 * and many contain no key frame at all.
 *
 * Elements are read flat: Segment, Cluster and BlockGroup are entered, all others are skipped by their
 * size. That works for known and unknown sizes alike, because an ID tells its own level.
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
import { decoderSetup, MatroskaHeader } from "./header.ts";
import {
  FIRST_IN_CLUSTER,
  GLOBALS,
  SEGMENT_CHILDREN,
  SKIPPED_IN_CLUSTER,
  SKIPPED_IN_GROUP,
} from "./levels.ts";
import type { MatroskaTrack } from "./tracks.ts";
import type { ContainerFormat } from "../container.ts";
import { magics } from "../detect/magic.ts";
import { MAX_INIT_BYTES, MAX_UNIT_BYTES } from "../limits.ts";
import { UnitTracker } from "../reader/unit_tracker.ts";
import {
  cannotFollow,
  sendInit,
  type SpliceRule,
  unlessSameInit,
} from "../splice_rules.ts";
import { EBML_MAGIC, isDocType } from "./doc_type.ts";

/** Bytes of an EBML header: seven small fields, some 40 bytes in real streams. */
const MAX_EBML_BYTES = 4096;

/** The current BlockGroup: only its end tells whether it is a key frame. */
interface BlockGroup {
  readonly offset: number;
  readonly end: number;
  block: BlockHead | undefined;
  key: boolean;
}

/** The tracker of Matroska and WebM. */
export class MatroskaTracker extends UnitTracker {
  /** A Cluster's ID, its size of up to 8 bytes, and the first byte of its content. */
  protected override readonly boundaryBytes = 13;
  /** The header that is arriving; `undefined` once clusters have begun. */
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

  /** Bytes missing from the element, or from the BlockGroup around it. */
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
    if (head === "bad") return this.#corrupted("no element");
    if (this.#group && this.reader.offset < this.#group.end) {
      return this.#readInGroup(this.#group, head);
    }
    this.#group = undefined;
    return this.#readElement(head);
  }

  /** Whether an EBML header or a Cluster begins here. */
  protected override isBoundary(bytes: Uint8Array, at: number): boolean {
    const first = bytes[at];
    if (first !== 0x1f && first !== 0x1a) return false;
    const id = uintAt(bytes, at, 4);
    if (id === EBML_ID.EBML) return true;
    if (id !== EBML_ID.CLUSTER) return false;
    const sizeLength = vintLength(bytes[at + 4] ?? 0);
    return sizeLength <= 8 &&
      FIRST_IN_CLUSTER.has(bytes[at + 4 + sizeLength] ?? 0);
  }

  /** Bytes missing from an element that begins with `held`. */
  protected override missingOf(held: Uint8Array): number {
    const idLength = vintLength(held[0] ?? 0);
    const first = held[idLength];
    // A zero byte after an ID is no size, which makes a reader search for the next cluster.
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
    if (GLOBALS.has(head.id)) return this.#skip(head);
    if (SKIPPED_IN_CLUSTER.has(head.id)) return this.#skipInCluster(head);
    return this.#corrupted("no element of Matroska");
  }

  #readEbml(head: ElementHead): boolean {
    if (head.size > MAX_EBML_BYTES) {
      return this.#corrupted("an EBML header that is too long");
    }
    const element = this.reader.peek(head.headLength + head.size);
    if (!element) return false;
    this.#header = new MatroskaHeader(element);
    // Blocks before the next Tracks element cannot be read.
    this.#lead = undefined;
    this.#clusterTicks = undefined;
    return this.#skip(head);
  }

  #readHeaderPart(head: ElementHead): boolean {
    const length = head.headLength + head.size;
    if (!this.#header?.wants(head.id, length)) {
      const tooLong = head.id === EBML_ID.TRACKS && head.size <= MAX_UNIT_BYTES;
      if (this.#header && tooLong) {
        this.giveUp(`Tracks of ${length} bytes, ${MAX_INIT_BYTES} allowed`);
      }
      return this.#skip(head);
    }
    const element = this.reader.peek(length);
    if (!element) return false;
    this.#header.add(head.id, element);
    return this.#skip(head);
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
    if (head.size > 8) return this.#corrupted("a timestamp that is too long");
    const element = this.reader.peek(head.headLength + head.size);
    if (!element) return false;
    this.#clusterTicks = uintOf(element.subarray(head.headLength));
    this.#clusterHead = undefined;
    return this.#skipInCluster(head);
  }

  #readSimpleBlock(head: ElementHead): boolean {
    if (!this.#fits(head)) return this.#corrupted("a wrong length");
    const block = peekBlock(this.reader, head);
    if (!block) return false;
    this.#see(block, this.reader.offset, block.key);
    return this.#skip(head);
  }

  #readGroup(head: ElementHead): boolean {
    if (!this.#fits(head)) return this.#corrupted("a wrong length");
    const offset = this.reader.offset;
    const end = offset + head.headLength + head.size;
    this.#group = { offset, end, block: undefined, key: true };
    return this.#enter(head);
  }

  #readInGroup(group: BlockGroup, head: ElementHead): boolean {
    const end = this.reader.offset + head.headLength + head.size;
    if (end > group.end) return this.#corrupted("a wrong length");
    if (head.id === EBML_ID.BLOCK) {
      group.block = peekBlock(this.reader, head);
      if (!group.block) return false;
    } else if (head.id === EBML_ID.REFERENCE_BLOCK) group.key = false;
    else if (!SKIPPED_IN_GROUP.has(head.id) && !GLOBALS.has(head.id)) {
      return this.#corrupted("no element of a block");
    }
    if (end === group.end) {
      this.#group = undefined;
      if (group.block) this.#see(group.block, group.offset, group.key);
    }
    return this.#skip(head);
  }

  /** Notes a block's time and reports it when decoding can start there. */
  #see(block: BlockHead, offset: number, key: boolean): void {
    const start = this.#clusterTicks;
    const lead = this.#lead;
    if (start === undefined || !lead) return;
    const time = (start + block.ticks) * this.#scaleNs / 1e9;
    this.setTime(time);
    if (block.track !== lead.number || !(key || !lead.video)) return;
    // A cluster that has a size must be whole: another one inside it would be taken for corruption.
    const leave = this.#clusterStart;
    const prefix = this.#clusterHead ??= clusterHead(start);
    this.join({ offset, leave, prefix, time });
  }

  /** Enters an element: only its head is skipped. */
  #enter(head: ElementHead): boolean {
    this.reader.skip(head.headLength);
    return true;
  }

  #skip(head: ElementHead): boolean {
    if (head.size > MAX_UNIT_BYTES) return this.#corrupted("a wrong length");
    this.reader.skip(head.headLength + head.size);
    return true;
  }

  #skipInCluster(head: ElementHead): boolean {
    return this.#fits(head)
      ? this.#skip(head)
      : this.#corrupted("a wrong length");
  }

  /** Whether an element of this length fits into the cluster. */
  #fits(head: ElementHead): boolean {
    const end = this.reader.offset + head.headLength + head.size;
    // An element behind the end only shows that the cluster's own size is wrong.
    const inside = this.reader.offset >= this.#clusterEnd ||
      end <= this.#clusterEnd;
    return inside && head.size <= MAX_UNIT_BYTES;
  }

  #corrupted(what: string): boolean {
    this.#group = undefined;
    this.corrupt(what);
    return true;
  }
}

/** Sends nothing where the header sets the decoder up alike; headers are hardly ever equal as a whole. */
function unlessSameSetup(otherwise: SpliceRule): SpliceRule {
  return (before, after) => {
    const setup = decoderSetup(after.init);
    const same = setup !== "" && setup === decoderSetup(before.init);
    return same ? new Uint8Array() : unlessSameInit(otherwise)(before, after);
  };
}

/** Matroska. Decoders keep the codec's private data of the first header. */
export const MATROSKA: ContainerFormat = {
  name: "matroska",
  aliases: ["mkv", "mka"],
  signature: magics(EBML_MAGIC),
  tracker: (sink) => new MatroskaTracker(sink),
  splice: unlessSameSetup(cannotFollow),
};

/** WebM. Its codecs need no private data, so decoders follow a new header. */
export const WEBM: ContainerFormat = {
  ...MATROSKA,
  name: "webm",
  aliases: [],
  signature: isDocType("webm"),
  splice: unlessSameSetup(sendInit),
};
