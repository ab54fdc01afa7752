/** Something that an operator should know before a server is started. */
export interface Finding {
  /** An error keeps the server from starting or a user from signing in; a warning does not. */
  readonly level: "error" | "warning";
  /** What is wrong, with file and line where it stands in one. */
  readonly problem: string;
  /** What to do about it. */
  readonly advice: string;
}

/**
 * Words a finding that keeps something from working.
 *
 * @param problem What is wrong, and where.
 * @param advice What to do about it.
 */
export function fault(problem: string, advice: string): Finding {
  return { level: "error", problem, advice };
}

/**
 * Words a finding that something works otherwise than its owner may think.
 *
 * @param problem What is odd, and where.
 * @param advice What to do about it.
 */
export function warning(problem: string, advice: string): Finding {
  return { level: "warning", problem, advice };
}
