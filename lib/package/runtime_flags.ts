/** What the program may do, baked into the executable: the network, and reading files; nothing else. */
export const PERMISSIONS: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-env=FSTREAM_SERVER,fserv_arg_*",
];

/**
 * Flags for V8. Code that runs often is compiled on the main thread and not beside it: an idle server
 * takes 4 MB less, and what comes through is the same within what two measurements differ by. All on one
 * thread (`--single-threaded`) would save 1 MB more and double the memory under load.
 *
 * New objects have 4 MB and not 16 before they are looked through: 3,000 idle watchers take 15 KiB each
 * and not 30, and each GB costs the same processor time, over TCP and over HTTP.
 */
export const V8_FLAGS =
  "--v8-flags=--no-concurrent-recompilation,--max-semi-space-size=4";
