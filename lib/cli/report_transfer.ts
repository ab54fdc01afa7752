import { ConnectionError } from "../client/connection_error.ts";
import { IncompleteError } from "../client/incomplete_error.ts";
import { messageOf, Refusal } from "../errors.ts";
import { Interrupted } from "./end_signal.ts";
import { ProgressMeter } from "./progress_meter.ts";
import { say } from "./terminal.ts";
import type { Transfer, TransferEnd } from "./transfer.ts";
import { summaryJson, summaryLine } from "./transfer_summary.ts";

/** How a transfer is reported. */
export interface ReportOptions {
  /** The command. */
  readonly verb: TransferEnd["verb"];
  /** No progress and no line at the end. */
  readonly quiet: boolean;
  /** A JSON object instead of the line at the end, also when quiet. */
  readonly json: boolean;
}

/**
 * Shows the progress of a transfer while it runs, and a summary of it at the end.
 *
 * @throws What `run` throws.
 */
export async function reportTransfer(
  transfer: Transfer,
  { verb, quiet, json }: ReportOptions,
  run: () => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const meter = new ProgressMeter(transfer, quiet);
  let failure: Pick<TransferEnd, "reason" | "message"> = {};
  try {
    await run();
  } catch (error) {
    failure = { reason: reasonOf(error), message: messageOf(error) };
    throw error;
  } finally {
    meter.close();
    const seconds = (performance.now() - startedAt) / 1000;
    const end = { verb, transfer, seconds, ...failure };
    if (json) say(`${summaryJson(end)}\n`);
    else if (!quiet) say(`${summaryLine(end)}\n`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof IncompleteError) return error.reason;
  if (error instanceof ConnectionError) return error.problem;
  if (error instanceof Refusal) return error.code;
  if (error instanceof Interrupted) return "interrupted";
  return error instanceof Deno.errors.BrokenPipe ? "output-closed" : "failed";
}
