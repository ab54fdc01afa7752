import { formatBytes } from "../config/values.ts";
import { escapeControls } from "../logger.ts";
import type { Transfer, TransferEnd } from "./transfer.ts";

const PAST = { watch: "watched", broadcast: "broadcast" } as const;

/** One line about a transfer: `watched 1.2 GB in 3:02, 0 bytes lost, 2 reconnects, at most 0.4 s behind`. */
export function summaryLine({ verb, transfer, seconds }: TransferEnd): string {
  const { bytes, reconnects } = transfer;
  const done = `${PAST[verb]} ${formatBytes(bytes)} in ${formatTime(seconds)}`;
  const tries = `${reconnects} reconnect${reconnects === 1 ? "" : "s"}`;
  return [
    ...[done, ...lossOf(transfer)],
    ...(reconnects > 0 ? [tries] : []),
    ...lagOf(transfer),
  ].join(", ");
}

/** A transfer as one JSON object. */
export function summaryJson(
  { verb, transfer, seconds, reason, message }: TransferEnd,
): string {
  const { bytes, reconnects } = transfer;
  return JSON.stringify({
    command: verb,
    complete: reason === undefined,
    bytes,
    seconds: rounded(seconds),
    ...("lost" in transfer ? { lost: transfer.lost ?? null } : {}),
    reconnects,
    ...("mostBehind" in transfer
      ? { behind: rounded(transfer.mostBehind) }
      : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message: escapeControls(message) }),
  });
}

/** A duration as clocks show it: `0:04`, `3:02`, `1:03:02`. */
export function formatTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
  ];
  const rest = String(whole % 60).padStart(2, "0");
  if (hours === 0) return `${minutes}:${rest}`;
  return `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}

/** A bit rate: `2.40 Mbit/s`. */
export function formatRate(bits: number): string {
  return formatBytes(bits).replace(/B$/, "bit/s");
}

/** How far behind live, in seconds: `0.4 s behind`, `75 s behind`. */
export function formatLag(seconds: number): string {
  // Rounded up: the figure is what it was at most.
  const digits = seconds < 10 ? 1 : 0;
  const unit = 10 ** digits;
  return `${(Math.ceil(seconds * unit) / unit).toFixed(digits)} s behind`;
}

function lossOf(transfer: Transfer): string[] {
  if (!("lost" in transfer)) return [];
  const { lost } = transfer;
  if (lost === undefined) return ["an unknown number of bytes lost"];
  return [lost < 1000 ? `${lost} bytes lost` : `${formatBytes(lost)} lost`];
}

function lagOf({ mostBehind }: Transfer): string[] {
  if (mostBehind === undefined) return [];
  return [`at most ${formatLag(mostBehind)}`];
}

/** Milliseconds are enough. */
function rounded(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Number(seconds.toFixed(3));
}
