import { h } from "./dom.js";
import type { MapTexts } from "./texts.js";

export const ZOOM_STEP = 1.6;

interface ToolActions {
  zoom(factor: number): void;
  whole(): void;
  floor(key: string): void;
  /** Returns whether the list is shown now. */
  toggle(): Promise<boolean>;
}

/** The buttons above the map. Zooming has keys too, so only the list is a stop of Tab. */
export function toolbar(
  texts: MapTexts,
  floors: { key: string; label: string }[],
  act: ToolActions,
): HTMLElement[] {
  const button = (label: string, sign: string, onclick: () => void, more: object = {}) =>
    h("button", { type: "button", "aria-label": label, title: label, onclick, ...more }, sign);
  const zoom = { class: "zoom", tabindex: -1 };
  const list = button(texts.asList, "☰", async () => {
    const label = (await act.toggle()) ? texts.asMap : texts.asList;
    for (const name of ["aria-label", "title"]) list.setAttribute(name, label);
  });
  const choice = h(
    "select",
    { "aria-label": texts.floor, ...zoom, onchange: () => act.floor(choice.value) },
    h("option", { value: "" }, texts.allFloors),
    ...floors.map(({ key, label }) => h("option", { value: key }, label)),
  );
  return [
    ...(floors.length > 1 ? [choice] : []),
    button(texts.zoomIn, "+", () => act.zoom(ZOOM_STEP), zoom),
    button(texts.zoomOut, "−", () => act.zoom(1 / ZOOM_STEP), zoom),
    button(texts.whole, "⤢", () => act.whole(), zoom),
    list,
  ];
}
