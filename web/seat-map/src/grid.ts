import type { Place } from "./layout.js";
import type { MapSeat } from "./plan.js";

/** Distances of the grid that stands for a missing plan, in its own units. */
const PITCH = 100;
const SECTION_GAP = 2 * PITCH;
/** Seats whose number says nothing of a row stand in rows of this length. */
const ROW_LENGTH = 20;

/** What a seat's own fields and, failing them, its number say: `Stalls-C-12`, `C12`, `1A`, `7`. */
function addressed(seat: MapSeat): Place {
  const { seatNumber: number, category, flags = [] } = seat;
  const tokens = number.match(/\p{N}+|[^\p{N}\s\-_./:]+/gu) ?? [];
  const last = tokens.length > 1 ? tokens.pop() : undefined;
  const rowToken = last && tokens.pop();
  const row = seat.row ?? rowToken ?? "";
  const section = seat.section ?? (last ? tokens.join(" ") : "");
  return { number, label: seat.label ?? last ?? number, x: 0, y: 0, section, row, category, flags };
}

/** Rows below each other, sections too; numbers and letters say the column. */
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
  // Numbers, or letters of the alphabet.
  const columns = places.map(({ label }) => (/^\d/.test(label) ? +label : parseInt(label, 36) - 9));
  const different = new Set(columns).size === places.length;
  // Numbers such as 1041 and 2093 are no columns.
  const usable = row && different && Math.max(...columns) <= 4 * places.length + 8;
  places.forEach((place, index) => {
    place.x = (usable ? columns[index]! : index % ROW_LENGTH) * PITCH;
    place.y = top + (usable ? 0 : Math.floor(index / ROW_LENGTH) * PITCH);
  });
  return top + PITCH * (usable ? 1 : Math.ceil(places.length / ROW_LENGTH));
}
