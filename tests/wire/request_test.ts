import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import {
  type BroadcastRequest,
  type ClientRequest as Request,
  formatRequest,
  MAX_BUFSIZE,
  MAX_SECONDS,
  parseRequest,
  requestFrom,
  type TokenRequest,
  wantsReply,
  type WatchRequest,
} from "../../lib/wire/request.ts";
import { seededRandom } from "../helpers/rng.ts";

const BASE = {
  user: "fier",
  userPassword: undefined,
  reply: false,
  frames: false,
};

function watch(change: Partial<WatchRequest>): WatchRequest {
  return {
    verb: "watch",
    ...BASE,
    channel: "default",
    channelPassword: "",
    start: "join",
    burst: undefined,
    wait: 0,
    resume: undefined,
    ...change,
  };
}

function broadcast(change: Partial<BroadcastRequest>): BroadcastRequest {
  return {
    verb: "broadcast",
    ...BASE,
    channel: "default",
    channelPassword: "",
    token: undefined,
    bufsize: 0,
    format: undefined,
    hold: 0,
    resume: undefined,
    continues: undefined,
    ...change,
  };
}

function token(change: Partial<TokenRequest>): TokenRequest {
  return { verb: "token", ...BASE, ...change };
}

const GOOD: readonly [text: string, request: Request][] = [
  ["watch,user=fier", watch({})],
  ["watch,user=fier,", watch({})],
  ["watch,,user=fier", watch({})],
  ["token,user=fier", token({})],
  ["watch,user=fier,frames=1", watch({ reply: true, frames: true })],
  [
    "watch,user=fier,resume=00ff:123",
    watch({ resume: { id: "00ff", offset: 123 } }),
  ],
  ["broadcast,user=fier,resume=a:b", broadcast({ resume: "a:b" })],
  ["broadcast,user=fier", broadcast({})],
  ["token,user=fier,user-password=1", token({ userPassword: "1" })],
  ["token,user=fier,user_password=1", token({ userPassword: "1" })],
  [
    "watch,user=fier,channel=x,channel-password=456",
    watch({ channel: "x", channelPassword: "456" }),
  ],
  [
    "broadcast,channel_password=456,token=t,user=fier",
    broadcast({ channelPassword: "456", token: "t" }),
  ],
  // A value ends at the comma alone.
  [
    "token,user=fier,user_password=a=b==",
    token({ userPassword: "a=b==" }),
  ],
  ["token,user=fier,user_password= 1 ", token({ userPassword: " 1 " })],
  ["token,user=fier,user_password=a\nb", token({ userPassword: "a\nb" })],
  ["watch,user==", watch({ user: "=" })],
  ["watch,user=Ä€😀", watch({ user: "Ä€😀" })],
  ["watch,user=a\0b", watch({ user: "a\0b" })],
  // Nothing is escaped.
  ["watch,user=a%2Cb", watch({ user: "a%2Cb" })],
  // Empty values.
  ["watch,user=fier,channel=", watch({})],
  ["token,user=fier,user_password=", token({ userPassword: "" })],
  ["broadcast,user=fier,token=", broadcast({ token: "" })],
  ["broadcast,user=fier,bufsize=,hold=,format=", broadcast({})],
  ["watch,user=fier,start=,burst=,wait=,channel_password=", watch({})],
  // Keys that are unknown, or another verb's.
  ["watch,user=fier,colour=red,User=x,__proto__=y", watch({})],
  ["watch,user=fier,bufsize=x,token=t,hold=y,format=z", watch({})],
  ["broadcast,user=fier,start=x,burst=y,wait=z", broadcast({})],
  ["token,user=fier,channel=x", token({})],
  // The reply is wished for by 1 and nothing else.
  ["watch,user=fier,reply=1", watch({ reply: true })],
  ["watch,user=fier,reply=0", watch({})],
  ["watch,user=fier,reply=true", watch({})],
  ["watch,user=fier,start=oldest", watch({ start: "oldest" })],
  ["watch,user=fier,start=live", watch({ start: "live" })],
  ["watch,user=fier,burst=0,wait=0", watch({ burst: 0 })],
  ["watch,user=fier,burst=2.5,wait=60", watch({ burst: 2.5, wait: 60 })],
  [`watch,user=fier,wait=${MAX_SECONDS}`, watch({ wait: MAX_SECONDS })],
  ["broadcast,user=fier,hold=0.5", broadcast({ hold: 0.5 })],
  ["broadcast,user=fier,format=raw", broadcast({ format: "raw" })],
  ["broadcast,user=fier,bufsize=007", broadcast({ bufsize: 7 })],
  [
    `broadcast,user=fier,bufsize=${MAX_BUFSIZE}`,
    broadcast({ bufsize: MAX_BUFSIZE }),
  ],
];

