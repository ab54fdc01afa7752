/** Test files and folders that take long, or start other programs. The fast tests leave them out. */
export const SLOW_TESTS: readonly string[] = [
  "tests/bench",
  "tests/browser",
  "tests/cli/check",
  "tests/cli/commands",
  "tests/cli/encoder_end_test.ts",
  "tests/cli/end_signal_test.ts",
  "tests/cli/missing_password_test.ts",
  "tests/cli/report_error_test.ts",
  "tests/cli/transcripts_test.ts",
  "tests/cli/transfer_test.ts",
  "tests/client/resume_test.ts",
  "tests/cluster",
  "tests/docs/commands_test.ts",
  "tests/e2e",
  "tests/mutate",
  "tests/net/tls_process_test.ts",
  "tests/package",
  "tests/session/detection_test.ts",
  "tests/session/malformed_http_test.ts",
  "tests/soak",
];

/** Whether a test file, named from the root of the project, is left out. */
export function isSlow(path: string): boolean {
  return SLOW_TESTS.some((slow) =>
    path === slow || path.startsWith(`${slow}/`)
  );
}
