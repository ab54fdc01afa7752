import { assertEquals, assertMatch } from "@std/assert";
import { encodeFrame } from "../../lib/wire/frame.ts";
import { OddServer } from "../client/odd_server.ts";
import { allEnded } from "../helpers/all_ended.ts";
import { fstream } from "../helpers/fstream_process.ts";
import { fromRoot } from "../helpers/root.ts";

/** What a client does at a server. */
async function run(
  address: string,
  ...args: readonly string[]
): Promise<{ status: number; stdout: string; stderr: string }> {
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const command = fstream([address, ...args], streams);
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return {
    status: code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

const HOSTILE = "\x1b]0;owned\x07\n\r\x9b31mfstream: hint: run this\u202e\x7f";

const ESCAPED =
  "\\u001b]0;owned\\u0007\\u000a\\u000d\\u009b31mfstream: hint: run this\\u202e\\u007f";

Deno.test("a server's message is shown without its control characters", async () => {
  const frame = encodeFrame(`error,code=denied,message=${HOSTILE}`);
  await using server = OddServer.answering(frame);
  const { status, stderr } = await run(server.name, "watch", "-u", "fier");
  assertEquals(status, 3);
  const [message, hint, ...more] = stderr.split("\n");
  assertEquals(message, `fstream: error: the server refused: ${ESCAPED}`);
  assertMatch(hint!, /^fstream: hint: check user/);
  assertEquals(more, [""]);
});

Deno.test("a server's token is printed without its control characters", async () => {
  for (
    const [answer, flags] of [
      [encodeFrame(`ok,token=${HOSTILE},expires_in=${HOSTILE}`), []],
      [new TextEncoder().encode(HOSTILE), ["--no-reply"]],
    ] as const
  ) {
    await using server = OddServer.answering(answer);
    const args = ["token", "-u", "fier", "--user-password", "1", ...flags];
    const { status, stdout, stderr } = await run(server.name, ...args);
    assertEquals([status, stdout, stderr], [0, `${ESCAPED}\n`, ""]);
  }
});

Deno.test("a token without end is not gathered", async () => {
  await using server = OddServer.answering("x".repeat(5000));
  const args = ["token", "-u", "fier", "--user-password", "1", "--no-reply"];
  const { status, stdout, stderr } = await run(server.name, ...args);
  assertEquals([status, stdout], [1, ""]);
  assertMatch(stderr, /token: it is longer than 4096 characters\n.*hint: /);
});

Deno.test("an error about a connection comes with what to do", async () => {
  await using tls = OddServer.tls();
  await using web = OddServer.answering("HTTP/1.1 400 Bad Request\r\n\r\n");
  await using shell = OddServer.answering("SSH-2.0-OpenSSH_9.2\r\n");
  await using mute = OddServer.answering("");
  const key = fromRoot("tests/vectors/tls/server_one.key");
  const cases: readonly [
    args: readonly [address: string, ...flags: string[]],
    status: number,
    shown: RegExp,
  ][] = [
    [[tls.name], 1, / expects TLS\n.*hint: add --tls, or name the port/],
    [[web.name, "--tls"], 1, /hint: the server does not speak TLS .* leave/],
    [[tls.name, "--tls"], 1, /UnknownIssuer\n.*hint: .* --tls-ca FILE/],
    [[web.name], 1, / is a web server, and not fstream\n.*hint: .*61920/],
    [[shell.name], 1, / is not an fstream server\n.*hint: .*61920/],
    [[mute.name], 1, /closed the connection\n.*hint: .*--tls.*--no-reply/],
    [["no-such-host.invalid"], 1, /:61920: .*\n.*hint: check the spelling/],
    [["127.0.0.1:1"], 1, /refused.*\n.*hint: .* fstream serve/],
    [[tls.name, "--tls-ca", "/no.pem"], 2, /error: Cannot read \/no\.pem: /],
    [
      [tls.name, "--tls-ca", key],
      2,
      /no certificate in it\n.*hint: name a PEM/,
    ],
  ];
  await allEnded(cases.map(async ([[address, ...flags], status, shown]) => {
    const ran = await run(address, "watch", "-u", "fier", ...flags);
    assertMatch(ran.stderr, shown);
    assertEquals([ran.status, ran.stdout], [status, ""], ran.stderr);
    assertEquals(ran.stderr.split("\n").length <= 3, true, ran.stderr);
  }));
});
