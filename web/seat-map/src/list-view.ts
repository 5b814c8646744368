import { h, sheet } from "./dom.js";
import { LIST_STYLE } from "./list-style.js";
import { State } from "./paint.js";
import type { Plan } from "./plan.js";
import { type MapTexts, fill } from "./texts.js";

/** What the list needs of the map. */
export interface ListSource {
  plan(): Plan;
  texts(): MapTexts;
  stateOf(index: number): number;
  nameOf(index: number): string;
  pick(index: number): void;
}

/** Keeps the page light: a list of 20,000 seats would be as many elements. */
const PAGE = 120;

/** The same seats as the map, as a list of buttons. */
export class ListView {
  #section = 0;
  #onlyFree = true;
  #from = 0;
  readonly #items = h("ul");
  readonly #filters = h("div", { class: "filters" });
  readonly #pager = h("div", { class: "pager" });

  constructor(
    root: HTMLElement,
    readonly source: ListSource,
  ) {
    (root.getRootNode() as ShadowRoot).adoptedStyleSheets.push(sheet(LIST_STYLE));
    root.append(this.#filters, this.#items, this.#pager);
    this.reset();
  }

  /** After a change of the plan or the texts. */
  reset(): void {
    const plan = this.source.plan();
    const texts = this.source.texts();
    this.#section = this.#from = 0;
    const choice = h("select", {
      onchange: (event: Event) => {
        this.#section = (event.target as HTMLSelectElement).selectedIndex;
        this.#from = 0;
        this.update();
      },
    });
    choice.append(
      ...plan.sections.map(({ label, key }) => h("option", { value: key }, label || key)),
    );
    const free = h("input", {
      type: "checkbox",
      checked: this.#onlyFree,
      onchange: () => {
        this.#onlyFree = free.checked;
        this.#from = 0;
        this.update();
      },
    });
    const several = plan.sections.length > 1;
    this.#filters.replaceChildren(
      ...(several ? [h("label", {}, texts.sectionLabel, choice)] : []),
      h("label", {}, free, texts.onlyFree),
    );
  }

  /** After a change of states. Keeps the focus where it was. */
  update(): void {
    const { source } = this;
    const plan = source.plan();
    const texts = source.texts();
    const seats = (plan.sections[this.#section]?.seats ?? []).filter((index) => {
      const state = source.stateOf(index);
      return !this.#onlyFree || state === State.free || state >= State.selected;
    });
    this.#from = Math.min(this.#from, Math.max(0, Math.floor((seats.length - 1) / PAGE) * PAGE));
    const shown = seats.slice(this.#from, this.#from + PAGE);
    const root = this.#items.getRootNode() as ShadowRoot;
    const focused = (root.activeElement as HTMLElement | null)?.dataset.seat;
    this.#items.replaceChildren(...shown.map((index) => this.#item(index)));
    if (focused) this.#items.querySelector<HTMLElement>(`[data-seat="${focused}"]`)?.focus();
    if (shown.length === 0) this.#items.append(h("li", {}, texts.none));
    this.#pages(seats.length);
  }

  #item(index: number): HTMLElement {
    const state = this.source.stateOf(index);
    const open = state === State.free || state >= State.selected;
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          "data-seat": index,
          "aria-pressed": state >= State.selected,
          "aria-disabled": !open || undefined,
          onclick: () => open && this.source.pick(index),
        },
        this.source.nameOf(index),
      ),
    );
  }

  #pages(total: number): void {
    const texts = this.source.texts();
    this.#pager.replaceChildren();
    if (total <= PAGE) return;
    const go = (by: number, label: string, possible: boolean) =>
      h("button", { type: "button", disabled: !possible, onclick: () => this.#turn(by) }, label);
    const to = Math.min(total, this.#from + PAGE);
    this.#pager.append(
      go(-PAGE, texts.previous, this.#from > 0),
      h("span", {}, fill(texts.page, { from: this.#from + 1, to, total })),
      go(PAGE, texts.next, to < total),
    );
  }

  #turn(by: number): void {
    this.#from += by;
    this.update();
    this.#items.querySelector("button")?.focus();
  }
}
