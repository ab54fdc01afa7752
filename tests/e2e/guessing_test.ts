import { assertEquals } from "@std/assert";
import { REFUSE_FROM } from "../../lib/auth/rate_limit/failed_attempts.ts";
import {
  formatPasswordHash,
  hashPassword,
} from "../../lib/auth/passwords/password_hash.ts";
import { buildConfig } from "../../lib/config/config.ts";
import { type Server, startServer } from "../../lib/server/server.ts";
import { withFolder } from "../auth/folder.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { EventLog } from "../helpers/start_server.ts";

const PASSWORD = "right";

/** Guesses at once, the last of them right. */
const BURSTS = [30, 300, 900];

/** Starts a server with one user, whose file holds the password in one of its two forms. */
async function withServer(
  line: string,
  use: (server: Server, log: EventLog, users: string) => Promise<void>,
): Promise<void> {
  const files = { "fier.ini": `[DEFAULT]\n${line}\n` };
  await withFolder(files, async (users) => {
    const log = new EventLog();
    const listen = [{ host: "127.0.0.1", port: 0 }];
    const server = await startServer({ ...buildConfig(), users, listen }, log);
    try {
      await use(server, log, users);
    } finally {
      await server.close();
    }
  });
}

/** Counts the hashes that this process computes; the log is throttled and cannot tell. */
class HashCount implements Disposable {
  readonly #real = crypto.subtle.deriveBits;
  count = 0;

  constructor() {
    const real = this.#real.bind(crypto.subtle);
    crypto.subtle.deriveBits = (...args): Promise<ArrayBuffer> => {
      this.count++;
      return real(...args);
    };
  }

  [Symbol.dispose](): void {
    crypto.subtle.deriveBits = this.#real;
  }
}

/** Sends a request and reads the answer's text. */
async function text({ addresses }: Server, request: string): Promise<string> {
  using peer = await RawPeer.connect(
    addresses[0]!,
    requestBytes(`${request},reply=1`),
  );
  await peer.finish();
  return new TextDecoder().decode((await peer.rest()).subarray(5));
}

/** Sends a request and gives the answer's beginning: `ok`, or `error,code=…`. */
async function ask(server: Server, request: string): Promise<string> {
  const answer = await text(server, request);
  return /^ok|^error,code=[\w-]+/.exec(answer)?.[0] ?? answer;
}

const FORMS = {
  plain: `password=${PASSWORD}`,
  hashed: `password_hash=${formatPasswordHash(await hashPassword(PASSWORD))}`,
};

for (const [form, line] of Object.entries(FORMS)) {
  for (const guesses of BURSTS) {
    Deno.test(`A burst of ${guesses} sign-ins finds no ${form} password and gets ten of them compared`, async () => {
      using hashes = new HashCount();
      await withServer(line, async (server) => {
        const texts = Array.from({ length: guesses }, (_, i) => {
          const password = i === guesses - 1 ? PASSWORD : `guess${i}`;
          return `token,user=fier,user_password=${password}`;
        });
        const answers = await Promise.all(
          texts.map((request) => ask(server, request)),
        );
        assertEquals(new Set(answers), new Set(["error,code=denied"]));
        assertEquals(hashes.count, REFUSE_FROM);
      });
    });
  }
}

/** Asks by HTTP for a channel with a password; gives the status. */
async function askByHttp(
  { addresses }: Server,
  password: string,
): Promise<number> {
  const { host, port } = addresses[0]!;
  const response = await fetch(`http://${host}:${port}/fier`, {
    headers: { authorization: `Basic ${btoa(`any:${password}`)}` },
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("A burst of 732 guesses finds no channel password, and a watcher of an open channel is let in meanwhile", async () => {
  await withServer(FORMS.plain, async (server, log) => {
    const broadcast = `broadcast,user=fier,user_password=${PASSWORD}`;
    const address = server.addresses[0]!;
    const closed = `${broadcast},channel_password=${PASSWORD}`;
    using _closed = await RawPeer.connect(address, requestBytes(closed));
    const open = `${broadcast},channel=open`;
    using _open = await RawPeer.connect(address, requestBytes(open));
    await log.wait("broadcast-start", 2);
    const answers = await Promise.all(
      Array.from({ length: 732 }, (_, i) => {
        const guess = i === 731 ? PASSWORD : `guess${i}`;
        return ask(server, `watch,user=fier,channel_password=${guess}`);
      }),
    );
    assertEquals(new Set(answers), new Set(["error,code=denied"]));
    const texts = [PASSWORD, "guess"].map((guess) => askByHttp(server, guess));
    assertEquals(await Promise.all(texts), [401, 401]);
    // It does not end by itself, so what counts is that it starts, with a leftover password too.
    const watch = "watch,user=fier,channel=open,channel_password=left";
    using _watcher = await RawPeer.connect(address, requestBytes(watch));
    const { channel } = await log.wait("watch-start");
    assertEquals(channel, "open");
  });
});

Deno.test("A token is void once its user's password has changed", async () => {
  await withServer(FORMS.plain, async (server, log, users) => {
    const sign = "user=fier,user_password=";
    const answer = await text(server, `token,${sign}${PASSWORD}`);
    const token = /token=(\w+)/.exec(answer)![1]!;
    const ini = "[DEFAULT]\npassword=another\n";
    await Deno.writeTextFile(`${users}/fier.ini`, ini);
    const broadcast = `broadcast,user=fier,token=${token}`;
    assertEquals(await ask(server, broadcast), "error,code=denied");
    const next = await text(server, `token,${sign}another`);
    const renewed = /token=(\w+)/.exec(next)![1]!;
    assertEquals(
      await ask(server, `broadcast,user=fier,token=${renewed}`),
      "ok",
    );
    assertEquals(log.named("broadcast-start").length, 1);
  });
});
