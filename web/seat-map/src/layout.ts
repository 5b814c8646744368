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
  category?: string | undefined;
  flags: string[];
}

/** Every seat of a layout. */
export function placesOf(layout: Layout): Place[] {
  const sectionsWithRow = countSections(layout);
  const only = layout.categories?.length === 1 ? layout.categories[0]?.key : undefined;
  return layout.sections.flatMap((section) =>
    section.rows.flatMap((row) => {
      const shared = { section: section.key, row: row.label };
      const category = row.category ?? only;
      if (row.run) {
        const prefix = (sectionsWithRow.get(row.label) ?? 0) > 1 ? `${section.key}-` : "";
        return runPlaces(row.run, `${prefix}${row.label}-`).map((place) => ({
          ...place,
          ...shared,
          category,
          flags: [],
        }));
      }
      return (row.seats ?? []).map((seat) => ({
        ...shared,
        category: seat.category ?? category,
        number: seat.number,
        label: seat.label ?? seat.number.split("-").at(-1) ?? seat.number,
        x: seat.x,
        y: seat.y,
        flags: seat.flags ?? [],
      }));
    }),
  );
}

/** How many sections have a row of a label: only if several do, a run's numbers name the section. */
function countSections(layout: Layout): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { rows } of layout.sections) {
    for (const label of new Set(rows.map((row) => row.label))) {
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
  }
  return counts;
}

function runPlaces(run: Run, prefix: string) {
  const { count, dx, dy, bend = 0, step = 1 } = run;
  const gaps = new Set(run.gaps);
  const length = Math.hypot(dx, dy) || 1;
  const places = [];
  for (let position = 0, seat = 0; position < count; position++) {
    if (gaps.has(position)) continue;
    const t = count > 1 ? position / (count - 1) : 0;
    const lift = 4 * bend * t * (1 - t);
    const label = String(run.first + seat++ * step);
    places.push({
      number: prefix + label,
      label,
      x: Math.floor(run.x + position * dx - (dy / length) * lift + 0.5),
      y: Math.floor(run.y + position * dy + (dx / length) * lift + 0.5),
    });
  }
  return places;
}
