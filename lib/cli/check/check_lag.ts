import type { Config } from "../../config/config.ts";
import { formatBytes } from "../../config/values.ts";
import { type Finding, warning } from "./finding.ts";

/** Finds out whether watchers may lag as far as `max-lag` says; `where` is where that is set. */
export function checkLag(
  { backlog, maxLag: { bytes } }: Config,
  where: string,
): Finding[] {
  if (bytes === Infinity || bytes <= backlog / 2) return [];
  const most = formatBytes(backlog / 2);
  const problem =
    `${where}: watchers skip beyond ${most}, half of the backlog, all the same`;
  return [warning(problem, "set a larger backlog, or max-lag = auto")];
}
