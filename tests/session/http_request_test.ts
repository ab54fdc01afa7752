import { assertEquals, assertThrows } from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import {
  parseRequestHead,
  type RequestHead,
} from "../../lib/http/request_head.ts";
import { readChannelPath } from "../../lib/session/channel_path.ts";
import {
  broadcastRequest,
  watchRequest,
} from "../../lib/session/http_request.ts";

/** A head with this target and the credentials `source:123`. */
function headOf(target: string, user = "source"): RequestHead {
  const auth = btoa(`${user}:123`);
  return parseRequestHead(
    `PUT ${target} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${auth}\r\n\r\n`,
  )!;
}

function broadcastOf(target: string): ReturnType<typeof broadcastRequest> {
  const head = headOf(target);
  return broadcastRequest(head, readChannelPath(head.path)!);
}

Deno.test("broadcastRequest() reads channel and keys from the target, the password from Basic", () => {
  const target =
    "/fier/a%2Fb%20%C3%A4?bufsize=7&channel-password=a,b%26&hold=2";
  assertEquals(broadcastOf(target), {
    verb: "broadcast",
    user: "fier",
    userPassword: "123",
    reply: false,
    frames: false,
    resume: undefined,
    continues: undefined,
    channel: "a/b ä",
    channelPassword: "a,b&",
    token: undefined,
    bufsize: 7,
    format: undefined,
    hold: 2,
  });
});

Deno.test("broadcastRequest() rejects what it cannot read", () => {
  const rejected: [target: string, message: string][] = [
    ["/fier?bufsize=x", "bufsize must be a whole number up to 4194304"],
    ["/fier?hold=1&hold=2", "duplicate key"],
    ["/fier?channel-password=1&channel_password=2", "duplicate key"],
  ];
  for (const [target, message] of rejected) {
    const error = assertThrows(() => broadcastOf(target), Refusal);
    assertEquals([error.code, error.message], ["bad-request", message], target);
  }
});

Deno.test("broadcastRequest() and watchRequest() let no query name another channel or user secret", () => {
  const target = "/fier/x?user=other&channel=y&user_password=9&token=t";
  const head = headOf(target, "other");
  const path = readChannelPath(head.path)!;
  const broadcast = broadcastRequest(head, path);
  assertEquals([broadcast.user, broadcast.channel], ["fier", "x"]);
  assertEquals([broadcast.userPassword, broadcast.token], [
    undefined,
    undefined,
  ]);
  const watch = watchRequest(head, path);
  assertEquals([watch.user, watch.channel], ["fier", "x"]);
  assertEquals([watch.userPassword, watch.channelPassword], [undefined, "123"]);
});

Deno.test("watchRequest() gives the path's own user's password to authentication modules", () => {
  const head = headOf("/fier", "fier");
  const { userPassword, channelPassword } = watchRequest(head, {
    user: "fier",
    channel: "default",
  });
  assertEquals([userPassword, channelPassword], ["123", "123"]);
});
