/** Something that an operator should know before a server is started. */
export interface Finding {
  /** An error keeps the server from starting or a user from signing in; a warning does not. */
  readonly level: "error" | "warning";
  /** What is wrong, with file and line where it has them. */
  readonly problem: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Makes a finding about something that does not work. */
export function fault(problem: string, advice: string): Finding {
  return { level: "error", problem, advice };
}

/** Makes a finding about something that works, but probably not as intended. */
export function warning(problem: string, advice: string): Finding {
  return { level: "warning", problem, advice };
}
