/**
 * What goes into the fields of OBS and other encoders that speak RTMP.
 *
 * @module
 */

/** @import { ChannelName } from "./channel_path.js" */

import { pathOf } from "./channel_path.js";

/** What stands for a name or a password that is not known. */
const USER = "USER";
const PASSWORD = "PASSWORD";

/**
 * The fields of OBS, and where the channel can be watched then. The password is never shown: the reader puts it into
 * its place.
 *
 * @param {ChannelName} name The user may be empty.
 * @param {Pick<Location, "protocol" | "hostname" | "port" | "origin">} page Where the visitor reached the server:
 *   every protocol is spoken there.
 * @returns {{label: string, line: string}[]}
 */
export function obsLines({ user, channel }, page) {
  const { protocol, hostname, port, origin } = page;
  const isTls = protocol === "https:";
  const server = `${isTls ? "rtmps" : "rtmp"}://${hostname}` +
    `:${port || (isTls ? 443 : 80)}/${encodeURIComponent(user) || USER}`;
  const key = `${encodeURIComponent(channel)}?password=${PASSWORD}`;
  const name = { user: user || USER, channel };
  return [
    { label: "Server", line: server },
    { label: "Stream key", line: key },
    { label: "Watch it at", line: origin + pathOf(name) },
  ];
}
