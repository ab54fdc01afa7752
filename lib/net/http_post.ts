/** How a value is posted. */
export interface PostOptions {
  /** Milliseconds until the head of the answer must have come. */
  readonly timeoutMs: number;
  /** Gives up earlier. */
  readonly signal?: AbortSignal;
}

/**
 * Posts a value as JSON. Redirects are answers like others: what is posted may hold secrets, and goes
 * nowhere but where it was sent to. The answer's body is not read.
 *
 * @param url Where to.
 * @param value What is posted.
 * @param options Timeout and signal.
 * @returns The status of the answer.
 * @throws {Error} When there is no answer, in time or at all; the message does not show the address.
 */
export async function postJson(
  url: string,
  value: unknown,
  { timeoutMs, signal }: PostOptions,
): Promise<number> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error(`no answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(value),
      redirect: "manual",
      signal: AbortSignal.any([late.signal, ...(signal ? [signal] : [])]),
    });
    await response.body?.cancel();
    return response.status;
  } catch (cause) {
    if (late.signal.aborted) throw late.signal.reason;
    // The runtime's message holds the whole address, and that may hold a secret.
    throw new Error("the connection failed", { cause });
  } finally {
    clearTimeout(timer);
  }
}
