import { button, h, select } from "./dom.js";
import { State, isOpen } from "./paint.js";
import type { Plan, Spot } from "./plan.js";
import type { MapTexts } from "./texts.js";

/** What the list needs from the map. */
export interface ListSource {
  stateOf(spot: Spot): number;
  nameOf(spot: Spot): string;
  pick(spot: Spot): void;
}

/** How many seats are listed at once: 20,000 elements would make the page slow. */
const PART = 120;

/** The same seats as the map, as a list of buttons. */
export class ListView {
  #parts: Spot[][] = [];
  #part = 0;
  #none = "";
  readonly #choice = h("p");
  readonly #items = h("ul");

  constructor(
    root: HTMLElement,
    private readonly source: ListSource,
  ) {
    root.append(this.#choice, this.#items);
  }

  /** Call after a change of the plan or the texts. */
  reset({ sections }: Plan, texts: MapTexts): void {
    this.#part = 0;
    this.#none = texts.none;
    const options: string[][] = [];
    this.#parts = sections.flatMap(({ spots, label }) =>
      spots.flatMap((spot, from) => {
        if (from % PART) return [];
        options.push([`${options.length}`, `${label} ${spot.row} ${spot.label} …`]);
        return [spots.slice(from, from + PART)];
      }),
    );
    const turn = (part: string) => {
      this.#part = Number(part);
      this.update();
    };
    this.#choice.replaceChildren(select(texts.sectionLabel, options, turn));
  }

  /** Call after a change of states. Keeps the focus on its seat. */
  update(): void {
    const { source } = this;
    const root = this.#items.getRootNode() as ShadowRoot;
    const focused = root.activeElement?.id ?? "";
    const items = (this.#parts[this.#part] ?? []).map((spot) => {
      const state = source.stateOf(spot);
      const closed = !isOpen(state);
      const item = button(source.nameOf(spot), () => closed || source.pick(spot), {
        id: `s${spot.index}`,
        "aria-pressed": `${state >= State.selected}`,
        "aria-disabled": closed && "true",
      });
      return h("li", {}, item);
    });
    this.#items.replaceChildren(...(items.length ? items : [this.#none]));
    root.getElementById(focused)?.focus();
  }
}
