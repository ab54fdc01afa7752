/**
 * Keeps the process running when something fails that nothing catches, which by default ends it: one faulty session
 * must not end the streams of all others.
 *
 * @param report Is told what failed.
 * @returns Restores the default.
 */
export function surviveFaults(report: (error: unknown) => void): Disposable {
  const removal = new AbortController();
  const { signal } = removal;
  addEventListener("error", (event) => {
    event.preventDefault();
    report(event.error);
  }, { signal });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    report(event.reason);
  }, { signal });
  return { [Symbol.dispose]: () => removal.abort() };
}
