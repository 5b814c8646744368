/** What elements are coloured with on light pages, on dark ones, and in forced colours. */
const COLORS = {
  surface: ["#fbfaf8", "#16181b", "Canvas"],
  panel: ["#fff", "#1c1f23", "Canvas"],
  text: ["#1d1f21", "#eceae6", "CanvasText"],
  accent: ["#0b5f53", "#6fd3c1", "Highlight"],
  "on-accent": ["#fff", "#06231e", "HighlightText"],
  danger: ["#a3271c", "#ff9d92", "CanvasText"],
};
/** Mixed of text and surface, with so many hundredths of text. */
const MIXED = {
  section: [5, "Canvas"],
  line: [18, "CanvasText"],
  muted: [69, "CanvasText"],
  held: [62, "CanvasText"],
  sold: [24, "GrayText"],
} as const;
type ColorName = keyof typeof COLORS | keyof typeof MIXED;

export interface Theme {
  colors: Record<ColorName, string>;
  forced: boolean;
  dark: boolean;
  font: string;
}

/** The colours as the page has set them. The probe shows no text of its own. */
export function readTheme(probe: HTMLElement): Theme {
  const style = getComputedStyle(probe);
  const names = [...Object.keys(COLORS), ...Object.keys(MIXED)].map((name) => {
    probe.style.color = `var(--_${name})`;
    return [name, style.color];
  });
  const colors = Object.fromEntries(names) as Theme["colors"];
  const forced = matchMedia("(forced-colors: active)").matches;
  return { colors, forced, dark: luminance(colors.surface) < 0.4, font: style.fontFamily };
}

let brush: CanvasRenderingContext2D | undefined;

/** Relative luminance of a colour of any notation. */
function luminance(color: string): number {
  const context = (brush ??= document.createElement("canvas").getContext("2d")!);
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = Array.from(context.getImageData(0, 0, 1, 1).data, (c) => (c / 255) ** 2.2);
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** Black or white, whichever is easier to read on a colour: at least 4.5 to 1. */
export function inkOn(color: string): string {
  return luminance(color) > 0.18 ? "#000" : "#fff";
}

const declare = (name: string, color: string) => `--_${name}:var(--seat-map-${name},${color});`;
const PAGE = [
  ...Object.entries(COLORS).map(([name, [light, dark]]) =>
    declare(name, `light-dark(${light},${dark})`),
  ),
  ...Object.entries(MIXED).map(([name, [text]]) =>
    declare(name, `color-mix(in srgb,var(--_text) ${text}%,var(--_surface))`),
  ),
].join("");
const FORCED = Object.entries({ ...COLORS, ...MIXED })
  .map(([name, colors]) => `--_${name}:${colors.at(-1)};`)
  .join("");

/** What both elements share. */
export const BASE_STYLE = `
:host { ${PAGE} display: block; position: relative; min-width: 0; color: var(--_text); line-height: 1.45; }
@media (forced-colors: active) { :host { ${FORCED} } }
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
ul { list-style: none; margin: 0; padding: 0; }
button, input, select { font: inherit; color: inherit; min-height: 2.375rem; padding: 0 0.75rem; border: 1px solid var(--_line); border-radius: 0.625rem; background: var(--_surface); }
input[type="checkbox"] { min-height: 1.5rem; accent-color: var(--_accent); }
button, select { cursor: pointer; }
button:hover { border-color: var(--_muted); }
:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
.primary, .notice, .tip { forced-color-adjust: none; }
.hidden { position: absolute; width: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`;

/** The map's own. */
export const MAP_STYLE = `
:host { container-type: size; background: var(--_surface); font-size: 0.875rem; }
.view, .list, canvas, .cursor, .tip { position: absolute; inset: 0 auto auto 0; }
.view, .list { width: 100%; height: 100%; overflow: auto; border-radius: inherit; }
.view { overflow: hidden; outline-offset: -2px; cursor: grab; touch-action: pan-y; user-select: none; -webkit-user-select: none; }
.zoomed { touch-action: none; }
.over { cursor: pointer; }
.moving { cursor: grabbing; }
canvas, .cursor, .tip { pointer-events: none; }
canvas { transform-origin: 0 0; will-change: transform; }
.glide { transition: transform 220ms ease-out; }
.view:focus-visible .on { outline: 3px solid var(--_text); outline-offset: 2px; border-radius: 28%; box-shadow: 0 0 0 2px var(--_surface); }
.tip { z-index: 1; max-width: 15rem; padding: 0.375rem 0.625rem; border-radius: 0.5rem; background: var(--_text); color: var(--_surface); }
.tools { position: absolute; inset: 0.75rem 0.75rem auto auto; z-index: 1; display: flex; gap: 0.375rem; }
.list { padding: 0.75rem; }
:host([list]) .view, :host([list]) .zoom, :host(:not([list])) .list { display: none; }
.list .row { padding-right: 4rem; margin-bottom: 0.75rem; }
.list ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 0.375rem; }
.list li button { width: 100%; height: 100%; text-align: start; padding: 0.5rem 0.75rem; }
button[aria-disabled="true"] { color: var(--_muted); cursor: default; background: var(--_section); }
[aria-pressed="true"] { border-color: var(--_accent); box-shadow: inset 0 0 0 1px var(--_accent); font-weight: 600; }
@media (forced-colors: active) { [aria-pressed="true"] { background: Highlight; color: HighlightText; forced-color-adjust: none; } .list [aria-disabled="true"] { color: GrayText; } }
`;
