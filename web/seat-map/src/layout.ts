/** A point of the plan: x grows to the right, y downwards. */
export type Point = [number, number];

export interface Category {
  key: string;
  label: string;
  color?: string;
  /** A symbol, so that a category is not told by its colour alone. */
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

/** Where a seat is, and what the plan says of it. */
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
  const withRow = (label: string) =>
    sections.filter(({ rows }) => rows.some((row) => row.label === label)).length;
  const counts = new Map<string, number>();
  return sections.flatMap(({ key: section, floor, rows }) =>
    rows.flatMap(({ label: row, category = only, seats, run }) => {
      if (!counts.has(row)) counts.set(row, withRow(row));
      // Only if several sections have such a row, a run's numbers name the section.
      const prefix = counts.get(row)! > 1 ? `${section}-${row}-` : `${row}-`;
      return (run ? runSeats(run, prefix) : (seats ?? [])).map((seat) => {
        const { number, label = number.split("-").at(-1)!, x, y, flags = [] } = seat;
        const own = seat.category ?? category;
        return { number, label, x, y, section, row, floor, category: own, flags };
      });
    }),
  );
}

function runSeats(run: Run, prefix: string): LayoutSeat[] {
  const { count, dx, dy, bend = 0, step = 1, gaps } = run;
  const length = Math.hypot(dx, dy) || 1;
  const taken = Array.from({ length: count }, (_, place) => place).filter(
    (place) => !gaps?.includes(place),
  );
  return taken.map((place, seat) => {
    const t = count > 1 ? place / (count - 1) : 0;
    const lift = (4 * bend * t * (1 - t)) / length;
    return {
      number: `${prefix}${run.first + seat * step}`,
      x: Math.floor(run.x + place * dx - dy * lift + 0.5),
      y: Math.floor(run.y + place * dy + dx * lift + 0.5),
    };
  });
}
