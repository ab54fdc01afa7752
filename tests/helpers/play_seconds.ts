/**
 * Seconds that tests of players play: `FSTREAM_PLAY_SECONDS`, for a longer run than the gate has time for.
 *
 * @param usual Without it.
 */
export function playSeconds(usual: number): number {
  return Number(Deno.env.get("FSTREAM_PLAY_SECONDS") ?? usual);
}
