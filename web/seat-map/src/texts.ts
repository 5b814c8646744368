/** Everything that the seat map says. Replace any of it through `texts`. */
export const MAP_TEXTS = {
  map: "Seat map",
  help: "Arrow keys move, Space selects, plus and minus zoom.",
  row: "row {row}",
  seat: "seat {seat}",
  free: "available",
  selected: "selected",
  mine: "held for you",
  held: "held by somebody else",
  sold: "sold",
  closed: "not for sale",
  section: "{section}: {count} available",
  full: "{section}: sold out",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  whole: "Show the whole plan",
  asList: "Show as list",
  asMap: "Show as map",
  allFloors: "All floors",
  floor: "Floor",
  sectionLabel: "Seats",
  none: "There are no seats here.",
};

/** A seat's flag without a text is shown by its name: `extraLegroom` as "extra legroom". */
export type MapTexts = typeof MAP_TEXTS;

/** Puts values into a text: `fill("row {row}", { row: "C" })`. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** An amount in minor units, with the currency's own digits. */
export function money(amount: number, currency = "USD", locale?: string): string {
  const format = new Intl.NumberFormat(locale || undefined, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits!;
  return format.format(amount / 10 ** digits);
}
