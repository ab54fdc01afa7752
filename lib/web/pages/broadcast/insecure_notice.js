import { byId, setText } from "../ui/dom.js";
import { quote, startLine } from "../ui/shell_lines.js";

/** Port of the tunnel's local end when the server's port needs privileges. */
const TUNNEL_PORT = 61920;

/** Explains why browsers provide no camera on plain http, and shows alternatives for this server. */
export function showInsecureNotice() {
  const port = Number(location.port) || 80;
  const localPort = port < 1024 ? TUNNEL_PORT : port;
  const page = `http://localhost:${localPort}/broadcast`;
  const { hostname, origin } = location;
  byId("insecure").hidden = false;
  byId("tunnel-page", HTMLAnchorElement).href = page;
  setText(byId("tunnel-page"), page);
  const tunnel = `${localPort}:localhost:${port}`;
  setText(byId("tunnel-line"), `ssh -N -L ${tunnel} ${quote(hostname)}`);
  const flag = "--unsafely-treat-insecure-origin-as-secure";
  setText(byId("chromium-line"), `chromium ${flag}=${quote(origin)}`);
  setText(byId("shell-line"), startLine(location));
}
