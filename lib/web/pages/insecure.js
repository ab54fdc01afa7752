/**
 * What the broadcast page says where browsers give no camera: over plain http.
 *
 * @module
 */

import { byId, setText } from "./dom.js";
import { pollChannels } from "./poll.js";
import { quote, serverAddress, startLine } from "./shell_lines.js";

/** Shows why there is no form, and the ways out with this server's own addresses. */
export function showWaysOut() {
  const port = location.port || "80";
  byId("insecure").hidden = false;
  const local = `http://localhost:${port}/broadcast`;
  byId("tunnel-page").href = local;
  setText(byId("tunnel-page"), local);
  setText(
    byId("tunnel-line"),
    `ssh -N -L ${port}:localhost:${port} ${quote(location.hostname)}`,
  );
  setText(
    byId("chromium-line"),
    `chromium --unsafely-treat-insecure-origin-as-secure=${
      quote(location.origin)
    }`,
  );
  pollChannels(({ server }) =>
    setText(
      byId("shell-line"),
      startLine(serverAddress(location.hostname, server.tcp_port)),
    )
  );
}
