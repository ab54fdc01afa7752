/**
 * The one list of the pages' files, embedded as text so that a server needs no files at run time. The name
 * of each export is the file's path in this folder.
 *
 * @module
 */

export { default as "mpegts.js" } from "mpegts.js/dist/mpegts.js" with { type: "text" };
export { default as "broadcast.html" } from "./broadcast.html" with { type: "text" };
export { default as "icon.svg" } from "./icon.svg" with { type: "text" };
export { default as "index.html" } from "./index.html" with { type: "text" };
export { default as "not_found.html" } from "./not_found.html" with { type: "text" };
export { default as "watch.html" } from "./watch.html" with { type: "text" };
export { default as "broadcast/broadcast_page.js" } from "./broadcast/broadcast_page.js" with { type: "text" };
export { default as "broadcast/broadcast_session.js" } from "./broadcast/broadcast_session.js" with { type: "text" };
export { default as "broadcast/insecure_notice.js" } from "./broadcast/insecure_notice.js" with { type: "text" };
export { default as "broadcast/obs_notice.js" } from "./broadcast/obs_notice.js" with { type: "text" };
export { default as "broadcast/recorder.js" } from "./broadcast/recorder.js" with { type: "text" };
export { default as "broadcast/source_form.js" } from "./broadcast/source_form.js" with { type: "text" };
export { default as "licenses/mpegts.js.txt" } from "./licenses/mpegts.js.txt" with { type: "text" };
export { default as "list/channel_card.js" } from "./list/channel_card.js" with { type: "text" };
export { default as "list/first_picture.js" } from "./list/first_picture.js" with { type: "text" };
export { default as "list/list_page.js" } from "./list/list_page.js" with { type: "text" };
export { default as "list/media_icon.js" } from "./list/media_icon.js" with { type: "text" };
export { default as "list/picture_queue.js" } from "./list/picture_queue.js" with { type: "text" };
export { default as "list/thumbnails.js" } from "./list/thumbnails.js" with { type: "text" };
export { default as "mux/access_units.js" } from "./mux/access_units.js" with { type: "text" };
export { default as "mux/fmp4_writer.js" } from "./mux/fmp4_writer.js" with { type: "text" };
export { default as "mux/join_bytes.js" } from "./mux/join_bytes.js" with { type: "text" };
export { default as "mux/matroska_reader.js" } from "./mux/matroska_reader.js" with { type: "text" };
export { default as "mux/matroska_remux.js" } from "./mux/matroska_remux.js" with { type: "text" };
export { default as "players/append_queue.js" } from "./players/append_queue.js" with { type: "text" };
export { default as "players/choose_player.js" } from "./players/choose_player.js" with { type: "text" };
export { default as "players/gap_meter.js" } from "./players/gap_meter.js" with { type: "text" };
export { default as "players/live_edge.js" } from "./players/live_edge.js" with { type: "text" };
export { default as "players/media_source_player.js" } from "./players/media_source_player.js" with { type: "text" };
export { default as "players/mpegts_player.js" } from "./players/mpegts_player.js" with { type: "text" };
export { default as "players/native_player.js" } from "./players/native_player.js" with { type: "text" };
export { default as "players/remux_player.js" } from "./players/remux_player.js" with { type: "text" };
export { default as "players/webcodecs_player.js" } from "./players/webcodecs_player.js" with { type: "text" };
export { default as "styles/base.css" } from "./styles/base.css" with { type: "text" };
export { default as "styles/commands.css" } from "./styles/commands.css" with { type: "text" };
export { default as "styles/components.css" } from "./styles/components.css" with { type: "text" };
export { default as "styles/form.css" } from "./styles/form.css" with { type: "text" };
export { default as "styles/list.css" } from "./styles/list.css" with { type: "text" };
export { default as "styles/player.css" } from "./styles/player.css" with { type: "text" };
export { default as "ui/channel_path.js" } from "./ui/channel_path.js" with { type: "text" };
export { default as "ui/channel_search.js" } from "./ui/channel_search.js" with { type: "text" };
export { default as "ui/copy.js" } from "./ui/copy.js" with { type: "text" };
export { default as "ui/dom.js" } from "./ui/dom.js" with { type: "text" };
export { default as "ui/format.js" } from "./ui/format.js" with { type: "text" };
export { default as "ui/keyed_list.js" } from "./ui/keyed_list.js" with { type: "text" };
export { default as "ui/obs_lines.js" } from "./ui/obs_lines.js" with { type: "text" };
export { default as "ui/poll_channels.js" } from "./ui/poll_channels.js" with { type: "text" };
export { default as "ui/shell_lines.js" } from "./ui/shell_lines.js" with { type: "text" };
export { default as "watch/auto_hide.js" } from "./watch/auto_hide.js" with { type: "text" };
export { default as "watch/break_notice.js" } from "./watch/break_notice.js" with { type: "text" };
export { default as "watch/channel_facts.js" } from "./watch/channel_facts.js" with { type: "text" };
export { default as "watch/controls.js" } from "./watch/controls.js" with { type: "text" };
export { default as "watch/overlay.js" } from "./watch/overlay.js" with { type: "text" };
export { default as "watch/saved_password.js" } from "./watch/saved_password.js" with { type: "text" };
export { default as "watch/stage.js" } from "./watch/stage.js" with { type: "text" };
export { default as "watch/stream_position.js" } from "./watch/stream_position.js" with { type: "text" };
export { default as "watch/watch_page.js" } from "./watch/watch_page.js" with { type: "text" };
export { default as "watch/watch_session.js" } from "./watch/watch_session.js" with { type: "text" };
