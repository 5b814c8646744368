import { type Spot, readable } from "./plan.js";
import { type MapTexts, fill, money } from "./texts.js";

/** The text of each `State`, by its number. */
const STATES = ["free", "held", "sold", "closed", "selected", "mine"] as const;

/** A seat's full name: section, row, number, category, price, flags and state. */
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
  // A label such as 1A already names its row.
  const parts = [severalSections && within?.label, label.startsWith(row) ? "" : row, label];
  return { name: parts.filter(Boolean).join(" "), category: kind?.label };
}
