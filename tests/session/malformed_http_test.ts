import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  MALFORMED_REQUESTS,
  type MalformedRequest,
  SMUGGLING_REQUESTS,
} from "../http/malformed_requests.ts";
import { eventually } from "../helpers/eventually.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import { Bystander } from "./live_channel.ts";

/** Stands for a password; no reply and no event may contain it. */
const SECRET = "hunter2";

const ENCODED = btoa(`fier:${SECRET}`);

/** One byte for each character. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Sends bytes, ends, and reads what is answered; a reset is an answer without a byte. */
async function answerTo(
  { address }: TestServer,
  text: string,
): Promise<string> {
  using peer = await RawPeer.connect(address);
  try {
    await peer.send(latin1(text));
    await peer.finish();
    return new TextDecoder().decode(await peer.rest());
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionReset) return "";
    if (error instanceof Deno.errors.BrokenPipe) return "";
    throw error;
  }
}

/** The same request with secrets wherever a client might put them. */
function* withSecrets(text: string): Generator<string> {
  const [line = ""] = text.split("\r\n", 1);
  const rest = text.slice(line.length);
  yield `${line}\r\nAuthorization: Basic ${ENCODED}${rest}`;
  yield `${line}\r\nCookie: token=${SECRET}\r\nX-${SECRET}: ${SECRET}${rest}`;
  const query =
    `?channel_password=${SECRET}&user_password=${SECRET}&token=${SECRET}`;
  yield line.replace(/ (\S+) HTTP/, ` $1${query} HTTP`) + rest;
  yield line.replace(/ \S+ HTTP/, ` /fier/${SECRET}${query} HTTP`) + rest;
  yield text.replace(/Host: .*/, `Host: fier:${SECRET}@a`);
}

const ROWS: readonly MalformedRequest[] = [
  ...SMUGGLING_REQUESTS,
  ...MALFORMED_REQUESTS,
];

/** Rows that are malformed only as a head by itself: over a connection they are cut short, or two requests. */
const NOT_ALONE = [
  "no empty line",
  "an open line",
  "no line end",
  "bytes behind the head",
  "an empty line before the request",
  "nothing",
  "an empty line",
];

Deno.test("Session answers every malformed request 400 or closes, and another channel's watcher loses nothing", async () => {
  await using server = await startTestServer();
  using bystander = await Bystander.open(server);
  assertGreater(ROWS.length, 60);
  for (const { name, text, problem } of ROWS) {
    const answer = await answerTo(server, text);
    if (NOT_ALONE.includes(name)) {
      assert(!/^HTTP\/1\.1 5/.test(answer), `${name}: ${answer}`);
      continue;
    }
    const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
    if (problem === undefined) assertEquals(answer, "", name);
    else assertEquals(status, "400", `${name}: ${answer}`);
    assertEquals(
      answer.match(/HTTP\/1\.1 /g)?.length ?? 0,
      status ? 1 : 0,
      name,
    );
  }
  await bystander.assertServed();
});

Deno.test("Session logs and answers no secret of a malformed request", async () => {
  await using server = await startTestServer();
  for (const { name, text } of ROWS) {
    for (const variant of withSecrets(text)) {
      const answer = await answerTo(server, variant);
      assert(!answer.includes(SECRET), `${name}: ${answer}`);
      assert(!/^HTTP\/1\.1 5/.test(answer), `${name}: ${answer}`);
    }
  }
  await noSecretsIn(server);
});

/** Waits until what is throttled has been logged, then looks at all of it. */
async function noSecretsIn({ log, server }: TestServer): Promise<void> {
  await server.close();
  await eventually("something was logged", () => log.total("refused") > 0);
  const logged = JSON.stringify(
    // A channel's name is logged; it is no secret.
    log.all.map(({ fields: { channel: _, ...fields }, ...event }) => ({
      ...event,
      fields,
    })),
  );
  for (const secret of [SECRET, ENCODED]) {
    assert(
      !logged.includes(secret),
      logged.slice(
        Math.max(0, logged.indexOf(secret) - 300),
        logged.indexOf(secret) + 50,
      ),
    );
  }
}

/** Frames of fstream's own protocol that forget or misspell something. */
const TEXTS = [
  `user_password=${SECRET},user=fier`,
  `${SECRET}`,
  `broadcast user=fier user_password=${SECRET}`,
  `broadcast,user=fier,user_password=${SECRET},user_password=${SECRET}`,
  `broadcast,user=fier,user_password=${SECRET},hold=${SECRET}`,
  `broadcast,user=fier,user_password=${SECRET},bufsize=${SECRET}`,
  `broadcast,user=fier,user_password=${SECRET},format=${SECRET}`,
  `broadcast,user=fier,token=${SECRET},reply=${SECRET}`,
  `broadcast,user=fier,password=${SECRET}`,
  `broadcast,user_password=${SECRET}`,
  `broadcast,user=fier,${SECRET}`,
  `broadcast,user=fier,=${SECRET}`,
  `broadcast,user=fier,user_password=${SECRET}`,
  `broadcast,user=fier,user_password=${SECRET}\u{fffd}`,
  `watch,user=fier,channel_password=${SECRET}`,
  `watch,user=fier,channel_password=${SECRET},start=${SECRET}`,
  `watch,user=fier,channel_password=${SECRET},burst=${SECRET}`,
  `watch,user=fier,channel_password=${SECRET},wait=${SECRET}`,
  `token,user=fier,user_password=${SECRET}`,
  `Token,user=fier,user_password=${SECRET}`,
];

