import { concat } from "@std/bytes";
import type { Verb } from "../../lib/wire/request.ts";
import type { Address } from "../../lib/net/address.ts";
import { AddressedPeer, type Heard } from "./addressed_peer.ts";
import { connectSecurely } from "./addressed_tls_peer.ts";
import { prelude, type Wire } from "./raw_peer.ts";
import { bytesOf } from "./wire_bytes.ts";

/** Milliseconds that an answer may take: dozens of hashes, computed two at a time, may be before it. */
const ANSWER_MS = 30_000;

/** What a peer shows at a door. */
export interface Shown {
  /** Whose channel, or token. */
  readonly user: string;
  /** The user's password; when watching the channel's. */
  readonly password?: string | undefined;
  /** A one-time token. */
  readonly token?: string | undefined;
  /** The user that Basic auth names, where that is another than the path's. */
  readonly as?: string | undefined;
}

/** A way in, for one verb. */
export interface Door {
  /** Named in tests. */
  readonly name: string;
  /** What is asked for. */
  readonly verb: Verb;
  /** Whether it is at the HTTP front. */
  readonly web: boolean;
  /** Whether it speaks TLS. */
  readonly secure?: boolean;
  /** Whether a peer that shows nothing at all comes to this door. */
  readonly takesNothing: boolean;
  /** What a peer sends. */
  readonly request: (shown: Shown) => Uint8Array;
  /** Tells of an answer whether it is whole, where the server does not close at once. */
  readonly enough?: (answer: Uint8Array) => boolean;
}

/** The channel that is asked for. */
export const DOOR_CHANNEL = "x";

const HEAD = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";

function wireText(verb: Verb, shown: Shown, more: string): string {
  const { user, password, token } = shown;
  const key = verb === "watch" ? "channel_password" : "user_password";
  const pairs = [
    `${verb},user=${user},channel=${DOOR_CHANNEL}`,
    ...(password === undefined ? [] : [`${key}=${password}`]),
    ...(token === undefined ? [] : [`token=${token}`]),
  ];
  return pairs.join(",") + more;
}

function tcpDoor(verb: Verb, wire: Wire, head = "", more = ",reply=1"): Door {
  const kind = (head ? " behind an HTTP head" : "") + (more ? "" : ", mute");
  return {
    name: `TCP, wire ${wire}${kind}: ${verb}`,
    ...{ verb, web: false, takesNothing: true },
    request(shown): Uint8Array {
      const bytes = prelude(wireText(verb, shown, more), wire);
      // Behind a head of its own there is no other.
      return head ? bytesOf(head, bytes.subarray(2)) : bytes;
    },
  };
}

/** The `Authorization` line; none when nothing is shown. */
function authorization({ user, as, password, token }: Shown): string {
  if (password !== undefined) {
    const pair = new TextEncoder().encode(`${as ?? user}:${password}`);
    return `Authorization: Basic ${pair.toBase64()}\r\n`;
  }
  return token === undefined ? "" : `Authorization: Bearer ${token}\r\n`;
}

function self({ user, password, token }: Shown): Shown {
  return { user, password, token };
}

function pathOf({ user }: Shown): string {
  return `/${encodeURIComponent(user)}/${DOOR_CHANNEL}`;
}

function icecastDoor(method: "PUT" | "SOURCE"): Door {
  return {
    name: `Icecast at TCP, ${method}: broadcast`,
    ...{ verb: "broadcast", web: false, takesNothing: false },
    request: (shown) =>
      bytesOf(
        `${method} ${pathOf(shown)} HTTP/1.1\r\nHost: here\r\n`,
        `${authorization(shown)}\r\n`,
      ),
  };
}

function httpDoor(
  verb: Verb,
  method: string,
  body: string,
  path: (shown: Shown) => string = pathOf,
): Door {
  return {
    name: `HTTP, ${method}: ${verb}`,
    ...{ verb, web: true, takesNothing: true },
    request: (shown) =>
      bytesOf(
        `${method} ${path(shown)} HTTP/1.1\r\nHost: here\r\n`,
        `Connection: close\r\nContent-Length: ${body.length}\r\n`,
        // Where no path names a user, it is Basic that does.
        `${authorization(path === pathOf ? shown : self(shown))}\r\n${body}`,
      ),
  };
}