Deno.test("parseRequest() reads every key of every verb", () => {
  for (const [text, request] of GOOD) {
    assertEquals(parseRequest(text), request, text);
  }
});

Deno.test("requestFrom() makes the same of keys that came some other way", () => {
  const values = new Map([["user", "a,b"], ["channel_password", "4,5"]]);
  const expected = watch({ user: "a,b", channelPassword: "4,5" });
  assertEquals(requestFrom("watch", values), expected);
  for (const verb of ["", "Watch", "constructor"]) {
    assertThrows(() => requestFrom(verb, values), Refusal, "unknown verb");
  }
  assertThrows(
    () => requestFrom("watch", new Map()),
    Refusal,
    "user is missing",
  );
});

const WORD_FOR_WORD: readonly [text: string, message: string][] = [
  ["", "unknown verb"],
  [",user=fier", "unknown verb"],
  ["Watch,user=fier", "unknown verb"],
  [" watch,user=fier", "unknown verb"],
  ["\ufeffwatch,user=fier", "unknown verb"],
  ["watch user=fier", "unknown verb"],
  ["toString,user=fier", "unknown verb"],
  ["watch", "the user is missing"],
  ["watch,", "the user is missing"],
  ["watch,user=", "the user is missing"],
  ["watch,channel=x", "the user is missing"],
  ["watch, user=fier", "the user is missing"],
  ["watch,user", "a key without a value"],
  ["watch,user=fier,=x", "a key without a value"],
  ["watch,user=fier,user=fier", "duplicate key"],
  ["watch,user=a,user=b", "duplicate key"],
  [
    "token,user=fier,user-password=1,user_password=1",
    "duplicate key",
  ],
  ["watch,user=fier,a-b-c=1,a_b_c=2", "duplicate key"],
  ["watch,user=fier,start=newest", "start must be one of join live oldest"],
  ["watch,user=fier,start=Join", "start must be one of join live oldest"],
];

const NOT_SECONDS = [
  "-1",
  "+1",
  "1s",
  "1e3",
  ".5",
  "5.",
  " 5",
  "NaN",
  "Infinity",
  "0x10",
  "1.0000001",
  "86400.1",
  "999999",
  "9999999",
];

const NOT_WHOLE = ["-1", "+1", "1.0", "1e3", "4K", " 1", "NaN", "0x10"];

function* badRequests(): Generator<readonly [text: string, message: string]> {
  yield* WORD_FOR_WORD;
  for (const value of NOT_SECONDS) {
    const message = `must be seconds up to ${MAX_SECONDS}`;
    yield [`watch,user=fier,wait=${value}`, `wait ${message}`];
    yield [`watch,user=fier,burst=${value}`, `burst ${message}`];
    yield [`broadcast,user=fier,hold=${value}`, `hold ${message}`];
  }
  for (const value of [...NOT_WHOLE, `${MAX_BUFSIZE + 1}`, "9999999999"]) {
    const message = `bufsize must be a whole number up to ${MAX_BUFSIZE}`;
    yield [`broadcast,user=fier,bufsize=${value}`, message];
  }
}

Deno.test("parseRequest() refuses what it cannot read as a bad request", () => {
  for (const [text, message] of badRequests()) {
    const error = assertThrows(() => parseRequest(text), Refusal);
    assertEquals([error.code, error.message], ["bad-request", message], text);
  }
});

