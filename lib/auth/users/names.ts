/**
 * Length of a user's name in bytes of UTF-8. With `.ini` it stays far below the 255 bytes that file
 * systems allow.
 */
export const MAX_USER_BYTES = 64;

/** Length of a channel's name in bytes of UTF-8: names are shown in pages, logs and addresses. */
export const MAX_CHANNEL_BYTES = 128;

// CONIN$, CONOUT$ and CLOCK$ as well as the superscript digits are devices too: "Naming Files, Paths,
// and Namespaces" of the Win32 documentation.
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])$/i;

function textProblem(text: string, maxBytes: number): string | undefined {
  if (text === "") return "is empty";
  // UTF-8 takes at least one byte per unit: the cheap test comes first, for texts of any length.
  const bytes = text.length > maxBytes
    ? text.length
    : new TextEncoder().encode(text).length;
  if (bytes > maxBytes) return `is longer than ${maxBytes} bytes`;
  if (!text.isWellFormed()) return "is not UTF-8";
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) return "has a control character";
  return undefined;
}

function fileNameProblem(name: string): string | undefined {
  if (name.startsWith(".")) return "begins with a dot";
  if (name.includes("..")) return "has two dots in a row";
  // A colon names a drive or a hidden stream on Windows; the others are not allowed in names there.
  if (/[/\\:*?"<>|]/.test(name)) return 'has one of / \\ : * ? " < > |';
  if (/[. ]$/.test(name)) return "ends in a dot or a space";
  // Windows finds the device whatever follows the first dot: `con.x.ini` is the console.
  const [stem = ""] = name.split(".", 1);
  if (DEVICE.test(stem.trimEnd())) return "is a device on Windows";
  return undefined;
}

/**
 * Why a user's name cannot be a file's name. The rules are the same on every system, so that a users
 * folder can move between them.
 *
 * @returns What is wrong, to be put after the word "name", or `undefined` for a good name.
 */
export function nameProblem(name: string): string | undefined {
  return textProblem(name, MAX_USER_BYTES) ?? fileNameProblem(name);
}

/**
 * Why a text cannot be a channel's name. Channels are not files: any text without control characters
 * is accepted.
 *
 * @returns What is wrong, to be put after the word "channel", or `undefined` for a good name.
 */
export function channelProblem(channel: string): string | undefined {
  return textProblem(channel, MAX_CHANNEL_BYTES);
}