Deno.test("Session logs and answers no secret of a malformed request frame", async () => {
  await using server = await startTestServer();
  for (const text of TEXTS) {
    for (const more of ["", ",reply=1"]) {
      const bytes = new TextEncoder().encode(text + more);
      const frame = String.fromCharCode(0, 0, 0, bytes.length, 0, ...bytes);
      const block = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
      const broken = String.fromCharCode(0, 0, 0, bytes.length, 1, ...bytes);
      const cut = frame.slice(0, -1);
      const latin = frame.slice(0, -1) + "\xff";
      for (
        const sent of [
          frame,
          `\n\n${frame}`,
          block + frame,
          broken,
          cut,
          latin,
          frame.slice(5),
        ]
      ) {
        const answer = await answerTo(server, sent);
        assert(!answer.includes(SECRET), `${text}: ${answer}`);
      }
    }
  }
  await noSecretsIn(server);
});

/** First messages of a WebSocket that are malformed, or refused. */
const MESSAGES = [
  SECRET,
  `"${SECRET}"`,
  `{"verb":"${SECRET}"}`,
  `{"user_password":"${SECRET}"}`,
  `{"verb":"broadcast","user_password":"${SECRET}"`,
  `{"verb":"broadcast","user_password":"${SECRET}"}`,
  `{"verb":"broadcast","user_password":["${SECRET}"]}`,
  `{"verb":"broadcast","user_password":"${SECRET}","hold":"${SECRET}"}`,
  `{"verb":"broadcast","token":"${SECRET}","format":"${SECRET}"}`,
  `{"verb":"watch","channel_password":"${SECRET}"}`,
  `{"verb":"watch","channel_password":"${SECRET}","start":"${SECRET}"}`,
  `{"verb":"token","user_password":"${SECRET}"}`,
];

Deno.test("Session logs no secret of a malformed WebSocket message, and sends none back", async () => {
  await using server = await startTestServer();
  const { host, port } = server.address;
  for (const message of MESSAGES) {
    const socket = new WebSocket(`ws://${host}:${port}/fier`);
    socket.onopen = (): void => socket.send(message);
    const closed = Promise.withResolvers<CloseEvent>();
    socket.onclose = closed.resolve;
    const { code, reason } = await closed.promise;
    assert(code >= 4400 && code < 4500, `${message}: ${code}`);
    assert(!reason.includes(SECRET), reason);
  }
  await noSecretsIn(server);
});

/** Whole requests that are refused for what they ask. */
const REFUSED = [
  `GET /fier?channel_password=${SECRET} HTTP/1.1`,
  `GET /fier?channel_password=${SECRET}&channel-password=${SECRET} HTTP/1.1`,
  `GET /fier?start=${SECRET} HTTP/1.1`,
  `GET /fier?wait=${SECRET}&token=${SECRET} HTTP/1.1`,
  `PUT /fier?user_password=${SECRET} HTTP/1.1`,
  `PUT /fier?hold=${SECRET} HTTP/1.1`,
  `SOURCE /fier?format=${SECRET} HTTP/1.0`,
  `POST /api/token?password=${SECRET} HTTP/1.1`,
  `DELETE /fier?x=${SECRET} HTTP/1.1`,
  `GET /metrics/${SECRET} HTTP/1.1`,
  `BREW /?${SECRET} HTTP/1.1`,
  `GET /${SECRET}/../x?${SECRET} HTTP/1.1`,
];

Deno.test("Session logs and answers no secret of a request that it refuses", async () => {
  await using server = await startTestServer();
  for (const line of REFUSED) {
    for (
      const more of [
        "",
        "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\n",
        `Origin: https://${SECRET}.example\r\n`,
      ]
    ) {
      for (const scheme of ["Basic", "Bearer", "Digest"]) {
        const credentials = scheme === "Basic" ? ENCODED : SECRET;
        const answer = await answerTo(
          server,
          `${line}\r\nHost: a\r\nAuthorization: ${scheme} ${credentials}\r\n${more}\r\nabc`,
        );
        assert(!answer.includes(SECRET), `${line} ${more} ${answer}`);
        assert(!/^HTTP\/1\.1 500/.test(answer), `${line} ${more} ${answer}`);
      }
    }
  }
  await noSecretsIn(server);
});
