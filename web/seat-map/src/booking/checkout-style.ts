/** What follows the choice. */
export const CHECKOUT_STYLE = `
.link { border: 0; padding: 0 0.25rem; min-height: 1.75rem; font-size: 0.9375rem; white-space: nowrap; text-decoration: underline; text-underline-offset: 0.2em; text-decoration-thickness: 1px; color: var(--_muted); }
.choices { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.25rem 1rem; }
.seats { display: grid; border-top: 1px solid var(--_line); }
.seats li { min-height: 2.75rem; border-bottom: 1px solid var(--_line); font-size: 0.9375rem; }
.seats small { display: block; color: var(--_muted); font-size: 0.8125rem; }
.seats .remove { border: 0; min-width: 1.75rem; min-height: 1.75rem; padding: 0; color: var(--_muted); font-size: 1.125rem; line-height: 1; }
.timer { display: grid; gap: 0.5rem; }
.timer .clock { font-size: 2.75rem; font-weight: 600; line-height: 1; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.timer .track { height: 4px; border-radius: 2px; background: var(--_line); overflow: hidden; }
.timer .bar { height: 100%; background: var(--_accent); transform-origin: 0 50%; transition: transform 1s linear; }
:host([dir="rtl"]) .bar { transform-origin: 100% 50%; }
.timer.late .clock { color: var(--_danger); }
.timer.late .bar { background: var(--_danger); }
.contact { display: grid; gap: 0.875rem; }
.field { display: grid; gap: 0.25rem; font-size: 0.9375rem; }
.field label { font-weight: 500; }
.field .hint:empty { display: none; }
[aria-invalid="true"] { border-color: var(--_danger) !important; }
[aria-invalid="true"] ~ .hint, .problem { color: var(--_danger); }
.problem:empty { display: none; }
.tabs { display: grid; grid-template-columns: 1fr 1fr; gap: 0.25rem; border: 0; margin: 0; padding: 0.25rem; border-radius: 0.75rem; background: var(--_surface); }
.tabs label { position: relative; display: grid; place-items: center; min-height: 2.25rem; border-radius: 0.5rem; font-size: 0.875rem; text-align: center; cursor: pointer; }
.tabs input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
.tabs label:has(:checked) { background: var(--_panel); box-shadow: 0 1px 3px rgb(0 0 0 / 0.12); font-weight: 600; }
.tabs label:has(:focus-visible) { outline: 2px solid var(--_accent); outline-offset: 1px; }
.ticket { border: 1px solid var(--_line); border-radius: 0.875rem; background: var(--_surface); }
.ticket > * { padding: 1rem; }
.ticket > * + * { border-top: 1px dashed var(--_line); }
.ticket code { font: inherit; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: 0.02em; overflow-wrap: anywhere; }
@media (forced-colors: active) { .timer .bar { background: Highlight; forced-color-adjust: none; } }
@media (forced-colors: active) { .timer .track { border: 1px solid CanvasText; height: 6px; } }
@media (forced-colors: active) { .tabs label:has(:checked) { outline: 2px solid Highlight; } }
`;
