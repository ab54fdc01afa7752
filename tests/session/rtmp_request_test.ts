import { assertEquals, assertThrows } from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import {
  type RtmpAddress,
  rtmpRequest,
} from "../../lib/session/rtmp_request.ts";

/** What people paste, and what it asks for. */
const FORMS: readonly [
  app: string,
  key: string,
  expected: Record<string, string | number>,
][] = [
  ["fier", "hall?password=1", { channel: "hall", userPassword: "1" }],
  ["fier", "hall?pass=1", { userPassword: "1" }],
  ["fier", "hall?user_password=1", { userPassword: "1" }],
  ["fier", "hall?user-password=1", { userPassword: "1" }],
  ["fier", "hall?token=abc", { token: "abc" }],
  ["fier", "hall?password=1&channel_password=2", { channelPassword: "2" }],
  ["fier", "hall?password=1&hold=2.5", { hold: 2.5 }],
  ["fier", "?password=1", { channel: "default", userPassword: "1" }],
  ["fier", "", { channel: "default" }],
  ["fier/", "/hall?password=1", { channel: "hall" }],
  ["fier/hall", "?password=1", { channel: "hall", userPassword: "1" }],
  ["fier/hall?password=1", "", { channel: "hall", userPassword: "1" }],
  ["fier?password=1", "hall", { channel: "hall", userPassword: "1" }],
  ["fier?password=1", "hall?password=2", { userPassword: "2" }],
  ["live", "fier/hall?password=1", { channel: "hall", userPassword: "1" }],
  ["live/fier", "hall", { channel: "hall" }],
  ["", "fier/hall", { channel: "hall" }],
  ["fier", "a%2Fb%20c?password=1%26%3F+%C3%BC", {
    channel: "a/b c",
    userPassword: "1&?+ü",
  }],
  ["fier", "hall?password=100%", { userPassword: "100%" }],
  ["fier", "hall?password=a=b?c", { userPassword: "a=b?c" }],
  ["fier", "hall?bandwidth=1&x&format=raw&bufsize=9&resume=1", { bufsize: 0 }],
];

for (const [app, key, expected] of FORMS) {
  Deno.test(`rtmpRequest() understands application "${app}" with key "${key}"`, () => {
    const request = rtmpRequest({ app, key, url: "" });
    const all = { user: "fier", format: "flv", verb: "broadcast", ...expected };
    for (const [name, value] of Object.entries(all)) {
      assertEquals(request[name as keyof typeof request], value, name);
    }
    assertEquals(request.resume, undefined);
  });
}

Deno.test("rtmpRequest() takes a password in front of the host, which the key may replace", () => {
  const url = "rtmp://fier:1%32@vps.example:61920/fier";
  const of = (key: string): unknown =>
    rtmpRequest({ app: "fier", key, url }).userPassword;
  assertEquals([of("hall"), of("hall?password=3")], ["12", "3"]);
  const others = ["rtmp://fier@host/fier", "rtmp://host/a:b@c", "http://a:b@c"];
  for (const url of others) {
    const { userPassword } = rtmpRequest({ app: "fier", key: "", url });
    assertEquals(userPassword, undefined, url);
  }
});

Deno.test("rtmpRequest() refuses an address without a user, with too many names, or with a malformed number", () => {
  const wrong: [RtmpAddress, string][] = [
    [{ app: "", key: "?password=1", url: "" }, "the user is missing"],
    [{ app: "a/b", key: "c/d", url: "" }, "too many names"],
    [{ app: "fier", key: "hall?hold=-1", url: "" }, "hold must be seconds"],
  ];
  for (const [address, message] of wrong) {
    assertThrows(() => rtmpRequest(address), Refusal, message);
  }
});
