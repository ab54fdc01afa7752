/**
 * Plots of figures over time, in SVG.
 *
 * @module
 */

import { make, setText } from "../ui/dom.js";

const SVG = "http://www.w3.org/2000/svg";

/** The box in which plots are drawn; it is stretched to its place. */
const WIDTH = 300;
const HEIGHT = 80;

/** Seconds without a figure that interrupt a line: they come each second. */
const BREAK_S = 5;

/** @typedef {readonly (readonly [number, number | null])[]} Points Seconds, and the figure; `null` for none. */

/**
 * The line through points.
 *
 * @param {Points} points By time.
 * @param {{from: number, to: number, top: number}} frame Seconds at the left and right edge, and the figure at the top.
 * @returns {string} Commands of an SVG path.
 */
export function linePath(points, { from, to, top }) {
  let path = "";
  let last = -Infinity;
  for (const [at, value] of points) {
    if (value === null || at < from) continue;
    const x = (at - from) / (to - from) * WIDTH;
    const y = HEIGHT - Math.min(1, value / top) * HEIGHT;
    const command = at - last > BREAK_S ? "M" : "L";
    path += `${command}${x.toFixed(1)} ${y.toFixed(1)}`;
    last = at;
  }
  return path;
}

/**
 * A figure above all of these, so that a plot does not jump with each of them: 1, 2 or 5 times a power of ten.
 *
 * @param {number} most
 */
export function roundTop(most) {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 5, 10].find((each) => each * power >= most) ?? 10;
  return step * power;
}

/**
 * The largest figure.
 *
 * @param {readonly Points[]} lines
 */
function mostOf(lines) {
  return lines.flat().reduce(
    (most, [, value]) => Math.max(most, value ?? 0),
    0,
  );
}

/** Lines in a picture of their own, without text. */
export class Lines {
  /** @type {SVGSVGElement} */
  element = document.createElementNS(SVG, "svg");
  #paths;

  /**
   * @param {string} className
   * @param {readonly string[]} names Of the lines; their classes in styles/plot.css.
   */
  constructor(className, names) {
    this.element.setAttribute("class", className);
    this.element.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute("preserveAspectRatio", "none");
    this.#paths = names.map((name) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      return path;
    });
    this.element.append(...this.#paths);
  }

  /**
   * @param {readonly Points[]} lines One for each name.
   * @param {{from: number, to: number, top?: number}} frame
   */
  show(lines, { from, to, top = roundTop(mostOf(lines)) }) {
    lines.forEach((points, index) =>
      this.#paths[index]?.setAttribute("d", linePath(points, { from, to, top }))
    );
  }
}

/** A titled plot with its axes, and its figures in words. */
export class Plot {
  #lines;
  #now = make("strong");
  #top = make("span", { class: "plot-top" });
  #title;
  #format;
  /** The figure. */
  element;

  /**
   * @param {object} options
   * @param {string} options.title
   * @param {readonly string[]} options.names Of the lines; their classes in styles/plot.css.
   * @param {string} options.span How far back the left edge is.
   * @param {(value: number) => string} options.format A figure in words.
   */
  constructor({ title, names, span, format }) {
    this.#title = title;
    this.#format = format;
    this.#lines = new Lines("plot-lines", names);
    this.#lines.element.setAttribute("role", "img");
    this.element = make("figure", { class: "plot" }, [
      make("figcaption", {}, [make("span", { text: title }), this.#now]),
      make("div", { class: "plot-box" }, [this.#lines.element, this.#top]),
      make("div", { class: "plot-axis" }, [
        make("span", { text: `${span} ago` }),
        ...(names.length > 1 ? names : []).map((name) =>
          make("span", { class: `legend ${name}`, text: name })
        ),
        make("span", { text: "now" }),
      ]),
    ]);
  }

  /**
   * @param {readonly Points[]} lines
   * @param {{from: number, to: number}} frame Seconds at the edges.
   * @param {string} now The newest figures in words.
   */
  show(lines, frame, now) {
    const most = mostOf(lines);
    const top = roundTop(most);
    this.#lines.show(lines, { ...frame, top });
    setText(this.#now, now);
    setText(this.#top, this.#format(top));
    const label = `${this.#title}: ${now}, at most ${this.#format(most)}`;
    this.#lines.element.setAttribute("aria-label", label);
  }
}
