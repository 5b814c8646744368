import { h } from "../dom.js";
import type { MapSeat, Plan } from "../plan.js";
import { fill } from "../texts.js";
import { luminance } from "../theme.js";
import type { BookingTexts } from "./texts.js";

/** The most seats of one hold. */
export const MOST_SEATS = 10;

export interface PanelContext {
  texts: BookingTexts;
  plan: Plan;
  money(amount: number): string;
  /** As on a ticket. */
  labelOf(seat: MapSeat): { name: string; category: string | undefined };
}

export interface ChooseActions {
  find(quantity: number, category: string | undefined): void;
  remove(seat: MapSeat): void;
  proceed(): void;
  back?(): void;
}

/** What is remembered between two looks at the panel. */
export interface Wish {
  quantity: number;
  category: string;
}

/** The choice: legend and search while nothing is picked, then the seats and the total. */
export function choosePanel(
  context: PanelContext,
  wish: Wish,
  seats: MapSeat[],
  act: ChooseActions,
) {
  const { texts } = context;
  const none = seats.length === 0;
  const label = none ? texts.continue : fill(texts.continueWith, { count: seats.length });
  return [
    h("h2", { tabindex: -1 }, texts.choose),
    ...(none
      ? [h("p", { class: "muted" }, texts.chooseHint), finder(context, wish, act), legend(context)]
      : []),
    ...(none ? [] : [seatList(context, seats, act.remove)]),
    h(
      "div",
      { class: none ? "sum" : "sum near" },
      total(context, seats),
      h(
        "button",
        {
          type: "button",
          class: "primary",
          "aria-disabled": String(none),
          onclick: () => !none && act.proceed(),
        },
        act.back ? texts.update : label,
      ),
      act.back && h("button", { type: "button", class: "link", onclick: act.back }, texts.back),
    ),
  ];
}

function finder({ texts, plan }: PanelContext, wish: Wish, act: ChooseActions): HTMLElement {
  const count = h("output", { "aria-live": "polite" }, String(wish.quantity));
  const step = (by: number, label: string, sign: string) =>
    h(
      "button",
      {
        type: "button",
        "aria-label": label,
        onclick: () => {
          wish.quantity = Math.min(MOST_SEATS, Math.max(1, wish.quantity + by));
          count.textContent = String(wish.quantity);
        },
      },
      sign,
    );
  const categories = h(
    "select",
    { "aria-label": texts.category, onchange: () => (wish.category = categories.value) },
    h("option", { value: "" }, texts.anyCategory),
    ...plan.categories.map(({ key, label }) =>
      h("option", { value: key, selected: key === wish.category }, label),
    ),
  );
  return h(
    "div",
    { class: "contact" },
    h(
      "div",
      { class: "row" },
      h(
        "div",
        { class: "stepper", role: "group", "aria-label": texts.quantity },
        step(-1, texts.fewer, "−"),
        count,
        step(1, texts.more, "+"),
      ),
      plan.categories.length > 1 && categories,
    ),
    h(
      "button",
      { type: "button", onclick: () => act.find(wish.quantity, wish.category || undefined) },
      texts.find,
    ),
  );
}

/** Categories with their prices, each with its mark. */
function legend({ plan, money }: PanelContext): HTMLElement {
  const rows = plan.categories.map(({ key, label, color = "", mark = "" }) => {
    const prices = plan.spots
      .filter(({ category }) => category === key)
      .map(({ seat }) => seat.price);
    const [low, high] = [Math.min(...prices), Math.max(...prices)];
    const range = low === high ? money(low) : `${money(low)} – ${money(high)}`;
    const ink = luminance(color) > 0.28 ? "#111315" : "#ffffff";
    const swatch = h("span", { class: "swatch", "aria-hidden": "true" }, mark);
    swatch.style.background = color;
    swatch.style.color = ink;
    return h("li", {}, swatch, label, h("span", { class: "price muted" }, range));
  });
  return h("ul", { class: "legend" }, ...rows);
}

export function seatList(
  context: PanelContext,
  seats: MapSeat[],
  remove?: (seat: MapSeat) => void,
) {
  return h(
    "ul",
    { class: "seats" },
    ...seats.map((seat) => {
      const { name, category } = context.labelOf(seat);
      const label = fill(context.texts.remove, { seat: name });
      return h(
        "li",
        {},
        h("span", {}, name, category && h("small", {}, category)),
        h("span", { class: "price" }, context.money(seat.price)),
        remove &&
          h(
            "button",
            { type: "button", class: "remove", "aria-label": label, onclick: () => remove(seat) },
            "×",
          ),
      );
    }),
  );
}

function total({ texts, money }: PanelContext, seats: MapSeat[]): HTMLElement {
  const sum = seats.reduce((before, { price }) => before + price, 0);
  return h("div", { class: "total" }, h("span", {}, texts.total), h("b", {}, money(sum)));
}
