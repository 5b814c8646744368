/** The frame, the panel and the notices. */
export const BOOKING_STYLE = `
:host { container-type: inline-size; font-variant-numeric: tabular-nums; }
.frame { display: grid; border: 1px solid var(--_line); border-radius: 1rem; overflow: clip; background: var(--_panel); }
.place { position: relative; min-width: 0; }
seat-map { height: clamp(20rem, 58vh, 32rem); }
.panel { padding: 1.25rem; display: flex; flex-direction: column; gap: 1rem; min-width: 0; }
@container (min-width: 46rem) {
  .frame { grid-template-columns: minmax(0, 1fr) 21rem; }
  seat-map, .panel { height: clamp(34rem, 76vh, 44rem); overflow: auto; }
}
h2, .sum b { font-size: 1.25rem; }
[aria-busy=true] { pointer-events: none; }
[aria-busy=true] .primary { border: 1px dashed; }
.muted, small { color: var(--_muted); font-size: 0.875rem; }
small { display: block; }
.primary { min-height: 3rem; border-color: transparent; background: var(--_accent); color: var(--_on-accent); font-weight: 600; }
.link, .plain { border: 0; background: none; min-height: 1.75rem; min-width: 1.75rem; padding: 0; }
.link { text-decoration: underline; color: var(--_muted); }
form, .sum { display: grid; gap: 0.75rem; }
label:not(.row) { display: grid; gap: 0.25rem; }
.sum .row { justify-content: space-between; }
.row > :nth-child(2) { flex: 1; }
.legend { display: grid; gap: 0.5rem; font-size: 0.875rem; }
li { display: flex; align-items: center; gap: 0.75rem; }
.seats li { min-height: 3rem; border-bottom: 1px solid var(--_line); }
.price { margin-inline-start: auto; }
.swatch { width: 1.25rem; border-radius: 0.5rem; text-align: center; }
.sum { margin-top: auto; position: sticky; bottom: 0; padding-top: 0.75rem; background: var(--_panel); }
.clock { font-size: 2.75rem; font-weight: 600; line-height: 1; }
.problem { color: var(--_danger); }
.notice { position: absolute; inset: auto 0.75rem 0.75rem; display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; padding: 0.75rem 1rem; border-radius: 0.5rem; background: var(--_text); color: var(--_surface); }
.notice p { flex: 1 12rem; }
.notice button { background: none; border-color: currentColor; outline-color: currentColor; }
`;
