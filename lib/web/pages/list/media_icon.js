/**
 * The icon of what a channel carries: a camera, or a loudspeaker; a lock where that is not told.
 *
 * @module
 */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {"video" | "audio" | "locked"} MediaKind */

/** Outlines in a box of 24 by 24. */
const PATHS = {
  video: "M3 7h11v10H3zM14 11l6-4v10l-6-4z",
  audio: "M4 9v6h4l5 4V5L8 9zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11",
  locked: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
};

/** What they say to screen readers. */
const LABELS = { video: "Video", audio: "Audio", locked: "Protected" };

/** Shows whether a channel has a picture, once that is known. */
export class MediaIcon {
  /** @type {SVGSVGElement} */
  element = document.createElementNS(SVG, "svg");
  #path = document.createElementNS(SVG, "path");
  #kind = "";
  #isDecoration;

  /** @param {string} className A decoration if it is not the default: screen readers skip it. */
  constructor(className = "media-icon") {
    this.#isDecoration = className !== "media-icon";
    this.element.setAttribute("class", className);
    this.element.setAttribute("viewBox", "0 0 24 24");
    if (this.#isDecoration) this.element.setAttribute("aria-hidden", "true");
    else this.element.setAttribute("role", "img");
    this.element.append(this.#path);
    this.show(undefined);
  }

  /** @param {MediaKind | undefined} kind */
  show(kind) {
    if (kind === this.#kind) return;
    this.#kind = kind ?? "";
    this.element.toggleAttribute("hidden", kind === undefined);
    if (kind === undefined) return;
    this.#path.setAttribute("d", PATHS[kind]);
    if (!this.#isDecoration) {
      this.element.setAttribute("aria-label", LABELS[kind]);
    }
  }
}
