interface Request {
  verb: "broadcast" | "watch" | "token" | "manage"; // manage: see and steer channels
  user: string;
  channel: string;
  password?: string;
  token?: string;
  channelPassword?: string;
  remote: string;
  protocol:
    | "fstream1"
    | "fstream2"
    | "http"
    | "hls"
    | "icecast"
    | "rtmp"
    | "websocket";
}

type Decision = boolean | { allow: false; reason: string };

// Anybody may watch; only machines of the studio's network may broadcast, with its password.
export default function authenticate(request: Request): Decision {
  if (request.verb === "watch") return true;
  if (!request.remote.startsWith("192.0.2.")) {
    return { allow: false, reason: "not a machine of the studio" };
  }
  return request.user === "studio" && request.password === "a;b#c=d";
}
