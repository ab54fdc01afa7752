import type { X509Certificate } from "node:crypto";
import type { Config } from "../../config/config.ts";
import { messageOf, UsageError } from "../../errors.ts";
import { tlsFiles } from "../../server/tls_files.ts";
import { fault, type Finding, warning } from "./finding.ts";
import { shellQuoted } from "../shell_quoted.ts";

/**
 * Days before a certificate expires at which its renewal is overdue: ACME clients renew a certificate of
 * 90 days 30 days before, so renewal has failed for two weeks by then, and two weeks are left to fix it.
 */
const OVERDUE_DAYS = 14;

/** Milliseconds in a day. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** One certificate in a file of PEM (RFC 7468, section 5.1). */
const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const RENEW =
  "renew it, for example with certbot renew: a running server picks up the new files by itself";

/**
 * Checks the certificate and its key, if the settings name them: whether they can be read and belong
 * together, and when each certificate of the chain is valid (RFC 5280, section 4.1.2.5).
 *
 * @param where Where each setting was written, by its name.
 * @param now Milliseconds since 1970.
 */
export async function checkTls(
  config: Config,
  where: ReadonlyMap<string, string>,
  now: number = Date.now(),
): Promise<Finding[]> {
  const { tlsCert, tlsKey } = config;
  const at = where.get("tls-cert") ?? "tls-cert";
  const unread = [
    ...await checkRead(tlsCert, at),
    ...await checkRead(tlsKey, where.get("tls-key") ?? "tls-key"),
  ];
  if (unread.length > 0) return unread;
  try {
    const files = await tlsFiles(config);
    if (files === undefined) return [];
    return checkDates(files.identity.cert, `${at}: ${tlsCert}`, now);
  } catch (error) {
    return [unusable(error, at, config)];
  }
}

async function checkRead(
  path: string | undefined,
  where: string,
): Promise<Finding[]> {
  if (path === undefined) return [];
  try {
    await Deno.readFile(path);
    return [];
  } catch (error) {
    const problem = `${where}: Cannot read ${path}: ${messageOf(error)}`;
    return [fault(problem, readAdvice(error))];
  }
}

function readAdvice(error: unknown): string {
  return error instanceof Deno.errors.PermissionDenied
    ? "let the server's user read it, for example by its group: the unit that fstream systemd prints explains how"
    : "name a PEM file; relative paths start at the folder that the server is started in";
}

function unusable(error: unknown, where: string, config: Config): Finding {
  if (error instanceof UsageError) {
    return fault(error.message, error.hint ?? "set both, or none");
  }
  return fault(`${where}: ${messageOf(error)}`, pairAdvice(error, config));
}

function pairAdvice(
  error: unknown,
  { tlsCert = "", tlsKey = "" }: Config,
): string {
  if (!messageOf(error).includes("KeyMismatch")) {
    return "both settings name PEM files: the certificate with its chain, and its key";
  }
  const cert = `openssl x509 -noout -pubkey -in ${shellQuoted(tlsCert)}`;
  const key = `openssl pkey -pubout -in ${shellQuoted(tlsKey)}`;
  return `name the key that the certificate was issued for: ${cert} and ${key} then print the same`;
}

/**
 * Parses the certificates. The module for that is loaded here, because a server never needs it, and
 * without `import()`, which the bundler cannot put into a script.
 */
function checkDates(pem: string, where: string, now: number): Finding[] {
  const { X509Certificate } = globalThis.process.getBuiltinModule(
    "node:crypto",
  );
  return [...pem.matchAll(CERTIFICATE)].flatMap(([block], at) => {
    const line = lineOf(pem, block);
    const certificate = new X509Certificate(block);
    return checkValidity(certificate, `${where} line ${line}`, at === 0, now);
  });
}

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split("\n").length;
}

/** The server's own certificate must be valid; around another one clients may find a different path. */
function checkValidity(
  { validFrom, validTo }: X509Certificate,
  where: string,
  own: boolean,
  now: number,
): Finding[] {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  const bad = own ? fault : warning;
  if (now > to) {
    return [bad(`${where}: the certificate expired on ${shown(to)}`, RENEW)];
  }
  if (now < from) {
    const problem = `${where}: the certificate is not valid before ${
      shown(from)
    }`;
    return [bad(problem, "set this machine's clock, or wait until then")];
  }
  // Certificates of a few days are renewed later.
  const overdue = Math.min(OVERDUE_DAYS * DAY_MS, (to - from) / 6);
  if (to - now > overdue) return [];
  const problem = `${where}: the certificate expires on ${shown(to)}`;
  return [warning(problem, RENEW)];
}

/** A time in UTC to the minute. */
function shown(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16)}Z`;
}
