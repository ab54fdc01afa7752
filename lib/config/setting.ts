/** One setting, as it is written and explained. */
export interface Setting<T> {
  /** As a flag and in the ini: `--token-time 120`, `token-time = 120`. */
  readonly name: string;
  /** What stands for the value in the help. */
  readonly placeholder: string;
  /** The default, as it is written. */
  readonly default: string;
  /** What it does, and for a limit why it is what it is. */
  readonly about: string;
  /** Reads a value. Throws `SyntaxError` with what it expects. */
  readonly parse: (text: string) => T;
}
