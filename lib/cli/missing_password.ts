import type { RequestFields } from "../client/request.ts";
import { Refusal, UsageError } from "../errors.ts";
import { askSecrets, openKeyboard } from "./ask_secrets.ts";

/**
 * Asks for the user's password on the terminal, unless the request has credentials.
 *
 * @returns The request, unchanged where there is no terminal, or where nothing was typed.
 * @throws {UsageError} When the protocol cannot carry what was typed.
 */
export async function withUserPassword(
  fields: RequestFields,
  signal: AbortSignal,
): Promise<RequestFields> {
  if (fields["user_password"] !== undefined || fields["token"] !== undefined) {
    return fields;
  }
  const typed = await ask(`password of ${fields["user"]}: `, signal);
  return typed ? { ...fields, user_password: typed } : fields;
}

/**
 * Sends a request; when it is denied and has no channel password, asks for one and sends it again.
 *
 * @param send Sends a request.
 * @throws {Refusal} When it is refused all the same.
 */
export async function withChannelPassword<T>(
  fields: RequestFields,
  signal: AbortSignal,
  send: (fields: RequestFields) => Promise<T>,
): Promise<T> {
  try {
    return await send(fields);
  } catch (error) {
    const denied = error instanceof Refusal && error.code === "denied";
    if (!denied || fields["channel_password"] !== undefined) throw error;
    const typed = await ask("password of the channel: ", signal);
    if (!typed) throw error;
    return await send({ ...fields, channel_password: typed });
  }
}

async function ask(
  prompt: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  using keyboard = openKeyboard();
  if (!keyboard) return undefined;
  const [typed = ""] = await askSecrets(keyboard, [prompt], signal);
  if (!typed.includes(",")) return typed;
  throw new UsageError(
    "the password contains a comma, which the protocol cannot carry",
  );
}
