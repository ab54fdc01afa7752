import { Refusal } from "../../errors.ts";
import { postJson } from "../../net/http_post.ts";
import {
  type AuthDecision,
  type Authenticate,
  type AuthRequest,
  reasonOf,
  refusal,
} from "../authenticate.ts";
import { TaskLimit } from "../task_limit.ts";

/** Milliseconds that a webhook has for a decision: those of a module, for the same reason. */
export const WEBHOOK_TIMEOUT_MS = 5000;

/** Requests under way at a time: what any small web server answers at once. */
export const WEBHOOKS_AT_ONCE = 64;

/** Requests that wait: with answers in 50 ms the last one waits less than a second. */
export const MAX_WAITING_WEBHOOKS = 1024;

/** How a webhook is asked. */
export interface WebhookOptions {
  /** Milliseconds for a decision. Default {@linkcode WEBHOOK_TIMEOUT_MS}. */
  readonly timeout?: number;
  /** Requests under way at a time. Default {@linkcode WEBHOOKS_AT_ONCE}. */
  readonly atOnce?: number;
  /** Requests that wait. Default {@linkcode MAX_WAITING_WEBHOOKS}. */
  readonly maxWaiting?: number;
}

/**
 * Asks an address of the operator's, in the place of the folder of users: each broadcast, watch and
 * token is one POST of the {@linkcode AuthRequest} as JSON. Any status of 2xx allows, any other refuses,
 * redirects included. It fails closed: without an answer in time the request is refused.
 *
 * @param url Where to ask, `http` or `https`.
 * @param options Time and bounds.
 * @returns The address's decision about a request. It rejects with a `Refusal` (`busy`) when too many
 *     wait already.
 */
export function webhookMethod(
  url: string,
  options: WebhookOptions = {},
): Authenticate {
  const timeoutMs = options.timeout ?? WEBHOOK_TIMEOUT_MS;
  const limit = new TaskLimit(
    options.atOnce ?? WEBHOOKS_AT_ONCE,
    options.maxWaiting ?? MAX_WAITING_WEBHOOKS,
  );
  return async function byWebhook(request): Promise<AuthDecision> {
    const decision = limit.run(() => ask(url, request, timeoutMs));
    if (decision) return await decision;
    const waiting = `${limit.maxWaiting} requests wait for the webhook`;
    throw new Refusal("busy", "too many sign-ins at once", waiting);
  };
}

async function ask(
  url: string,
  request: AuthRequest,
  timeoutMs: number,
): Promise<AuthDecision> {
  try {
    const status = await postJson(url, request, { timeoutMs });
    if (status >= 200 && status < 300) return { allow: true };
    return refusal(`auth webhook: HTTP status ${status}`);
  } catch (error) {
    return refusal(`auth webhook: ${reasonOf(error)}`);
  }
}
