import type { AuthRequest } from "../../lib/auth/authenticate.ts";
import type { Address } from "../../lib/net/address.ts";
import { OPCODE } from "../../lib/websocket/opcodes.ts";
import { AddressedPeer, type Heard } from "./addressed_peer.ts";
import { connectSecurely } from "./addressed_tls_peer.ts";
import { maskFrame } from "./mask_frame.ts";
import { requestBytes, type Wire } from "./raw_peer.ts";
import { openingBytes, SERVER_HELLO_BYTES } from "./rtmp_client.ts";
import { bytesOf } from "./wire_bytes.ts";

type Verb = AuthRequest["verb"];

/** Milliseconds that an answer may take: dozens of hashes, computed two at a time, may be before it. */
const ANSWER_MS = 30_000;

/** The credentials that a client sends. */
export interface Credentials {
  /** Whose channel, or token. */
  readonly user: string;
  /** The user's password; when watching the channel's. */
  readonly password?: string | undefined;
  /** A one-time token. */
  readonly token?: string | undefined;
  /** The user that Basic auth names, where that is another than the path's. */
  readonly as?: string | undefined;
}

/** One way to send a verb: a protocol and its form of the request. */
export interface RequestForm {
  /** Named in tests. */
  readonly name: string;
  /** What is asked for. */
  readonly verb: Verb;
  /** Whether it is sent over TLS. */
  readonly secure?: boolean;
  /** Whether a request without any credentials is refused like one with wrong ones, not challenged. */
  readonly refusesNone: boolean;
  /** What a client sends. */
  readonly request: (credentials: Credentials) => Uint8Array;
  /** Tells whether an answer is whole, where the server does not close at once. */
  readonly enough?: (answer: Uint8Array) => boolean;
  /** Bytes in front of the answer that the server chooses at random. */
  readonly randomBytes?: number;
}

/** The channel that is asked for. */
export const FORM_CHANNEL = "x";

const HEAD = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";

function frameText(
  verb: Verb,
  credentials: Credentials,
  more: string,
): string {
  const { user, password, token } = credentials;
  const key = verb === "watch" ? "channel_password" : "user_password";
  const pairs = [
    `${verb},user=${user},channel=${FORM_CHANNEL}`,
    ...(password === undefined ? [] : [`${key}=${password}`]),
    ...(token === undefined ? [] : [`token=${token}`]),
  ];
  return pairs.join(",") + more;
}

function fstreamForm(
  verb: Verb,
  version: Wire,
  head = "",
  more = ",reply=1",
): RequestForm {
  const kind = (head ? " behind an HTTP head" : "") +
    (more ? "" : ", no reply");
  return {
    name: `fstream ${version}${kind}: ${verb}`,
    ...{ verb, refusesNone: true },
    request(credentials): Uint8Array {
      const bytes = requestBytes(frameText(verb, credentials, more), version);
      // The head takes the place of the empty header block.
      return head ? bytesOf(head, bytes.subarray(2)) : bytes;
    },
  };
}

/** The `Authorization` line; none without credentials. */
function authorization({ user, as, password, token }: Credentials): string {
  if (password !== undefined) {
    const pair = new TextEncoder().encode(`${as ?? user}:${password}`);
    return `Authorization: Basic ${pair.toBase64()}\r\n`;
  }
  return token === undefined ? "" : `Authorization: Bearer ${token}\r\n`;
}

function self({ user, password, token }: Credentials): Credentials {
  return { user, password, token };
}

function pathOf({ user }: Credentials): string {
  return `/${encodeURIComponent(user)}/${FORM_CHANNEL}`;
}

/** A source is challenged until it sends credentials. */
function icecastForm(method: "PUT" | "SOURCE"): RequestForm {
  return {
    name: `Icecast, ${method}: broadcast`,
    ...{ verb: "broadcast", refusesNone: false },
    request: (credentials) =>
      bytesOf(
        `${method} ${pathOf(credentials)} HTTP/1.1\r\nHost: here\r\n`,
        `${authorization(credentials)}\r\n`,
      ),
  };
}

function httpForm(
  verb: Verb,
  method: string,
  body: string,
  path: (credentials: Credentials) => string = pathOf,
): RequestForm {
  return {
    name: `HTTP, ${method}: ${verb}`,
    ...{ verb, refusesNone: true },
    request: (credentials) =>
      bytesOf(
        `${method} ${path(credentials)} HTTP/1.1\r\nHost: here\r\n`,
        `Connection: close\r\nContent-Length: ${body.length}\r\n`,
        // Where the path names no user, Basic does.
        authorization(path === pathOf ? credentials : self(credentials)),
        `\r\n${body}`,
      ),
  };
}

