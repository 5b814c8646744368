export const LIST_STYLE = `
.list { position: absolute; inset: 0; overflow: auto; padding: 0.75rem; display: none; }
.filters { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; padding-right: 9rem; min-height: 2.25rem; margin-bottom: 0.75rem; }
.filters label { display: inline-flex; gap: 0.375rem; align-items: center; min-height: 1.5rem; }
.filters input { width: 1.125rem; height: 1.125rem; accent-color: var(--_accent); }
ul { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 0.375rem; }
.list li button { width: 100%; text-align: start; padding: 0.5rem 0.75rem; line-height: 1.3; }
.list li button[aria-disabled="true"] { color: var(--_muted); cursor: default; background: var(--_section); }
.list li button[aria-pressed="true"] { border-color: var(--_accent); box-shadow: inset 0 0 0 1px var(--_accent); font-weight: 600; }
.pager { display: flex; gap: 0.75rem; align-items: center; justify-content: center; margin-top: 0.75rem; }
.pager button:disabled { color: var(--_muted); cursor: default; }
@media (forced-colors: active) { .list li button[aria-pressed="true"] { background: Highlight; color: HighlightText; forced-color-adjust: none; } }
@media (forced-colors: active) { .list li button[aria-disabled="true"] { color: GrayText; } }
.list label { font: inherit; }
`;
