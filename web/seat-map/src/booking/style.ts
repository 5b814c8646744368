/** The frame, the choice and the notices. */
export const BOOKING_STYLE = `
:host {
  --_surface: var(--seat-map-surface, light-dark(#fbfaf8, #16181b));
  --_panel: var(--seat-map-panel, light-dark(#ffffff, #1c1f23));
  --_line: var(--seat-map-line, light-dark(#d5d1c8, #3a3f46));
  --_text: var(--seat-map-text, light-dark(#1d1f21, #eceae6));
  --_muted: var(--seat-map-muted, light-dark(#5d5f63, #a3a5a8));
  --_accent: var(--seat-map-accent, light-dark(#0b5f53, #6fd3c1));
  --_on-accent: var(--seat-map-on-accent, light-dark(#ffffff, #06231e));
  --_danger: light-dark(#a3271c, #ff9d92);
  display: block;
  container-type: inline-size;
  color: var(--_text);
  line-height: 1.5;
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
.frame { display: grid; grid-template-columns: minmax(0, 1fr); border: 1px solid var(--_line); border-radius: 1rem; overflow: clip; background: var(--_panel); }
.place { position: relative; min-width: 0; background: var(--_surface); }
seat-map { height: clamp(20rem, 58vh, 32rem); }
.panel { padding: 1.25rem; display: flex; flex-direction: column; gap: 1rem; min-width: 0; border-top: 1px solid var(--_line); }
@container (min-width: 46rem) {
  .frame { grid-template-columns: minmax(0, 1fr) 21rem; }
  seat-map { height: max(34rem, min(44rem, 76vh)); }
  .panel { border-top: 0; border-inline-start: 1px solid var(--_line); padding: 1.5rem; height: max(34rem, min(44rem, 76vh)); overflow: auto; }
}
h2 { font: inherit; font-size: 1.1875rem; font-weight: 650; line-height: 1.25; margin: 0; outline: none; text-wrap: balance; }
p { margin: 0; }
.panel[aria-busy="true"] { pointer-events: none; }
.panel[aria-busy="true"] .primary { opacity: 0.6; }
.hint, .muted { color: var(--_muted); font-size: 0.875rem; }
button, input, select { font: inherit; color: inherit; }
button { min-height: 2.5rem; padding: 0.375rem 0.875rem; border: 1px solid var(--_line); border-radius: 0.625rem; background: transparent; cursor: pointer; }
button:hover { border-color: var(--_muted); }
:is(button, input, select):focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
.primary { width: 100%; min-height: 3rem; border-color: transparent; background: var(--_accent); color: var(--_on-accent); font-weight: 600; }
.primary:hover { filter: brightness(1.08); border-color: transparent; }
.primary[aria-disabled="true"] { background: color-mix(in srgb, var(--_accent) 14%, var(--_panel)); color: var(--_muted); cursor: default; filter: none; }
.row { display: flex; gap: 0.625rem; align-items: center; }
.row > select { flex: 1; min-width: 0; }
select, input:not([type="radio"]) { min-height: 2.5rem; padding: 0.25rem 0.75rem; border: 1px solid var(--_line); border-radius: 0.625rem; background: var(--_surface); width: 100%; }
.stepper { display: inline-flex; align-items: center; border: 1px solid var(--_line); border-radius: 0.625rem; }
.stepper button { border: 0; min-width: 2.5rem; padding: 0; font-size: 1.125rem; }
.stepper output { min-width: 1.75rem; text-align: center; font-variant-numeric: tabular-nums; }
ul { list-style: none; margin: 0; padding: 0; }
.legend { display: grid; gap: 0.375rem; font-size: 0.875rem; }
.legend li, .seats li { display: flex; align-items: center; gap: 0.625rem; }
.legend .price, .seats .price { margin-inline-start: auto; font-variant-numeric: tabular-nums; white-space: nowrap; }
.swatch { flex: none; width: 1.375rem; height: 1.375rem; border-radius: 0.375rem; display: grid; place-items: center; font-size: 0.6875rem; color: #fff; }
.states { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; font-size: 0.8125rem; color: var(--_muted); }
.states li { display: inline-flex; gap: 0.375rem; align-items: center; }
.states svg { width: 1rem; height: 1rem; flex: none; }
.sum { margin-top: auto; display: grid; gap: 0.75rem; padding-top: 0.75rem; }
.near { position: sticky; bottom: 0; background: var(--_panel); }
.total { display: flex; justify-content: space-between; align-items: baseline; }
.total b { font-size: 1.375rem; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; }
.notice { position: absolute; inset: auto 0.75rem 0.75rem; z-index: 2; display: flex; flex-wrap: wrap; gap: 0.5rem 0.875rem; align-items: center; padding: 0.75rem 0.875rem 0.75rem 1rem; border-radius: 0.75rem; background: var(--_text); color: var(--_surface); font-size: 0.9375rem; box-shadow: 0 8px 24px rgb(0 0 0 / 0.18); }
.notice p { flex: 1 1 12rem; }
.notice button { border-color: currentColor; min-height: 2.25rem; }
.notice .close { border: 0; min-width: 2.25rem; padding: 0; font-size: 1.125rem; }
.notice button:focus-visible { outline-color: currentColor; }
.wait { position: absolute; inset: 0; z-index: 1; display: grid; place-content: center; justify-items: center; gap: 1rem; padding: 1.5rem; text-align: center; background: var(--_surface); }
.dots { display: grid; grid-template-columns: repeat(9, 1.125rem); gap: 0.4375rem; }
.dots i { height: 1.125rem; border-radius: 0.3125rem; background: var(--_line); animation: breathe 1.6s ease-in-out infinite; }
.dots i:nth-child(3n) { animation-delay: 200ms; }
.dots i:nth-child(5n) { animation-delay: 500ms; }
@keyframes breathe { 50% { opacity: 0.35; } }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media (forced-colors: active) {
  .primary { border-color: ButtonText; background: ButtonFace; color: ButtonText; }
  .primary[aria-disabled="true"] { color: GrayText; }
  .notice { border: 1px solid CanvasText; }
  .swatch { border: 1px solid CanvasText; color: CanvasText; background: Canvas !important; }
}
`;
