import { gridPlaces } from "./grid.js";
import {
  type Category,
  type Layout,
  type Place,
  type Point,
  type Shape,
  placesOf,
} from "./layout.js";

/** A seat as the API lists it. */
export interface MapSeat {
  seatId: string;
  seatNumber: string;
  price: number;
  label?: string;
  section?: string;
  row?: string;
  category?: string;
  flags?: string[];
}

/** A rectangle: its middle and its size. */
export interface Box {
  x: number;
  y: number;
  wide: number;
  high: number;
}

export interface PlanSection {
  key: string;
  label: string;
  floor: string | undefined;
  outline: Point[];
  box: Box;
  spots: Spot[];
}

/** A seat on the plan: what is drawn and read out. */
export interface Spot extends Place {
  seat: MapSeat;
  /** Its index in the lists of seats and of states. */
  index: number;
  within?: PlanSection;
  kind?: Category | undefined;
}

/** Marks for categories that have none. */
const MARKS = "★●■▲◆▼";
const MARGIN = 0.7;
const NO_PLAN = { width: 4000, height: 0 };

/** The geometry of a map: where seats and sections are, and which seat is near a point. */
export class Plan {
  readonly spots: Spot[];
  readonly sections: PlanSection[];
  readonly rows: Spot[][];
  readonly categories: Category[];
  readonly shapes: Shape[];
  readonly floors: { key: string; label: string }[];
  readonly box: Box;
  /** The distance between neighbours in a row: a seat cannot be larger. */
  readonly pitch: number;
  /** The floor that is shown; empty for all floors. */
  floor = "";

  constructor(seats: readonly MapSeat[], layout?: Layout) {
    this.spots = spotsOf(seats, layout);
    this.shapes = layout?.shapes ?? [];
    this.floors = layout?.floors ?? [];
    const rows = Map.groupBy(this.spots, ({ section, row }) => `${section}\n${row}`);
    this.rows = [...rows.values()].map((row) => row.sort((a, b) => a.x - b.x));
    this.pitch = pitchOf(this.rows);
    this.sections = sectionsOf(this.spots, layout, this.pitch);
    this.categories = categoriesOf(this.spots, layout);
    this.box = boxOf([
      ...this.sections.flatMap(({ box }) => corners(box)),
      ...this.shapes.flatMap(({ points }) => points),
    ]);
  }

  /** Those of the seats or sections that are shown. */
  shown<T extends { floor?: string | undefined }>(all: T[]): T[] {
    return this.floor ? all.filter(({ floor }) => floor === this.floor) : all;
  }

  /** The seat that is nearest to a point, if it is within reach. */
  at({ x, y }: { x: number; y: number }, reach: number): Spot | undefined {
    let nearest: Spot | undefined;
    for (const spot of this.shown(this.spots)) {
      const distance = Math.max(Math.abs(spot.x - x), Math.abs(spot.y - y));
      if (distance <= reach) [nearest, reach] = [spot, distance];
    }
    return nearest;
  }

  /** The next seat in a direction, or `from` if there is none. */
  next(from: Spot, [ux, uy]: Point): Spot {
    let found = from;
    let least = Infinity;
    for (const spot of this.shown(this.spots)) {
      const [dx, dy] = [spot.x - from.x, spot.y - from.y];
      const along = dx * ux + dy * uy;
      const aside = Math.abs(dx * uy + dy * ux);
      const cost = along + 2 * aside;
      if (along > this.pitch / 4 && aside <= along * 3 && cost < least)
        [found, least] = [spot, cost];
    }
    return found;
  }
}

function spotsOf(seats: readonly MapSeat[], layout?: Layout): Spot[] {
  const places = new Map<string, Place>();
  for (const place of layout ? placesOf(layout) : []) places.set(place.number, place);
  const others = seats.filter(({ seatNumber }) => !places.has(seatNumber));
  // Seats that the plan does not have are placed below it.
  const { width, height } = (others.length < seats.length && layout?.size) || NO_PLAN;
  const scale = width / NO_PLAN.width;
  for (const place of gridPlaces(others)) {
    const [x, y] = [place.x * scale, height + (place.y + 200) * scale];
    places.set(place.number, { ...place, x, y });
  }
  return seats.map((seat, index) => {
    const place = places.get(seat.seatNumber)!;
    const { category = place.category, flags = place.flags } = seat;
    return { ...place, seat, index, category, flags };
  });
}

/** The distance that only a tenth of the neighbours in a row are below. */
function pitchOf(rows: Spot[][]): number {
  const distances = rows.flatMap((row) =>
    row.slice(1).map((spot, index) => Math.hypot(spot.x - row[index]!.x, spot.y - row[index]!.y)),
  );
  return distances.sort((a, b) => a - b)[Math.floor(distances.length / 10)] || 100;
}

function sectionsOf(spots: Spot[], layout: Layout | undefined, pitch: number): PlanSection[] {
  return [...Map.groupBy(spots, ({ section }) => section)].map(([key, inside]) => {
    const drawn = layout?.sections.find((section) => section.key === key);
    const points = inside.map(({ x, y }): Point => [x, y]);
    const box = boxOf([...points, ...(drawn?.outline ?? [])], pitch * MARGIN);
    const { label = key, floor, outline = corners(box) } = drawn ?? {};
    const section = { key, label, floor, outline, box, spots: inside };
    for (const spot of inside) spot.within = section;
    return section;
  });
}

/** The plan's categories that have seats, and those that only seats name. */
function categoriesOf(spots: Spot[], layout?: Layout): Category[] {
  const alike = Map.groupBy(spots, ({ category }) => category);
  const drawn = layout?.categories ?? [];
  const keys = new Set([...drawn.map(({ key }) => key), ...alike.keys()]);
  return [...keys].flatMap((key, index) => {
    const inside = key !== undefined && alike.get(key);
    if (!inside) return [];
    // The default colours are far apart on the colour wheel, and differ in lightness.
    const color = `hsl(${40 + index * 165} 40% ${30 + (index % 3) * 6}%)`;
    const own = drawn.find((each) => each.key === key);
    const kind = { key, label: readable(key), color, mark: MARKS[index % 6]!, ...own };
    for (const spot of inside) spot.kind = kind;
    return [kind];
  });
}

/** `EXTRA_LEGROOM` becomes "Extra legroom", and `extraLegroom` "extra legroom". */
export function readable(key: string): string {
  if (/^[A-Z0-9_]{4,}$/.test(key)) return key[0] + key.slice(1).toLowerCase().replaceAll("_", " ");
  return key.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** The smallest box around points. */
export function boxOf(points: Point[], margin = 0): Box {
  const [x, wide] = span(points, 0, margin);
  const [y, high] = span(points, 1, margin);
  return { x, y, wide, high };
}

/** The middle and the length of the range that points cover on one axis. */
function span(points: Point[], axis: 0 | 1, margin: number): [number, number] {
  let least = Infinity;
  let most = -least;
  for (const point of points) {
    least = Math.min(least, point[axis] - margin);
    most = Math.max(most, point[axis] + margin);
  }
  return points.length ? [(least + most) / 2, most - least] : [0, 1];
}

export function corners({ x, y, wide, high }: Box): Point[] {
  return [-0.5, 0.5].flatMap((across): Point[] =>
    [across, -across].map((down) => [x + across * wide, y + down * high]),
  );
}
