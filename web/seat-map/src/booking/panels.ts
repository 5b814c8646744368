import { button, div, h, select } from "../dom.js";
import type { MapSeat } from "../plan.js";
import type { SeatMap } from "../seat-map.js";
import { fill } from "../texts.js";
import { inkOn } from "../theme.js";
import type { BookingTexts } from "./texts.js";

/** How many seats one hold may have. */
export const MOST_SEATS = 10;

export interface PanelContext {
  texts: BookingTexts;
  map: SeatMap;
  money(amount: number): string;
}

export interface ChooseActions {
  find(): unknown;
  remove(seat: MapSeat): unknown;
  proceed(): unknown;
  /** Why no seats can be taken. */
  refusal?: string | undefined;
  /** Present only while a hold is being changed. */
  back?: () => unknown;
}

/** What the buyer looks for. Kept while another panel is shown. */
export interface Wish {
  quantity: number;
  category: string;
  accessible: boolean;
}

export const title = (words: string) => h("h2", { tabindex: -1 }, words);

/** The choice of seats: legend and search while none is picked, then the seats and the total. */
export function choosePanel(
  context: PanelContext,
  wish: Wish,
  seats: MapSeat[],
  { find, remove, proceed, back, refusal }: ChooseActions,
): HTMLElement[] {
  const { texts } = context;
  const none = !seats.length;
  if (none && !back) {
    if (refusal) return [title(refusal), legend(context)];
    const hint = h("p", { class: "muted" }, texts.chooseHint);
    return [title(texts.choose), hint, finder(context, wish, find), legend(context)];
  }
  const sum = seats.reduce((before, { price }) => before + price, 0);
  const label = back ? texts.update : fill(texts.continueWith, { count: seats.length });
  const props = { class: "primary", "aria-disabled": none && "true" };
  return [
    title(texts.choose),
    seatList(context, seats, remove),
    div(
      "sum",
      total(context, sum),
      button(label, () => none || proceed(), props),
      back && button(texts.back, back, { class: "link" }),
    ),
  ];
}

function finder(
  { texts, map: { plan } }: PanelContext,
  wish: Wish,
  find: () => unknown,
): HTMLElement {
  const counts = Array.from({ length: MOST_SEATS }, (_, index) => ({ key: `${index + 1}` }));
  const count = select(texts.quantity, counts, (value) => (wish.quantity = +value));
  count.value = `${wish.quantity}`;
  const { categories } = plan;
  const options = [{ key: "", label: texts.anyCategory }, ...categories];
  const choice = select(texts.category, options, (key) => (wish.category = key));
  choice.value = wish.category;
  const accessible = h("input", {
    type: "checkbox",
    checked: wish.accessible,
    onchange: () => (wish.accessible = accessible.checked),
  });
  const hasPlaces = plan.spots.some(({ flags }) => flags.includes("wheelchair"));
  return h(
    "form",
    { onsubmit: (event: Event) => (event.preventDefault(), find()) },
    div("row", count, categories.length > 1 && choice),
    hasPlaces && h("label", { class: "row" }, accessible, texts.accessible),
    h("button", { class: "primary" }, texts.find),
  );
}

/** Categories with their prices, each with its mark. */
function legend({ map: { plan }, money }: PanelContext): HTMLElement {
  const rows = plan.categories.map(({ key, label, color, mark }) => {
    const prices = plan.spots
      .filter(({ category }) => category === key)
      .map(({ seat }) => seat.price);
    const range = [...new Set([Math.min(...prices), Math.max(...prices)])].map(money).join(" – ");
    const swatch = h("span", { class: "swatch", "aria-hidden": "true" }, mark);
    swatch.style.background = color!;
    swatch.style.color = inkOn(color!);
    return h("li", {}, swatch, label, h("span", { class: "price muted" }, range));
  });
  return h("ul", { class: "legend" }, ...rows);
}

function seatList(
  { texts, money, map }: PanelContext,
  seats: MapSeat[],
  remove?: (seat: MapSeat) => unknown,
): HTMLElement {
  const rows = seats.map((seat) => {
    const { name, category } = map.labelOf(seat);
    const label = fill(texts.remove, { seat: name });
    return h(
      "li",
      {},
      h("span", {}, name, category && h("small", {}, category)),
      h("span", { class: "price" }, money(seat.price)),
      remove && button("×", () => remove(seat), { class: "plain", "aria-label": label }),
    );
  });
  return h("ul", { class: "seats" }, ...rows);
}

function total({ texts, money }: PanelContext, sum: number): HTMLElement {
  return div("row", texts.total, h("b", { class: "price" }, money(sum)));
}

export interface HeldActions {
  pay(): unknown;
  change(): unknown;
  giveBack(): unknown;
}

/** The hold: its clock, its seats, and the buttons to pay, change it or give it back. */
export function heldPanel(
  context: PanelContext,
  seats: MapSeat[],
  price: number,
  act: HeldActions,
) {
  const { texts, money } = context;
  const clock = h("span", { class: "clock", role: "timer" });
  const timer = div("", h("small", {}, texts.timeLeft), clock);
  const label = price === 0 ? texts.free : fill(texts.pay, { amount: money(price) });
  const nodes = [
    title(texts.heldTitle),
    timer,
    seatList(context, seats),
    div(
      "sum",
      button(label, act.pay, { class: "primary" }),
      div(
        "row",
        button(texts.change, act.change, { class: "link" }),
        button(texts.giveBack, act.giveBack, { class: "link" }),
      ),
    ),
  ];
  const tick = (seconds: number) => {
    clock.textContent = `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`;
    clock.classList.toggle("problem", seconds <= 30);
  };
  return { nodes, tick };
}

/** The booking that was made. */
export function donePanel(
  context: PanelContext,
  booking: { bookingId: string; amount: number },
  seats: MapSeat[],
  again: () => unknown,
): HTMLElement[] {
  const { texts } = context;
  return [
    title(texts.doneTitle),
    h("p", {}, h("small", {}, texts.bookingId), h("b", { class: "id" }, booking.bookingId)),
    seatList(context, seats),
    div(
      "sum",
      total(context, booking.amount),
      h("slot", { name: "done" }),
      button(texts.another, again),
    ),
  ];
}
