import { assertEquals, assertThrows } from "@std/assert";
import type { CommandContext } from "../../lib/cli/command.ts";
import {
  type ClientInvocation,
  readInvocation,
} from "../../lib/cli/client_invocation.ts";
import { UsageError } from "../../lib/errors.ts";

const KEYS = ["user", "channel", "channel_password", "burst"];

/** Changes the process's environment, which no concurrent test may see. */
function withEnvironment<T>(
  variables: Readonly<Record<string, string>>,
  synchronous: () => T,
): T {
  const names = Object.keys(variables);
  const before = names.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of names) Deno.env.set(name, variables[name]!);
  try {
    return synchronous();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

function read(
  args: readonly string[],
  context: Partial<CommandContext> = {},
): ClientInvocation {
  return readInvocation(KEYS, args, {
    address: undefined,
    pairs: [],
    ...context,
  });
}

function fieldsOf(
  args: readonly string[],
  pairs: readonly string[] = [],
): Record<string, unknown> {
  const given = Object.entries(read(args, { pairs }).fields);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

Deno.test("readInvocation() with a user alone takes the defaults", () => {
  assertEquals(read(["--user", "fier"]), {
    fields: {
      user: "fier",
      channel: undefined,
      "channel_password": undefined,
      burst: undefined,
    },
    client: {
      address: { host: "127.0.0.1", port: 61920 },
      wire: 2,
      reply: true,
    },
    addresses: [{ host: "127.0.0.1", port: 61920 }],
    own: new Map([["user", "fier"]]),
    quiet: false,
  });
});

Deno.test("readInvocation() turns flags into the request's keys", () => {
  const args = ["-u", "fier", "-c", "x", "--channel-password=4=5", "-q"];
  assertEquals(fieldsOf(args), {
    user: "fier",
    channel: "x",
    "channel_password": "4=5",
  });
  const { client, quiet } = read([...args, "--wire", "1", "--no-reply"]);
  assertEquals([client.wire, client.reply, quiet], [1, false, true]);
});

Deno.test("readInvocation() reads version 1's pairs in both spellings", () => {
  const expected = { user: "fier", "channel_password": "4=5" };
  for (const key of ["channel-password", "channel_password"]) {
    assertEquals(fieldsOf([], ["user=fier", `${key}=4=5`]), expected);
  }
  assertEquals(fieldsOf([], ["user=fier", "channel="]), {
    user: "fier",
    channel: "",
  });
});

Deno.test("readInvocation() prefers a flag to a pair, and a pair to the environment", () => {
  const variables = {
    "fserv_arg_user": "env",
    "fserv_arg_channel": "env",
    "fserv_arg_channel_password": "env",
  };
  const fields = withEnvironment(
    variables,
    () => fieldsOf(["--user", "flag"], ["user=pair", "channel=pair"]),
  );
  assertEquals(fields, {
    user: "flag",
    channel: "pair",
    "channel_password": "env",
  });
});

Deno.test("readInvocation() prefers an empty flag to the environment", () => {
  const variables = { "fserv_arg_channel_password": "456" };
  const args = ["-u", "fier", "--channel-password", ""];
  const fields = withEnvironment(variables, () => fieldsOf(args));
  assertEquals(fields, { user: "fier", "channel_password": "" });
});

Deno.test("readInvocation() prefers the address to FSTREAM_SERVER, and that to the default", () => {
  const variables = { "FSTREAM_SERVER": "[::1]:7" };
  const args = ["-u", "fier"];
  for (
    const [address, host, port] of [
      [undefined, "::1", 7],
      ["example.org", "example.org", 61920],
      ["8000", "", 8000],
    ] as const
  ) {
    const { client } = withEnvironment(
      variables,
      () => read(args, { address }),
    );
    assertEquals(client.address, { host, port });
  }
  const empty = { "FSTREAM_SERVER": "" };
  const { client } = withEnvironment(empty, () => read(args));
  assertEquals(client.address, { host: "127.0.0.1", port: 61920 });
});

const BAD: readonly [
  args: readonly string[],
  context: Partial<CommandContext>,
  message: string,
][] = [
  [[], {}, "the user is missing"],
  [["--user", ""], {}, "the user is missing"],
  [[], { pairs: ["user="] }, "the user is missing"],
  [["-u", "fier", "x"], {}, 'unexpected argument "x"'],
  [
    ["-u", "fier", "--channel-password", "4,5"],
    {},
    "--channel-password contains a comma, which the protocol cannot carry",
  ],
  [["-u", "fier", "--wire", "3"], {}, '--wire expects 1 or 2, not "3"'],
  [["-u", "fier", "--wire="], {}, '--wire expects 1 or 2, not ""'],
  [["-u", "fier", "--token", "x"], {}, "unknown flag --token"],
  [[], { pairs: ["user=fier", "token=x"] }, 'unknown key "token"'],
  [[], { pairs: ["user"] }, '"user" has no value: key=value'],
  [[], { pairs: [""] }, '"" has no value: key=value'],
  [[], { pairs: ["=x"] }, 'unknown key ""'],
  [[], { pairs: ["user=a", "user=b"] }, "user is given twice"],
  [
    [],
    { pairs: ["user=a", "channel-password=1", "channel_password=2"] },
    "channel_password is given twice",
  ],
  [
    ["-u", "fier"],
    { address: "--quiet" },
    "the server's address expects an address such as 127.0.0.1:61920, " +
    'not "--quiet"',
  ],
  [
    ["-u", "fier"],
    { address: "host:99999" },
    "the server's address expects an address such as 127.0.0.1:61920, " +
    'not "host:99999"',
  ],
];

Deno.test("readInvocation() rejects what it cannot understand", () => {
  for (const [args, context, message] of BAD) {
    const error = assertThrows(() => read(args, context), UsageError);
    assertEquals(error.message, message);
  }
});

Deno.test("readInvocation() rejects a comma in the environment without showing the value", () => {
  const variables = { "fserv_arg_channel_password": "s3,cret" };
  const error = withEnvironment(
    variables,
    () => assertThrows(() => read(["-u", "fier"]), UsageError),
  );
  assertEquals(
    error.message,
    "fserv_arg_channel_password contains a comma, which the protocol cannot carry",
  );
});

Deno.test("readInvocation() reads the TLS flags, which change the default port", () => {
  const own = { host: "127.0.0.1", port: 61921 };
  const tls = read(["-u", "fier", "--tls"]).client;
  assertEquals([tls.tls, tls.address], [{}, own]);
  const ca = read(["-u", "fier", "--tls-ca", "ca.pem"]).client;
  assertEquals([ca.tls, ca.address], [{ ca: "ca.pem" }, own]);
  const there = read(["-u", "fier", "--tls"], { address: "vps:443" }).client;
  assertEquals(there.address, { host: "vps", port: 443 });
});
