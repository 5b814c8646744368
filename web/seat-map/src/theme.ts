/** What the canvas is painted with. Each is a custom property of the element, `--seat-map-<name>`. */
const COLORS = [
  "surface",
  "section",
  "line",
  "text",
  "muted",
  "accent",
  "on-accent",
  "held",
  "sold",
];

export interface Theme {
  colors: Record<string, string>;
  forced: boolean;
  dark: boolean;
  font: string;
}

/** The colours as the page has set them. */
export function readTheme(probe: HTMLElement): Theme {
  const style = getComputedStyle(probe);
  const colors: Record<string, string> = {};
  for (const name of COLORS) {
    probe.style.color = `var(--_${name})`;
    colors[name] = style.color;
  }
  const forced = matchMedia("(forced-colors: active)").matches;
  const dark = luminance(colors.surface ?? "") < 0.4;
  return { colors, forced, dark, font: style.fontFamily };
}

/** Relative luminance of `rgb(…)`, `color(srgb …)` or `#rrggbb`; 1 if it cannot be told. */
export function luminance(color: string): number {
  const channels = color.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
    : (color.match(/[\d.]+/g) ?? [])
        .slice(0, 3)
        .map((value) => Number(value) / (color.startsWith("rgb") ? 255 : 1));
  const [r, g, b] = channels.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return r === undefined || g === undefined || b === undefined
    ? 1
    : 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export const STYLE = `
:host {
  --_surface: var(--seat-map-surface, light-dark(#fbfaf8, #16181b));
  --_section: var(--seat-map-section, light-dark(#f1efea, #1f2226));
  --_line: var(--seat-map-line, light-dark(#d5d1c8, #3a3f46));
  --_text: var(--seat-map-text, light-dark(#1d1f21, #eceae6));
  --_muted: var(--seat-map-muted, light-dark(#5d5f63, #a3a5a8));
  --_accent: var(--seat-map-accent, light-dark(#0b5f53, #6fd3c1));
  --_on-accent: var(--seat-map-on-accent, light-dark(#ffffff, #06231e));
  --_held: var(--seat-map-held, light-dark(#6d6f74, #8d9096));
  --_sold: var(--seat-map-sold, light-dark(#c3c0b8, #474c53));
  display: block;
  position: relative;
  min-width: 0;
  color: var(--_text);
  background: var(--_surface);
  font-size: 0.875rem;
  line-height: 1.4;
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
.view { position: absolute; inset: 0; overflow: hidden; border-radius: inherit; outline: none; cursor: grab; touch-action: pan-y; user-select: none; -webkit-user-select: none; }
.view.zoomed { touch-action: none; }
.view.over { cursor: pointer; }
.view.moving { cursor: grabbing; }
canvas { position: absolute; transform-origin: 0 0; will-change: transform; }
canvas.glide { transition: transform 220ms cubic-bezier(0.2, 0.7, 0.2, 1); }
.cursor { position: absolute; left: 0; top: 0; border-radius: 28%; pointer-events: none; visibility: hidden; }
.view:focus-visible .cursor.on { visibility: visible; outline: 3px solid var(--_text); outline-offset: 2px; box-shadow: 0 0 0 2px var(--_surface); }
.view:focus-visible { box-shadow: inset 0 0 0 2px var(--_accent); }
.tip { position: absolute; z-index: 1; left: 0; top: 0; max-width: 16rem; padding: 0.375rem 0.625rem; border-radius: 0.5rem; background: var(--_text); color: var(--_surface); font-size: 0.8125rem; pointer-events: none; opacity: 0; }
.tip.on { opacity: 1; }
.tools { position: absolute; right: 0.75rem; top: 0.75rem; z-index: 1; display: flex; gap: 0.375rem; }
button, select { font: inherit; color: inherit; }
button, select { min-height: 2.25rem; min-width: 2.25rem; padding: 0 0.625rem; border: 1px solid var(--_line); border-radius: 0.5rem; background: var(--_surface); cursor: pointer; }
button:hover:not(:disabled, [aria-disabled="true"]) { border-color: var(--_muted); }
button:focus-visible, select:focus-visible, input:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
:host([list]) .list { display: block; }
:host([list]) .view, :host([list]) .zoom { display: none; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { canvas.glide { transition: none; } }
@media (forced-colors: active) {
  :host { --_surface: Canvas; --_section: Canvas; --_line: CanvasText; --_text: CanvasText; --_muted: CanvasText; --_accent: Highlight; --_on-accent: HighlightText; --_held: CanvasText; --_sold: GrayText; }
}
`;
