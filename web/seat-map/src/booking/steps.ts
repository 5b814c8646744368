import { h } from "../dom.js";
import type { MapSeat } from "../plan.js";
import { fill } from "../texts.js";
import { type PanelContext, seatList } from "./panels.js";

export interface HeldActions {
  pay(): unknown;
  change(): unknown;
  giveBack(): unknown;
}

export interface HeldView {
  nodes: HTMLElement[];
  tick(seconds: number): void;
}

/** The hold: its clock, its seats, and the way to pay. */
export function heldPanel(
  context: PanelContext,
  seats: MapSeat[],
  price: number,
  whole: number,
  act: HeldActions,
): HeldView {
  const { texts, money } = context;
  const clock = h("span", { class: "clock", role: "timer" });
  const bar = h("div", { class: "bar" });
  const timer = h(
    "div",
    { class: "timer" },
    h("span", { class: "muted" }, texts.timeLeft),
    clock,
    h("div", { class: "track" }, bar),
  );
  const label = price === 0 ? texts.free : fill(texts.pay, { amount: money(price) });
  return {
    nodes: [
      h("h2", { tabindex: -1 }, texts.heldTitle),
      timer,
      seatList(context, seats),
      h(
        "div",
        { class: "sum near" },
        h("button", { type: "button", class: "primary", onclick: act.pay }, label),
        h(
          "div",
          { class: "choices" },
          h("button", { type: "button", class: "link", onclick: act.change }, texts.change),
          h("button", { type: "button", class: "link", onclick: act.giveBack }, texts.giveBack),
        ),
      ),
    ],
    tick(seconds) {
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      bar.style.transform = `scaleX(${Math.min(1, seconds / whole)})`;
      timer.classList.toggle("late", seconds <= 30);
    },
  };
}

/** The booking that was made. */
export function donePanel(
  context: PanelContext,
  booking: { bookingId: string; amount: number },
  seats: MapSeat[],
  again: () => void,
): HTMLElement[] {
  const { texts, money } = context;
  return [
    h("h2", { tabindex: -1 }, texts.doneTitle),
    h(
      "div",
      { class: "ticket" },
      h(
        "div",
        {},
        h("span", { class: "muted" }, texts.bookingId),
        h("br"),
        h("code", {}, booking.bookingId),
      ),
      h("div", {}, seatList(context, seats)),
      h("div", { class: "total" }, h("span", {}, texts.total), h("b", {}, money(booking.amount))),
    ),
    h(
      "div",
      { class: "sum" },
      h("slot", { name: "done" }),
      h("button", { type: "button", onclick: again }, texts.another),
    ),
  ];
}
