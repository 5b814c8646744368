import { State } from "./paint.js";
import type { MapSeat, Plan, PlanSection } from "./plan.js";
import { type MapTexts, fill, money } from "./texts.js";

/** All that can be said of a seat: place, category, price, what is special, state. */
export function seatName(
  plan: Plan,
  index: number,
  state: number,
  texts: MapTexts,
  currency: string,
  locale: string,
): string {
  const { section, row, label, category, seat, flags } = plan.spots[index]!;
  const states = [texts.free, texts.held, texts.sold, texts.closed, texts.selected, texts.mine];
  return [
    plan.sections.find(({ key }) => key === section)?.label,
    row && fill(texts.row, { row }),
    fill(texts.seat, { seat: label }),
    plan.categories.find(({ key }) => key === category)?.label,
    currency && money(seat.price, currency, locale || undefined),
    ...flags.map((flag) => texts[flag as keyof MapTexts] ?? flag),
    states[state] ?? states[State.closed],
  ]
    .filter(Boolean)
    .join(", ");
}

/** What stands on a ticket. */
export function ticketLabel(plan: Plan, seat: MapSeat) {
  const spot = plan.spots.find((each) => each.seat.seatId === seat.seatId);
  if (!spot) return { name: seat.seatNumber, category: undefined };
  const section = plan.sections.find(({ key }) => key === spot.section)?.label;
  // A label such as 1A names its row by itself.
  const row = spot.label.startsWith(spot.row) ? "" : spot.row;
  const parts = [plan.sections.length > 1 && section, row, spot.label];
  const category = plan.categories.find(({ key }) => key === spot.category)?.label;
  return { name: parts.filter(Boolean).join(" "), category };
}

export function sectionName({ label }: PlanSection, count: number, texts: MapTexts): string {
  return fill(count > 0 ? texts.section : texts.full, { section: label, count });
}