function socketDoor(verb: Verb): Door {
  return {
    name: `WebSocket: ${verb}`,
    ...{ verb, web: true, takesNothing: true },
    request(shown): Uint8Array {
      const key = verb === "watch" ? "channel_password" : "user_password";
      const { password, token } = shown;
      const message = JSON.stringify({ verb, [key]: password, token });
      return bytesOf(
        `GET ${pathOf(shown)} HTTP/1.1\r\nHost: here\r\n`,
        "Upgrade: websocket\r\nConnection: Upgrade\r\n",
        "Sec-WebSocket-Version: 13\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        textFrame(message),
      );
    },
    enough: hasFrame,
  };
}

/** A masked text message, with a mask of zeros: RFC 6455 §5.2. */
function textFrame(text: string): Uint8Array {
  const body = bytesOf(text);
  const [high, low] = [body.length >> 8, body.length & 0xff];
  const length = body.length < 126 ? [0x80 | low] : [0x80 | 126, high, low];
  return concat([new Uint8Array([0x81, ...length, 0, 0, 0, 0]), body]);
}

/** Whether a whole frame stands behind the handshake; the server's first one says all. */
function hasFrame(answer: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(answer);
  const at = text.indexOf("\r\n\r\n") + 4;
  // Shorter than 126 bytes: RFC 6455 §5.2.
  return at > 3 && answer.length >= at + 2 + (answer[at + 1] ?? Infinity);
}

/** The same door with TLS before it. */
function secured(door: Door): Door {
  return { ...door, name: `TLS, ${door.name}`, secure: true };
}

const SIGN_IN: readonly Door[] = [
  tcpDoor("broadcast", 1),
  tcpDoor("broadcast", 2),
  tcpDoor("broadcast", 2, HEAD),
  tcpDoor("broadcast", 2, "", ""),
  tcpDoor("token", 1),
  tcpDoor("token", 2),
  tcpDoor("token", 2, HEAD),
  icecastDoor("PUT"),
  icecastDoor("SOURCE"),
  httpDoor("broadcast", "PUT", "media"),
  httpDoor("broadcast", "POST", "media"),
  httpDoor("token", "POST", "", () => "/api/token"),
  socketDoor("broadcast"),
];

const WATCH: readonly Door[] = [
  tcpDoor("watch", 1),
  tcpDoor("watch", 2),
  tcpDoor("watch", 2, HEAD),
  tcpDoor("watch", 2, "", ""),
  httpDoor("watch", "GET", ""),
  socketDoor("watch"),
];

/** Every door at which a user signs in, each in the open and with TLS. */
export const SIGN_IN_DOORS: readonly Door[] = [
  ...SIGN_IN,
  ...SIGN_IN.map(secured),
];

/** Every door at which somebody watches, each in the open and with TLS. */
export const WATCH_DOORS: readonly Door[] = [...WATCH, ...WATCH.map(secured)];

/**
 * Comes to a door and shows something.
 *
 * @param door Which.
 * @param shown What.
 * @param address Where the door's front is.
 * @param from The address to come from.
 * @returns The answer without its date, and the milliseconds it took.
 */
export async function knock(
  door: Door,
  shown: Shown,
  address: Address,
  from: string,
): Promise<Heard & { readonly text: string; readonly ms: number }> {
  using peer = door.secure
    ? await connectSecurely(address, from)
    : await AddressedPeer.connect(address, from);
  const began = performance.now();
  await peer.send(door.request(shown));
  const heard = await peer.rest(ANSWER_MS, door.enough);
  const ms = performance.now() - began;
  const text = new TextDecoder("latin1").decode(heard.bytes)
    .replace(/^date: .*\r\n/im, "");
  return { ...heard, text, ms };
}
