/**
 * As `Promise.all`, but waits until every one has ended also when one fails, so that none still runs into the next
 * test.
 *
 * @throws What the first of them has thrown.
 */
export async function allEnded<T>(
  promises: Iterable<Promise<T>>,
): Promise<T[]> {
  const all = [...promises];
  await Promise.allSettled(all);
  return await Promise.all(all);
}