function webSocketForm(verb: Verb): RequestForm {
  return {
    name: `WebSocket: ${verb}`,
    ...{ verb, refusesNone: true },
    request(credentials): Uint8Array {
      const key = verb === "watch" ? "channel_password" : "user_password";
      const { password, token } = credentials;
      const message = JSON.stringify({ verb, [key]: password, token });
      return bytesOf(
        webSocketHandshake(pathOf(credentials)),
        maskFrame(OPCODE.text, message),
      );
    },
    enough: hasFrame,
  };
}

/** An application names the user, and a stream key the channel. */
const RTMP_FORM: RequestForm = {
  name: "RTMP: broadcast",
  ...{ verb: "broadcast", refusesNone: true, randomBytes: SERVER_HELLO_BYTES },
  request({ user, password, token }): Uint8Array {
    const query = Object.entries({ password, token })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}=${encodeURIComponent(value!)}`);
    const key = `${FORM_CHANNEL}?${query.join("&")}`;
    return openingBytes({ app: encodeURIComponent(user), key });
  },
};

/** The request head that opens a WebSocket (RFC 6455 §4.1). */
export function webSocketHandshake(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: here\r\n` +
    "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

/** Whether a whole frame follows the handshake; the server's first one says everything. */
function hasFrame(answer: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(answer);
  const at = text.indexOf("\r\n\r\n") + 4;
  // Shorter than 126 bytes: RFC 6455 §5.2.
  return at > 3 && answer.length >= at + 2 + (answer[at + 1] ?? Infinity);
}

/** An address of the API at which a user manages channels; asking for it alone changes nothing. */
function manageForm(method: "GET" | "POST", below: string): RequestForm {
  const form = httpForm("manage", method, "", () => `/api/${below}`);
  const isComplete = (answer: Uint8Array): boolean =>
    new TextDecoder().decode(answer).includes("\r\n\r\n");
  return {
    ...form,
    name: `HTTP, ${method} /api/${below}: manage`,
    // Events continue after their first one.
    ...(below === "events" ? { enough: isComplete } : {}),
  };
}

/** The same form over TLS. */
function secured(form: RequestForm): RequestForm {
  return { ...form, name: `TLS, ${form.name}`, secure: true };
}

const SIGN_IN: readonly RequestForm[] = [
  fstreamForm("broadcast", 1),
  fstreamForm("broadcast", 2),
  fstreamForm("broadcast", 2, HEAD),
  fstreamForm("broadcast", 2, "", ""),
  fstreamForm("token", 1),
  fstreamForm("token", 2),
  fstreamForm("token", 2, HEAD),
  icecastForm("PUT"),
  icecastForm("SOURCE"),
  httpForm("broadcast", "PUT", "media"),
  httpForm("broadcast", "POST", "media"),
  httpForm("token", "POST", "", () => "/api/token"),
  webSocketForm("broadcast"),
  manageForm("GET", "channels?scope=managed"),
  manageForm("GET", `channels/fier/${FORM_CHANNEL}`),
  manageForm("POST", `channels/fier/${FORM_CHANNEL}/end`),
  manageForm("POST", `channels/fier/${FORM_CHANNEL}/kick?watcher=1`),
  manageForm("GET", "events"),
  manageForm("GET", "links"),
  manageForm("POST", "links"),
  manageForm("POST", "links/0/revoke"),
  RTMP_FORM,
];

const WATCH: readonly RequestForm[] = [
  fstreamForm("watch", 1),
  fstreamForm("watch", 2),
  fstreamForm("watch", 2, HEAD),
  fstreamForm("watch", 2, "", ""),
  httpForm("watch", "GET", ""),
  webSocketForm("watch"),
];

/** Every form in which a user signs in, each plain and over TLS. */
export const SIGN_IN_FORMS: readonly RequestForm[] = [
  ...SIGN_IN,
  ...SIGN_IN.map(secured),
];

/** Every form in which a channel is watched, each plain and over TLS. */
export const WATCH_FORMS: readonly RequestForm[] = [
  ...WATCH,
  ...WATCH.map(secured),
];

/**
 * Sends a request.
 *
 * @param address Where the server listens, over TLS if the form is.
 * @param from The address to come from.
 * @returns The answer without its date, and the milliseconds it took.
 */
export async function send(
  form: RequestForm,
  credentials: Credentials,
  address: Address,
  from: string,
): Promise<Heard & { readonly text: string; readonly ms: number }> {
  using peer = form.secure
    ? await connectSecurely(address, from)
    : await AddressedPeer.connect(address, from);
  const began = performance.now();
  await peer.send(form.request(credentials));
  const heard = await peer.rest(ANSWER_MS, form.enough);
  const ms = performance.now() - began;
  const answer = heard.bytes.subarray(form.randomBytes ?? 0);
  const text = new TextDecoder("latin1").decode(answer)
    .replace(/^date: .*\r\n/im, "");
  return { ...heard, text, ms };
}
