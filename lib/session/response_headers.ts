import { corsHeaders } from "./origin.ts";

/** Browsers must not guess types, embed what is here, or tell other sites about it. */
const SECURITY: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'self'; media-src 'self' blob:; " +
    "connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self'; script-src 'self'; " +
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/**
 * Headers that every HTTP response carries.
 *
 * @param allowOrigin The origin whose pages may read it; `*` for all, empty for none.
 */
export function responseHeaders(allowOrigin: string): Record<string, string> {
  return { ...SECURITY, ...corsHeaders(allowOrigin) };
}
