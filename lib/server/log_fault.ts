import type { LogThrottle } from "../clock/log_throttle.ts";
import { messageOf } from "../errors.ts";

/**
 * Logs that a part of the server failed in a way that nothing expected.
 *
 * @param log Bounds the lines of a fault that repeats.
 * @param error What was thrown. The first frame of its stack tells the developers where.
 */
export function logFault(log: LogThrottle, error: unknown): void {
  const reason = messageOf(error);
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const [, at] = stack.split(/\n\s*at /);
  log.log("internal-error", reason, { reason, at });
}
