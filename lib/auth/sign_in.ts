import { UsageError } from "../errors.ts";
import { type Authenticate, composeMethods } from "./authenticate.ts";
import { loadAuthModule } from "./methods/module.ts";
import { passwordMethod } from "./methods/password.ts";
import { RightsBook, withRights } from "./permissions/permission_store.ts";
import { SignInBrake, withBrake } from "./rate_limit/login_rate_limiter.ts";
import { tokenMethod, type TokenStore } from "./methods/token.ts";
import { type UserLookup, UsersFolder } from "./users/users_folder.ts";
import { webhookMethod } from "./methods/webhook.ts";

/** Who decides: a users folder, or the operator's own in its place. */
export interface SignInSettings {
  /** Path of the folder of users. */
  readonly users: string;
  /** Path of the operator's module, if there is one. */
  readonly auth: string | undefined;
  /** Address of the operator's webhook, if there is one. */
  readonly authUrl: string | undefined;
}

/** The way in. */
export interface SignIn {
  /** Decides who may do what. */
  readonly authenticate: Authenticate;
  /** What those may do who came in. */
  readonly book: RightsBook;
  /** Where users are found; `undefined` when that is the operator's matter. */
  readonly users: UserLookup | undefined;
}

/**
 * Puts the methods together that the settings ask for, with brake and rights around them.
 *
 * @param settings Who decides.
 * @param tokens The one-time tokens, which go before everything else.
 * @throws {UsageError} When module and webhook are both set.
 * @throws {Error} When the users folder or the module cannot be read.
 */
export async function openSignIn(
  settings: SignInSettings,
  tokens: TokenStore,
): Promise<SignIn> {
  const own = await ownMethod(settings);
  const users = own ? undefined : await openFolder(settings.users);
  const last = own ?? passwordMethod(users!);
  const methods = composeMethods([tokenMethod(tokens, users), last]);
  const book = new RightsBook();
  const allowed = withRights(methods, book);
  return { authenticate: withBrake(allowed, new SignInBrake()), book, users };
}

async function openFolder(path: string): Promise<UserLookup> {
  const users = new UsersFolder(path);
  await users.check();
  return users;
}

/** What the operator has put in the users folder's place. */
async function ownMethod(
  { auth, authUrl }: SignInSettings,
): Promise<Authenticate | undefined> {
  if (auth !== undefined && authUrl !== undefined) {
    throw new UsageError("auth and auth-url are both set", "remove one");
  }
  if (auth !== undefined) return await loadAuthModule(auth);
  return authUrl === undefined ? undefined : webhookMethod(authUrl);
}
