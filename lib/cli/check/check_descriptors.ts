import { SPARE_DESCRIPTORS } from "../descriptors.ts";
import { fault, type Finding } from "./finding.ts";

/**
 * Opens as many file descriptors as the server may need, and closes them again. Asking the system for its
 * limit would take a permission that the program does not have.
 *
 * @param connections Connections in all.
 * @param where Where that is set, for the finding.
 * @param path A file that can be opened.
 */
export function checkDescriptors(
  connections: number,
  where: string,
  path: string = Deno.execPath(),
): Finding[] {
  const wanted = connections + SPARE_DESCRIPTORS;
  const available = countDescriptors(wanted, path);
  if (available >= wanted) return [];
  const problem =
    `${where}: ${connections} connections need ${wanted} file descriptors, and only ${available} are available`;
  const advice =
    `ulimit -n ${wanted}, LimitNOFILE=${wanted} in a systemd unit, or fewer connections`;
  return [fault(problem, advice)];
}

function countDescriptors(most: number, path: string): number {
  const files: Deno.FsFile[] = [];
  try {
    while (files.length < most) files.push(Deno.openSync(path));
  } catch (error) {
    // "Too many open files" has no class of its own; after a first success any error is the limit.
    if (files.length === 0) throw error;
  } finally {
    for (const file of files) file.close();
  }
  return files.length;
}
