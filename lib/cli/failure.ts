/** A command failed for a reason that it can give advice on. */
export class Failure extends Error {
  /** What to do about it. */
  readonly hint: string;

  /** Makes the error; `cause` is what made the command fail. */
  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = "Failure";
    this.hint = hint;
  }
}