Deno.test("parseRequest() repeats nothing that the peer sent, to the peer or the log", () => {
  for (const [text] of badRequests()) {
    const secret = text.replace(/=/g, "=s3cret");
    try {
      parseRequest(secret);
    } catch (error) {
      assertInstanceOf(error, Refusal);
      assert(!error.message.includes("s3cret"), error.message);
      assert(!error.detail?.includes("s3cret"), error.detail);
    }
  }
});

Deno.test("parseRequest() names no unknown verb, which may be a password, not even to the log", () => {
  for (
    const text of ["s3cret", "user_password=s3cret,user=fier", "s3cret\n,a=b"]
  ) {
    const error = assertThrows(() => parseRequest(text), Refusal);
    const { message, detail } = error;
    assertEquals([message, detail], ["unknown verb", undefined]);
  }
});

Deno.test("formatRequest() writes keys in their version's spelling and leaves undefined out", () => {
  const fields = {
    user: "fier",
    "user_password": "a=b",
    channel: undefined,
    "channel_password": "",
    bufsize: 0,
  };
  assertEquals(
    formatRequest("broadcast", fields, "-"),
    "broadcast,user=fier,user-password=a=b,channel-password=,bufsize=0",
  );
  assertEquals(
    formatRequest("broadcast", fields, "_"),
    "broadcast,user=fier,user_password=a=b,channel_password=,bufsize=0",
  );
  assertEquals(formatRequest("token", {}, "_"), "token");
});

Deno.test("formatRequest() throws for a comma in a value, and names the key and not the value", () => {
  const error = assertThrows(
    () => formatRequest("token", { user: "f", user_password: "a,b" }, "-"),
    RangeError,
    "Cannot send user_password: it contains a comma",
  );
  assert(!error.message.includes("a,b"));
});

/** Characters that could be mistaken for a part of the grammar. */
const SPICE = ["=", "-", "_", " ", "\n", "\0", "%", "€", "😀", '"', "é", "7"];

function randomText(random: (below: number) => number): string {
  const length = 1 + random(12);
  return Array.from({ length }, () => SPICE[random(SPICE.length)]).join("");
}

function randomRequest(random: (below: number) => number): Request {
  const verb = (["watch", "broadcast", "token"] as const)[random(3)]!;
  const text = (): string => randomText(random);
  const base = {
    user: text(),
    userPassword: random(2) ? text() : undefined,
    reply: random(2) === 1,
  };
  const place = { channel: text(), channelPassword: random(2) ? text() : "" };
  if (verb === "token") return token(base);
  if (verb === "watch") {
    const start = (["join", "live", "oldest"] as const)[random(3)]!;
    const burst = random(2) ? random(MAX_SECONDS) / 4 : undefined;
    return watch({ ...base, ...place, start, burst, wait: random(86_401) });
  }
  return broadcast({
    ...base,
    ...place,
    token: random(2) ? text() : undefined,
    bufsize: random(MAX_BUFSIZE + 1),
    format: random(2) ? text() : undefined,
    hold: random(86_401),
  });
}

/** A request's keys as they go over the wire. */
function fieldsOf(
  request: Request,
): Record<string, string | number | undefined> {
  const { verb: _, reply, ...keys } = request;
  const fields = Object.entries(keys).map(([key, value]) =>
    [key.replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`), value] as const
  );
  return { ...Object.fromEntries(fields), reply: reply ? 1 : undefined };
}

Deno.test("parseRequest() reads back what formatRequest() writes", () => {
  const random = seededRandom(20);
  for (let round = 0; round < 2000; round++) {
    const request = randomRequest(random);
    for (const separator of ["-", "_"] as const) {
      const text = formatRequest(request.verb, fieldsOf(request), separator);
      assertEquals(parseRequest(text), request, JSON.stringify(text));
      assertEquals(wantsReply(text), request.reply, JSON.stringify(text));
    }
  }
});
