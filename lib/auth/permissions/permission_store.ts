import {
  type AuthDecision,
  type Authenticate,
  reasonOf,
  refusal,
  type UserSettings,
} from "../authenticate.ts";
import {
  type ChannelLimits,
  channelLimits,
  NO_LIMITS,
  rightProblem,
} from "./permissions.ts";

/**
 * Users whose rights are remembered; beyond it the one who signed in longest ago has the server's limits
 * until he signs in again. As many as there may be connections.
 */
export const MAX_REMEMBERED_RIGHTS = 10_000;

/** A user's limits: on the channels that have a section of their own, and on the others. */
interface UserLimits {
  readonly own: ChannelLimits;
  readonly channels: ReadonlyMap<string, ChannelLimits>;
}

function limitsIn(rights: UserSettings): UserLimits {
  const sections = [...rights.channels.keys()].map((channel) =>
    [channel, channelLimits(rights, channel)] as const
  );
  return { own: channelLimits(rights), channels: new Map(sections) };
}

/** The rights of whoever has signed in, as they are now. */
export class RightsBook {
  readonly #maxUsers: number;
  // In the order of the last sign-in.
  readonly #limits = new Map<string, UserLimits>();

  /**
   * Makes a book without users.
   *
   * @param maxUsers Users remembered.
   */
  constructor(maxUsers: number = MAX_REMEMBERED_RIGHTS) {
    this.#maxUsers = maxUsers;
  }

  /**
   * Notes a user's rights in the place of those he had.
   *
   * @param user The user.
   * @param rights His settings.
   * @throws {SyntaxError} If one cannot be read; then those he had stay.
   */
  note(user: string, rights: UserSettings): void {
    const limits = limitsIn(rights);
    this.#limits.delete(user);
    this.#limits.set(user, limits);
    if (this.#limits.size <= this.#maxUsers) return;
    for (const oldest of this.#limits.keys()) {
      this.#limits.delete(oldest);
      break;
    }
  }

  /**
   * The limits of a channel.
   *
   * @param user Whose channel.
   * @param channel The channel.
   */
  limitsOf(user: string, channel: string): ChannelLimits {
    const limits = this.#limits.get(user);
    return limits?.channels.get(channel) ?? limits?.own ?? NO_LIMITS;
  }
}

/**
 * Holds users to their rights: whoever is let in with settings is refused all the same when they do not
 * allow what he asks for, and noted otherwise.
 *
 * @param authenticate Who decides that he is who he says.
 * @param book Where his rights are noted.
 * @returns The function with the rights behind it.
 */
export function withRights(
  authenticate: Authenticate,
  book: RightsBook,
): Authenticate {
  return async function allowed(request): Promise<AuthDecision> {
    const decision = await authenticate(request);
    if (!decision.allow || decision.rights === undefined) return decision;
    const { rights } = decision;
    try {
      const problem = rightProblem(rights, request);
      if (problem !== undefined) return refusal(problem);
      book.note(request.user, rights);
      return decision;
    } catch (error) {
      // A module may have given anything.
      return refusal(reasonOf(error));
    }
  };
}
