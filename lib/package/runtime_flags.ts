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
 */
export const V8_FLAGS = "--v8-flags=--no-concurrent-recompilation";
