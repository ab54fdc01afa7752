/** A part of what is set aside for tests of networks (RFC 2544), another one in each process. */
const SUBNET = `198.18.${Deno.pid % 256}`;

/** The address of this machine as the other one sees it. */
export const NEAR_HOST = `${SUBNET}.1`;

/** The other machine's address. */
const FAR_HOST = `${SUBNET}.2`;

/** Why there can be none on this machine; `undefined`: there can. */
export const missingNamespaces: string | undefined = whyLacking();

function whyLacking(): string | undefined {
  if (Deno.build.os !== "linux") return "network namespaces are Linux's";
  if (Deno.uid() !== 0) return "a network namespace needs root";
  try {
    const name = `fstream-probe-${Deno.pid}`;
    for (const verb of ["add", "del"]) {
      const { success } = new Deno.Command("ip", {
        args: ["netns", verb, name],
        stderr: "null",
      }).outputSync();
      if (!success) return "ip netns add is not allowed";
    }
    return undefined;
  } catch {
    return "ip (iproute2) is not installed";
  }
}

async function ip(...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args: [...args] })
    .output();
  if (success) return;
  const said = new TextDecoder().decode(stderr);
  throw new Error(`Cannot run ip ${args.join(" ")}: ${said}`);
}

/** Another machine on a cable of its own, as a network namespace; `await using` removes it. */
export class NetworkNamespace implements AsyncDisposable {
  readonly #name = `fstream-${Deno.pid}`;
  readonly #cable = `fs${Deno.pid}`;

  /** Makes one, with its cable plugged in. */
  static async make(): Promise<NetworkNamespace> {
    const space = new NetworkNamespace();
    await space.#plugIn();
    return space;
  }

  /** A command that runs over there. */
  command(
    program: string,
    args: readonly string[],
    options: Deno.CommandOptions = { stdout: "null", stderr: "piped" },
  ): Deno.Command {
    const there = ["netns", "exec", this.#name, program, ...args];
    return new Deno.Command("ip", { ...options, args: there });
  }

  /** Pulls the cable: what either side sends from now on is lost, and neither is told. */
  async pullCable(): Promise<void> {
    await ip("-n", this.#name, "link", "set", "far", "down");
  }

  /** Plugs the cable in again. */
  async plugInCable(): Promise<void> {
    await ip("-n", this.#name, "link", "set", "far", "up");
  }

  /** Removes it, with its cable. */
  async [Symbol.asyncDispose](): Promise<void> {
    // The kernel keeps a namespace while it has connections that do not end, and its cable with it.
    await ip("link", "del", this.#cable);
    await ip("netns", "del", this.#name);
  }

  async #plugIn(): Promise<void> {
    const [name, near] = [this.#name, this.#cable];
    await ip("netns", "add", name);
    const far = ["peer", "name", "far", "netns", name];
    await ip("link", "add", near, "type", "veth", ...far);
    await ip("addr", "add", `${NEAR_HOST}/24`, "dev", near);
    await ip("link", "set", near, "up");
    await ip("-n", name, "addr", "add", `${FAR_HOST}/24`, "dev", "far");
    await this.plugInCable();
  }
}
