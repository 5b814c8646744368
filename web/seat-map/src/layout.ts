/** A point of the plan: x grows to the right, y downwards. */
export type Point = [number, number];

export interface Category {
  key: string;
  label: string;
  color?: string;
  /** A symbol, so that categories differ not only by colour. */
  mark?: string;
}

interface LayoutSeat {
  number: string;
  label?: string;
  x: number;
  y: number;
  category?: string;
  flags?: string[];
}

/** A row of seats at equal distances. */
export interface Run {
  first: number;
  count: number;
  step?: number;
  x: number;
  y: number;
  dx: number;
  dy: number;
  bend?: number;
  gaps?: number[];
}

interface LayoutRow {
  label: string;
  category?: string;
  seats?: LayoutSeat[];
  run?: Run;
}

export interface LayoutSection {
  key: string;
  label?: string;
  floor?: string;
  outline?: Point[];
  entrance?: string;
  rows: LayoutRow[];
}

export interface Shape {
  role: string;
  kind: "rect" | "ellipse" | "polygon" | "text";
  points: Point[];
  label?: string;
}

/** A venue's seating plan, as the API stores it. */
export interface Layout {
  name?: string;
  size: { width: number; height: number };
  focalPoint?: { x: number; y: number };
  categories?: Category[];
  floors?: { key: string; label: string }[];
  sections: LayoutSection[];
  shapes?: Shape[];
}

/** A seat's position, and what the plan says about it. */
export interface Place {
  number: string;
  label: string;
  x: number;
  y: number;
  section: string;
  row: string;
  floor?: string | undefined;
  category?: string | undefined;
  flags: string[];
}

/** Every seat of a layout. */
export function placesOf({ categories, sections }: Layout): Place[] {
  const only = categories?.length === 1 ? categories[0]?.key : undefined;
  const labels = sections.flatMap(({ rows }) => [...new Set(rows.map(({ label }) => label))]);
  return sections.flatMap(({ key: section, floor, rows }) =>
    rows.flatMap(({ label: row, category = only, seats, run }) => {
      // A run's seat numbers name the section only if several sections have a row of this label.
      const isShared = labels.indexOf(row) < labels.lastIndexOf(row);
      const drawn = run ? runSeats(run, isShared ? `${section}-${row}-` : `${row}-`) : seats;
      return (drawn ?? []).map((seat) => ({
        label: seat.number.split("-").at(-1)!,
        category,
        flags: [],
        ...seat,
        section,
        row,
        floor,
      }));
    }),
  );
}

function runSeats(run: Run, prefix: string): LayoutSeat[] {
  const { count, dx, dy, bend = 0, step = 1, gaps } = run;
  const taken = [...Array(count).keys()].filter((place) => !gaps?.includes(place));
  return taken.map((place, seat) => {
    const t = place / (count - 1 || 1);
    const lift = (4 * bend * t * (1 - t)) / (Math.hypot(dx, dy) || 1);
    return {
      number: prefix + (run.first + seat * step),
      x: Math.round(run.x + place * dx - dy * lift),
      y: Math.round(run.y + place * dy + dx * lift),
    };
  });
}
