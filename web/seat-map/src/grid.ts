import type { Place } from "./layout.js";
import type { MapSeat } from "./plan.js";

/** Distances of the grid that stands for a missing plan, in its own units. */
const PITCH = 100;
const SECTION_GAP = 2 * PITCH;
/** Seats whose number says nothing of a row stand in rows of this length. */
const ROW_LENGTH = 20;

/** What a seat's own fields and, failing them, its number say: `Stalls-C-12`, `C12`, `1A`, `7`. */
function address(seat: MapSeat) {
  const tokens = seat.seatNumber.match(/\p{N}+|[^\p{N}\s\-_./:]+/gu) ?? [];
  const last = tokens.length > 1 ? tokens.pop() : undefined;
  const rowToken = last === undefined ? "" : tokens.pop();
  const row = seat.row ?? rowToken;
  return {
    section: seat.section ?? (last === undefined ? "" : tokens.join(" ")),
    row: row ?? "",
    label: seat.label ?? last ?? seat.seatNumber,
  };
}

/** Rows below each other, sections too; numbers and letters say the column. */
export function gridPlaces(seats: readonly MapSeat[]): Place[] {
  const sections = new Map<string, Map<string, Place[]>>();
  const places = seats.map((seat) => {
    const { section, row, label } = address(seat);
    const rows = sections.get(section) ?? new Map<string, Place[]>();
    sections.set(section, rows);
    const inRow = rows.get(row) ?? [];
    rows.set(row, inRow);
    const { seatNumber: number, category, flags = [] } = seat;
    const place = { number, label, x: 0, y: 0, section, row, category, flags };
    inRow.push(place);
    return place;
  });
  let y = 0;
  for (const rows of sections.values()) {
    for (const [row, inRow] of rows) y = placeRow(row, inRow, y);
    y += SECTION_GAP;
  }
  return places;
}

function placeRow(row: string, places: Place[], top: number): number {
  const columns = places.map(({ label }) => column(label));
  const known = columns.filter((value) => value !== undefined);
  const width = Math.max(0, ...known) - Math.min(0, ...known);
  // Numbers such as 1041 and 2093 are no columns.
  const usable =
    row !== "" && new Set(known).size === places.length && width <= 4 * places.length + 8;
  places.forEach((place, index) => {
    const at = usable ? (columns[index] ?? index) : index % ROW_LENGTH;
    place.x = at * PITCH;
    place.y = top + (usable ? 0 : Math.floor(index / ROW_LENGTH) * PITCH);
  });
  return top + PITCH * (usable ? 1 : Math.ceil(places.length / ROW_LENGTH));
}

function column(label: string): number | undefined {
  if (/^\d{1,4}$/.test(label)) return Number(label);
  if (/^[A-Za-z]$/.test(label)) return label.toUpperCase().charCodeAt(0) - 64;
  return undefined;
}
