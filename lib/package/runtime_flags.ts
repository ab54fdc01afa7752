/**
 * The permissions that are built into the executable: the network, and reading files. Several servers at one port,
 * `reuse-port`, are an unstable part of the runtime.
 */
export const PERMISSIONS: readonly string[] = [
  "--no-prompt",
  "--unstable-net",
  "--allow-net",
  "--allow-read",
  "--allow-env=FSTREAM_SERVER,fserv_arg_*",
];

/**
 * Flags for V8. Optimized code is compiled on the main thread: an idle server takes 4 MB less, and
 * throughput is the same within measurement error. A single thread for everything (`--single-threaded`)
 * would save 1 MB more, but double the memory under load.
 *
 * The young generation has 4 MB instead of 16: 3,000 idle watchers take 15 KiB each instead of 30, and
 * each GB costs the same processor time, over TCP and over HTTP.
 */
export const V8_FLAGS =
  "--v8-flags=--no-concurrent-recompilation,--max-semi-space-size=4";
