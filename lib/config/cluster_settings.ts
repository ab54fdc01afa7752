/**
 * The settings of servers that share their channels.
 *
 * @module
 */

import { parseAddress } from "../net/address.ts";
import type { Setting } from "./setting.ts";
import { optionalPath } from "./setting_values.ts";
import { parseSwitch } from "./values.ts";

/** Letters of a node's name. */
const NODE_NAME = /^[\w.-]{0,64}$/;

/** The settings of one node. */
export const CLUSTER_SETTINGS = {
  nats: {
    name: "nats",
    placeholder: "URL",
    default: "",
    about:
      "NATS servers of the cluster, several with commas; the path is the prefix of subjects",
    parse: parseNatsUrls,
  },
  natsCredentials: {
    name: "nats-credentials",
    placeholder: "FILE",
    default: "",
    about: "credentials file or nkey seed that NATS asks for",
    parse: optionalPath,
  },
  natsCa: {
    name: "nats-ca",
    placeholder: "FILE",
    default: "",
    about: "certificate authority of the NATS servers (PEM); turns TLS on",
    parse: optionalPath,
  },
  node: {
    name: "node",
    placeholder: "NAME",
    default: "",
    about: "what lists and logs call this server",
    parse: parseNodeName,
  },
  advertise: {
    name: "advertise",
    placeholder: "ADDRESS",
    default: "",
    about:
      "where clients reach this server; they are sent there when another one shuts down",
    parse: parseAdvertised,
  },
  reusePort: {
    name: "reuse-port",
    placeholder: "on|off",
    default: "off",
    about:
      "let several servers of one machine listen at the same port, to use more cores",
    parse: parseSwitch,
  },
} satisfies Record<
  string,
  Setting<readonly string[] | string | boolean | undefined>
>;

/** URLs of NATS servers: `nats://` or `tls://`, with user and password or a token, and one word as path. */
function parseNatsUrls(text: string): readonly string[] {
  if (text === "") return [];
  const urls = text.split(",").map((part) => part.trim());
  for (const url of urls) {
    const isUrl = /^(?:nats|tls):\/\/./.test(url) && URL.canParse(url) &&
      /^\/?[\w-]*$/.test(new URL(url).pathname);
    // It is not shown: it may hold a password.
    if (!isUrl) {
      throw new SyntaxError("expects addresses such as nats://127.0.0.1:4222");
    }
  }
  return urls;
}

function parseNodeName(text: string): string {
  if (NODE_NAME.test(text)) return text;
  throw new SyntaxError("expects at most 64 letters, digits or -._");
}

function parseAdvertised(text: string): string {
  if (text === "") return "";
  const { host, port } = parseAddress(text, 61920);
  if (host !== "" && port !== 0) return text;
  throw new SyntaxError("expects a host that clients can reach");
}
