import { h } from "./dom.js";

/**
 * Each colour: in forced colours, on light pages, on dark pages. A number means a mix of text and
 * surface, with this percentage of text.
 */
const COLORS = {
  surface: ["Canvas", "#fbfaf8", "#16181b"],
  panel: ["Canvas", "#fff", "#1c1f23"],
  text: ["CanvasText", "#1d1f21", "#eceae6"],
  accent: ["Highlight", "#0b5f53", "#6fd3c1"],
  "on-accent": ["HighlightText", "#fff", "#06231e"],
  danger: ["CanvasText", "#a3271c", "#ff9d92"],
  section: ["Canvas", 5],
  line: ["CanvasText", 18],
  muted: ["CanvasText", 69],
  held: ["CanvasText", 62],
  sold: ["GrayText", 24],
};
type ColorName = keyof typeof COLORS;

export interface Theme {
  colors: Record<ColorName, string>;
  forced: boolean;
  dark: boolean;
  font: string;
}

/** The colours that the page has set. Gives each to `probe` to resolve it: it must show no text. */
export function readTheme(probe: HTMLElement): Theme {
  const style = getComputedStyle(probe);
  const colors = {} as Theme["colors"];
  for (const name of Object.keys(COLORS) as ColorName[]) {
    probe.style.color = `var(--_${name})`;
    colors[name] = style.color;
  }
  const forced = matchMedia("(forced-colors: active)").matches;
  return { colors, forced, dark: luminance(colors.surface) < 0.4, font: style.fontFamily };
}

let brush: CanvasRenderingContext2D | undefined;

/** Relative luminance of a colour of any notation. */
function luminance(color: string): number {
  const context = (brush ??= h("canvas").getContext("2d")!);
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = Array.from(context.getImageData(0, 0, 1, 1).data, (c) => (c / 255) ** 2.2);
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** Black or white, whichever is easier to read on a colour: at least 4.5 to 1. */
export function inkOn(color: string): string {
  return luminance(color) > 0.18 ? "#000" : "#fff";
}

let page = "";
let forcedColors = "";
for (const [name, [forced, light, dark]] of Object.entries(COLORS)) {
  const mixed = `color-mix(in srgb,var(--_text) ${light}%,var(--_surface))`;
  page += `--_${name}:var(--seat-map-${name},${dark ? `light-dark(${light},${dark})` : mixed});`;
  forcedColors += `--_${name}:${forced};`;
}

/** The styles of both elements. */
export const BASE_STYLE = `
:host { ${page} display: block; position: relative; min-width: 0; color: var(--_text); line-height: 1.45; accent-color: var(--_accent); }
@media (forced-colors: active) { :host { ${forcedColors} } }
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
ul, h2, p { margin: 0; padding: 0; list-style: none; }
button, input, select { font: inherit; color: inherit; min-height: 2.375rem; padding: 0 0.75rem; border: 1px solid var(--_line); border-radius: 0.5rem; background: var(--_surface); }
[type="checkbox"] { min-height: 1.5rem; }
button, select { cursor: pointer; }
button:hover { border-color: var(--_muted); }
:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
.primary, .notice, .tip { forced-color-adjust: none; }
button[aria-disabled="true"] { color: var(--_muted); cursor: default; background: var(--_section); }
.hidden, .view, .list, canvas, .cursor, .tip { position: absolute; inset: 0 auto auto 0; }
.hidden { clip-path: inset(50%); }
`;

/** The styles of the map alone. */
export const MAP_STYLE = `
:host { container-type: size; background: var(--_surface); font-size: 0.875rem; }
.view, .list { width: 100%; height: 100%; overflow: auto; border-radius: inherit; }
.view { overflow: hidden; outline-offset: -2px; cursor: grab; touch-action: pan-y; user-select: none; -webkit-user-select: none; }
.zoomed { touch-action: none; }
.over { cursor: pointer; }
.view:active { cursor: grabbing; }
canvas, .cursor, .tip { pointer-events: none; }
canvas { inset: -30%; width: 160%; height: 160%; transform-origin: 18.75% 18.75%; will-change: transform; }
@media (prefers-reduced-motion: no-preference) { .glide { transition: transform 220ms; } }
.view:focus-visible .on { outline: 3px solid var(--_text); outline-offset: 2px; border-radius: 28%; }
.tip { max-width: 15rem; padding: 0.5rem 0.75rem; border-radius: 0.5rem; background: var(--_text); color: var(--_surface); }
.tools { position: absolute; inset: 0.75rem 0.75rem auto auto; z-index: 1; display: flex; gap: 0.5rem; }
.list { padding: 0.75rem; }
.list p { margin-bottom: 0.75rem; }
:host([list]) .view, :host([list]) .zoom, :host(:not([list])) .list { display: none; }
.list ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 0.5rem; }
.list li button { width: 100%; height: 100%; text-align: start; padding: 0.5rem 0.75rem; }
[aria-pressed="true"] { border-color: var(--_accent); font-weight: 600; }
`;
