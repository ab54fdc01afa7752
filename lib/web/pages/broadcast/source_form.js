/**
 * What the form says about the source and its recording.
 *
 * @module
 */

/** @import { SourceOptions } from "./recorder.js" */

import { byId, makeOption } from "../ui/dom.js";

/** @param {string} id */
function valueOf(id) {
  return byId(id, HTMLSelectElement).value;
}

/** @returns {SourceOptions} */
export function readSourceOptions() {
  const [width = 0, height = 0] = valueOf("size").split("x").map(Number);
  return {
    source: byId("screen", HTMLInputElement).checked ? "screen" : "camera",
    audio: byId("audio", HTMLInputElement).checked,
    width,
    height,
    camera: valueOf("camera"),
    microphone: valueOf("microphone"),
  };
}

/** The MIME type of the recording, and bits per second of its video. */
export function readFormat() {
  return { type: valueOf("codec"), bitrate: Number(valueOf("bitrate")) };
}

/** Offers the devices by name, which the browser reveals once one of them is open. */
export async function listDevices() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const kinds = /** @type {const} */ ([
    ["camera", "videoinput"],
    ["microphone", "audioinput"],
  ]);
  for (const [id, kind] of kinds) {
    const select = byId(id, HTMLSelectElement);
    const { value } = select;
    const options = devices
      .filter((device) => device.kind === kind)
      .map(({ deviceId, label }, index) =>
        makeOption(deviceId, label || `${id} ${index + 1}`)
      );
    select.replaceChildren(...options);
    if (value) select.value = value;
  }
  byId("devices").hidden = readSourceOptions().source === "screen";
}
