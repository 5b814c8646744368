import { type Spot, readable } from "./plan.js";
import { type MapTexts, fill, money } from "./texts.js";

/** By the numbers of `State`. */
const STATES = ["free", "held", "sold", "closed", "selected", "mine"] as const;

/** All that can be said of a seat: place, category, price, what is special, state. */
export function seatName(
  { within, row, label, kind, seat, flags }: Spot,
  state: number,
  texts: MapTexts,
  currency: string,
  locale: string,
): string {
  return [
    within?.label,
    row && fill(texts.row, { row }),
    fill(texts.seat, { seat: label }),
    kind?.label,
    currency && money(seat.price, currency, locale),
    ...flags.map((flag) => texts[flag as keyof MapTexts] ?? readable(flag)),
    texts[STATES[state]!],
  ]
    .filter(Boolean)
    .join(", ");
}

export interface TicketLabel {
  name: string;
  category?: string | undefined;
}

/** The seat as a ticket names it. */
export function ticketLabel(
  { within, row, label, kind }: Spot,
  severalSections: boolean,
): TicketLabel {
  // A label such as 1A names its row by itself.
  const parts = [severalSections && within?.label, label.startsWith(row) ? "" : row, label];
  return { name: parts.filter(Boolean).join(" "), category: kind?.label };
}
