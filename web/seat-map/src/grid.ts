import type { Place } from "./layout.js";
import type { MapSeat } from "./plan.js";

/** Distances of the grid that replaces a missing plan, in its own units. */
const PITCH = 100;
const SECTION_GAP = 2 * PITCH;
/** The length of rows of seats whose number does not name a row. */
const ROW_LENGTH = 20;

/**
 * A seat's section, row and label: from its own fields, or else from its number, such as
 * `Stalls-C-12`, `C12`, `1A` or `7`.
 */
function addressed(seat: MapSeat): Place {
  const { seatNumber: number, category, flags = [] } = seat;
  const tokens = number.match(/\p{N}+|[^\p{N}\s\-_./:]+/gu) ?? [];
  const last = tokens.length > 1 ? tokens.pop() : undefined;
  const rowToken = last && tokens.pop();
  const row = seat.row ?? rowToken ?? "";
  const section = seat.section ?? (last ? tokens.join(" ") : "");
  return { number, label: seat.label ?? last ?? number, x: 0, y: 0, section, row, category, flags };
}

/** Places rows and sections below each other. Numbers and letters give the column. */
export function gridPlaces(seats: readonly MapSeat[]): Place[] {
  const places = seats.map(addressed);
  let y = 0;
  for (const section of Map.groupBy(places, (place) => place.section).values()) {
    for (const [row, inRow] of Map.groupBy(section, (place) => place.row))
      y = placeRow(row, inRow, y);
    y += SECTION_GAP;
  }
  return places;
}

/** Returns where the next row begins. */
function placeRow(row: string, places: Place[], top: number): number {
  // A number, or a letter's place in the alphabet.
  const columns = places.map(({ label }) => (/^\d/.test(label) ? +label : parseInt(label, 36) - 9));
  const different = new Set(columns).size === places.length;
  // Numbers such as 1041 and 2093 cannot be columns.
  const usable = row && different && Math.max(...columns) <= 4 * places.length + 8;
  places.forEach((place, index) => {
    place.x = (usable ? columns[index]! : index % ROW_LENGTH) * PITCH;
    place.y = top + (usable ? 0 : Math.floor(index / ROW_LENGTH) * PITCH);
  });
  return top + PITCH * (usable ? 1 : Math.ceil(places.length / ROW_LENGTH));
}
