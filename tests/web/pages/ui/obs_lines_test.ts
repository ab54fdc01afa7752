import { assertEquals } from "@std/assert";
import { obsLines } from "../../../../lib/web/pages/ui/obs_lines.js";
import { rtmpRequest } from "../../../../lib/session/rtmp_request.ts";

Deno.test("obsLines() uses the host, port and TLS of the page", () => {
  const lines = (page: string): string[] =>
    obsLines({ user: "fier", channel: "hall" }, new URL(page))
      .map(({ line }) => line);
  assertEquals(lines("http://vps.example:61920/broadcast"), [
    "rtmp://vps.example:61920/fier",
    "hall?password=PASSWORD",
    "http://vps.example:61920/fier/hall",
  ]);
  const servers = ["http://vps.example/", "https://[2001:db8::1]/"].map(
    (page) => lines(page)[0],
  );
  assertEquals(servers, [
    "rtmp://vps.example:80/fier",
    "rtmps://[2001:db8::1]:443/fier",
  ]);
});

Deno.test("obsLines() shows where a missing user goes", () => {
  const page = new URL("http://vps.example:61920/broadcast");
  const lines = obsLines({ user: "", channel: "default" }, page);
  assertEquals(lines.map(({ line }) => line), [
    "rtmp://vps.example:61920/USER",
    "default?password=PASSWORD",
    "http://vps.example:61920/USER",
  ]);
});

Deno.test("obsLines() keeps hostile names unchanged", () => {
  const page = new URL("http://vps.example:61920/broadcast");
  for (const name of ["a b/c?d#e%20", "<img src=x>", "&password=1", "日本"]) {
    const [server, key] = obsLines({ user: name, channel: name }, page);
    const app = new URL(server!.line).pathname.slice(1);
    const request = rtmpRequest({ app, key: key!.line, url: "" });
    assertEquals([request.user, request.channel], [name, name]);
    assertEquals(request.userPassword, "PASSWORD");
  }
});
