/**
 * The character classes of HTTP (RFC 9110 §5.5 and §5.6.2), as tables: a head has hundreds of characters,
 * and each is looked at once.
 *
 * @module
 */

const TOKEN_MARKS = "!#$%&'*+-.^_`|~";

const isTokenCode: Uint8Array = new Uint8Array(256);
const isValueCode: Uint8Array = new Uint8Array(256);

for (let code = 0; code < 256; code++) {
  const character = String.fromCharCode(code);
  const alphanumeric = /[0-9A-Za-z]/.test(character);
  isTokenCode[code] = Number(alphanumeric || TOKEN_MARKS.includes(character));
  // TAB, visible ASCII, space and obs-text: everything but control characters.
  isValueCode[code] = Number(code === 0x09 || code >= 0x20 && code !== 0x7f);
}

/** Returns whether a token (RFC 9110 §5.6.2) may contain the character. */
export function isTokenCharacter(code: number): boolean {
  return isTokenCode[code] === 1;
}

/** Returns whether a field value (RFC 9110 §5.5) may contain the character; false above U+00FF. */
export function isValueCharacter(code: number): boolean {
  return isValueCode[code] === 1;
}

/** Returns whether the text is a token: a method or the name of a header field. */
export function isToken(text: string): boolean {
  return text !== "" && tokenEnd(text, 0) === text.length;
}

/** Returns where the token that starts at `start` ends. */
export function tokenEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && isTokenCode[text.charCodeAt(at)] === 1) at++;
  return at;
}
