/**
 * The pages and all that they load, embedded as text: a server is one file and reads none.
 *
 * @module
 */

import mpegts from "mpegts.js/dist/mpegts.js" with { type: "text" };
import accessUnits from "./pages/access_units.js" with { type: "text" };
import appendQueue from "./pages/append_queue.js" with { type: "text" };
import broadcast from "./pages/broadcast.js" with { type: "text" };
import broadcastSession from "./pages/broadcast_session.js" with {
  type: "text",
};
import channelCard from "./pages/channel_card.js" with { type: "text" };
import channelFacts from "./pages/channel_facts.js" with { type: "text" };
import channelPath from "./pages/channel_path.js" with { type: "text" };
import choosePlayer from "./pages/choose_player.js" with { type: "text" };
import controls from "./pages/controls.js" with { type: "text" };
import copy from "./pages/copy.js" with { type: "text" };
import dom from "./pages/dom.js" with { type: "text" };
import fmp4Writer from "./pages/fmp4_writer.js" with { type: "text" };
import format from "./pages/format.js" with { type: "text" };
import insecure from "./pages/insecure.js" with { type: "text" };
import list from "./pages/list.js" with { type: "text" };
import liveEdge from "./pages/live_edge.js" with { type: "text" };
import matroskaReader from "./pages/matroska_reader.js" with { type: "text" };
import matroskaRemux from "./pages/matroska_remux.js" with { type: "text" };
import mediaSourcePlayer from "./pages/media_source_player.js" with {
  type: "text",
};
import mpegtsPlayer from "./pages/mpegts_player.js" with { type: "text" };
import nativePlayer from "./pages/native_player.js" with { type: "text" };
import overlay from "./pages/overlay.js" with { type: "text" };
import poll from "./pages/poll.js" with { type: "text" };
import recorder from "./pages/recorder.js" with { type: "text" };
import remuxPlayer from "./pages/remux_player.js" with { type: "text" };
import shellLines from "./pages/shell_lines.js" with { type: "text" };
import watch from "./pages/watch.js" with { type: "text" };
import watchSession from "./pages/watch_session.js" with { type: "text" };
import webcodecsPlayer from "./pages/webcodecs_player.js" with { type: "text" };
import broadcastPage from "./pages/broadcast.html" with { type: "text" };
import icon from "./pages/icon.svg" with { type: "text" };
import indexPage from "./pages/index.html" with { type: "text" };
import mpegtsLicense from "./pages/licenses/mpegts.js.txt" with {
  type: "text",
};
import style from "./pages/style.css" with { type: "text" };
import watchPage from "./pages/watch.html" with { type: "text" };

/** A file that a page loads. */
export interface Asset {
  /** Its text, which an executable may hold or read. */
  readonly body: string;
  /** Its MIME type, with the charset. */
  readonly type: string;
}

/** The pages, in HTML. */
export const pages: {
  readonly index: string;
  readonly watch: string;
  readonly broadcast: string;
} = { index: indexPage, watch: watchPage, broadcast: broadcastPage };

/** MIME types by suffix. */
const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
};

/** The files by their path below `/assets/`. */
export const assets: ReadonlyMap<string, Asset> = new Map<string, Asset>([
  ["mpegts.js", {
    // The one that is long and seldom asked for: not looked at before it is.
    get body(): string {
      return mpegts;
    },
    type: TYPES["js"]!,
  }],
  ...Object.entries({
    "icon.svg": icon,
    "licenses/mpegts.js.txt": mpegtsLicense,
    "style.css": style,
    "access_units.js": accessUnits,
    "append_queue.js": appendQueue,
    "broadcast.js": broadcast,
    "broadcast_session.js": broadcastSession,
    "channel_card.js": channelCard,
    "channel_facts.js": channelFacts,
    "channel_path.js": channelPath,
    "choose_player.js": choosePlayer,
    "controls.js": controls,
    "copy.js": copy,
    "dom.js": dom,
    "fmp4_writer.js": fmp4Writer,
    "format.js": format,
    "insecure.js": insecure,
    "list.js": list,
    "live_edge.js": liveEdge,
    "matroska_reader.js": matroskaReader,
    "matroska_remux.js": matroskaRemux,
    "media_source_player.js": mediaSourcePlayer,
    "mpegts_player.js": mpegtsPlayer,
    "native_player.js": nativePlayer,
    "overlay.js": overlay,
    "poll.js": poll,
    "recorder.js": recorder,
    "remux_player.js": remuxPlayer,
    "shell_lines.js": shellLines,
    "watch.js": watch,
    "watch_session.js": watchSession,
    "webcodecs_player.js": webcodecsPlayer,
  }).map(([path, body]): [string, Asset] => [
    path,
    { body, type: typeOf(path) },
  ]),
]);

function typeOf(path: string): string {
  return TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "text/plain";
}
