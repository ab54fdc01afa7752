import { UsageError } from "../errors.ts";
import { type Authenticate, composeMethods } from "./authenticate.ts";
import { loadAuthModule } from "./methods/module.ts";
import { passwordMethod } from "./methods/password.ts";
import { tokenMethod, tokenRedeemer } from "./methods/token.ts";
import { webhookMethod } from "./methods/webhook.ts";
import {
  PermissionStore,
  withPermissions,
} from "./permissions/permission_store.ts";
import { LoginRateLimiter } from "./rate_limit/login_rate_limiter.ts";
import {
  isSignIn,
  showsSecret,
  withRateLimit,
} from "./rate_limit/with_rate_limit.ts";
import type { TokenStore } from "./token_store.ts";
import { type UserLookup, UsersFolder } from "./users/users_folder.ts";

/** What decides about sign-ins: a users folder, or the operator's own method instead. */
export interface SignInSettings {
  /** Path of the users folder. */
  readonly users: string;
  /** Path of the operator's module, if there is one. */
  readonly auth: string | undefined;
  /** Address of the operator's webhook, if there is one. */
  readonly authUrl: string | undefined;
}

/** Everything that authentication consists of. */
export interface SignIn {
  /** Decides about requests. */
  readonly authenticate: Authenticate;
  /** What the users who signed in may do. */
  readonly permissions: PermissionStore;
  /** Counts failures; channel passwords and other secrets are checked with it too. */
  readonly limiter: LoginRateLimiter;
  /** Where users are found; `undefined` with a module or webhook of the operator's. */
  readonly users: UserLookup | undefined;
  /** Redeems a token of this server for another one. */
  readonly redeem: (user: string, token: string) => Promise<boolean>;
}

/**
 * Composes the methods that the settings ask for, with permissions and the rate limiter around them.
 *
 * @param tokens The one-time tokens, which are tried first.
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
  // The operator's method may look at what a watcher shows; the folder leaves that to the channel.
  const isAttempt = own ? showsSecret : isSignIn;
  const permissions = new PermissionStore();
  const limiter = new LoginRateLimiter();
  const permitted = withPermissions(methods, permissions);
  const authenticate = withRateLimit(permitted, limiter, isAttempt);
  const redeem = tokenRedeemer(tokens, users);
  return { authenticate, permissions, limiter, users, redeem };
}

async function openFolder(path: string): Promise<UserLookup> {
  const users = new UsersFolder(path);
  await users.check();
  return users;
}

async function ownMethod(
  { auth, authUrl }: SignInSettings,
): Promise<Authenticate | undefined> {
  if (auth !== undefined && authUrl !== undefined) {
    throw new UsageError("auth and auth-url are both set", "remove one");
  }
  if (auth !== undefined) return await loadAuthModule(auth);
  return authUrl === undefined ? undefined : webhookMethod(authUrl);
}
