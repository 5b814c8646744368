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
  /** The seats that are listed, with their buttons. */
  readonly #buttons = new Map<Spot, HTMLButtonElement>();
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
    this.#buttons.clear();
    this.#parts = sections.flatMap(({ spots }) =>
      spots.flatMap((_, from) => (from % PART ? [] : [spots.slice(from, from + PART)])),
    );
    const options = this.#parts.map(([spot], part) => ({
      key: `${part}`,
      label: `${spot!.within!.label} ${spot!.row} ${spot!.label} …`,
    }));
    const turn = (part: string) => {
      this.#part = Number(part);
      this.#buttons.clear();
      this.update();
    };
    this.#choice.replaceChildren(
      options.length ? select(texts.sectionLabel, options, turn) : texts.none,
    );
  }

  /** Call after a change of states. Keeps the buttons, and so the focus. */
  update(): void {
    if (!this.#buttons.size) this.#list();
    for (const [spot, item] of this.#buttons) {
      const name = this.source.nameOf(spot);
      // Only what has changed: a screen reader repeats a button that has the focus.
      if (item.textContent === name) continue;
      const state = this.source.stateOf(spot);
      item.textContent = name;
      item.ariaPressed = `${state >= State.selected}`;
      item.ariaDisabled = `${!isOpen(state)}`;
    }
  }

  #list(): void {
    const items = (this.#parts[this.#part] ?? []).map((spot) => {
      const item = button("", () => this.source.pick(spot));
      this.#buttons.set(spot, item);
      return h("li", {}, item);
    });
    this.#items.replaceChildren(...items);
  }
}
