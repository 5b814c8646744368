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

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface PlanSection {
  key: string;
  label: string;
  floor: string | undefined;
  outline: Point[];
  box: Box;
  seats: number[];
}

/** A seat on the plan: what is drawn and read out. */
export interface Spot extends Place {
  seat: MapSeat;
}

export type Direction = "left" | "right" | "up" | "down";

/** Colours and marks for categories without their own. They differ in lightness too. */
const PALETTE: [string, string][] = [
  ["#8a5a00", "★"],
  ["#2f6690", "●"],
  ["#3f7d58", "■"],
  ["#7d4e8a", "▲"],
  ["#9c4a3c", "◆"],
  ["#53616e", "▼"],
];
const MARGIN = 0.7;

/** The geometry of a map: where seats and sections are, and which seat is near a point. */
export class Plan {
  readonly spots: Spot[];
  readonly sections: PlanSection[];
  readonly categories: Category[];
  readonly shapes: Shape[];
  readonly floors: { key: string; label: string }[];
  readonly box: Box;
  /** The distance between neighbours: a seat may be as large as this. */
  readonly pitch: number;
  readonly focus: Point;
  readonly #cells = new Map<string, number[]>();

  constructor(seats: readonly MapSeat[], layout?: Layout) {
    this.spots = spotsOf(seats, layout);
    this.shapes = layout?.shapes ?? [];
    this.floors = layout?.floors ?? [];
    this.pitch = pitchOf(this.spots);
    this.sections = sectionsOf(this.spots, layout, this.pitch);
    this.categories = categoriesOf(this.spots, layout);
    const corners = this.shapes.flatMap(({ points }) => points);
    const boxes = this.sections.map(({ box }) => box);
    this.box = boxes.length > 0 ? union(boxes, corners) : { left: 0, top: 0, right: 1, bottom: 1 };
    const { focalPoint } = layout ?? {};
    const middle = (this.box.left + this.box.right) / 2;
    this.focus = focalPoint ? [focalPoint.x, focalPoint.y] : [middle, this.box.top];
    this.spots.forEach((spot, index) => {
      const cell = this.#cell(spot.x, spot.y);
      const known = this.#cells.get(cell);
      if (known) known.push(index);
      else this.#cells.set(cell, [index]);
    });
  }

  /** The seat under a point, or none. */
  at(x: number, y: number): number | undefined {
    let nearest: number | undefined;
    let least = this.pitch / 2;
    for (let column = -1; column <= 1; column++) {
      for (let line = -1; line <= 1; line++) {
        const cell = this.#cell(x + column * this.pitch, y + line * this.pitch);
        for (const index of this.#cells.get(cell) ?? []) {
          const spot = this.spots[index]!;
          const distance = Math.max(Math.abs(spot.x - x), Math.abs(spot.y - y));
          if (distance <= least) [nearest, least] = [index, distance];
        }
      }
    }
    return nearest;
  }

  sectionAt(x: number, y: number): PlanSection | undefined {
    return this.sections.find(({ outline }) => contains(outline, x, y));
  }

  /** The next seat in a direction: along the row, else straight on before aside. */
  next(from: number, direction: Direction): number {
    if (direction === "left" || direction === "right") {
      const row = this.rowOf(from);
      const neighbour = row[row.indexOf(from) + (direction === "left" ? -1 : 1)];
      if (neighbour !== undefined) return neighbour;
    }
    return nextPoint(this.spots, from, direction, this.pitch);
  }

  nextSection(from: number, direction: Direction): number {
    const middles = this.sections.map(({ box }) => ({
      x: (box.left + box.right) / 2,
      y: (box.top + box.bottom) / 2,
    }));
    return nextPoint(middles, from, direction, this.pitch);
  }

  /** All sections of a floor, or nothing if it has none. */
  boxOfFloor(floor: string): Box | undefined {
    const boxes = this.sections.filter((section) => section.floor === floor);
    return boxes.length > 0
      ? union(
          boxes.map(({ box }) => box),
          [],
        )
      : undefined;
  }

  /** The seats of a row from left to right. */
  rowOf(index: number): number[] {
    const { section } = this.spots[index]!;
    const inSection = this.sections.find(({ key }) => key === section)?.seats ?? [];
    return this.rowsOf(inSection).find((row) => row.includes(index)) ?? [];
  }

  /** Seats of one section as rows, each from left to right. */
  rowsOf(seats: number[]): number[][] {
    const rows = new Map<string, number[]>();
    for (const index of seats) {
      const { row } = this.spots[index]!;
      const known = rows.get(row);
      if (known) known.push(index);
      else rows.set(row, [index]);
    }
    const x = (index: number) => this.spots[index]!.x;
    return [...rows.values()].map((row) => row.sort((a, b) => x(a) - x(b)));
  }

  #cell(x: number, y: number): string {
    return `${Math.floor(x / this.pitch)},${Math.floor(y / this.pitch)}`;
  }
}

/** The nearest point in a direction, or the same one at the end. */
function nextPoint(
  points: readonly { x: number; y: number }[],
  from: number,
  direction: Direction,
  pitch: number,
): number {
  const start = points[from]!;
  const [ux, uy] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[direction] as Point;
  let nearest = from;
  let least = Infinity;
  points.forEach(({ x, y }, index) => {
    const along = (x - start.x) * ux + (y - start.y) * uy;
    const aside = Math.abs((x - start.x) * uy) + Math.abs((y - start.y) * ux);
    if (along <= pitch / 4 || aside > along * 3) return;
    const cost = along + 2 * aside;
    if (cost < least) [nearest, least] = [index, cost];
  });
  return nearest;
}

/** Numbers of a plan and of a seat list may differ in case and separators only: A-1 and A1. */
function comparable(number: string): string {
  return number.replace(/[\s\-_.]/g, "").toUpperCase();
}

function spotsOf(seats: readonly MapSeat[], layout?: Layout): Spot[] {
  const places = new Map<string, Place>();
  for (const place of layout ? placesOf(layout) : []) {
    places.set(comparable(place.number), place);
    places.set(place.number, place);
  }
  const find = ({ seatNumber }: MapSeat) =>
    places.get(seatNumber) ?? places.get(comparable(seatNumber));
  const others = seats.filter((seat) => !find(seat));
  const grid = gridPlaces(others);
  // What the plan does not know stands below it.
  const below = layout && others.length < seats.length ? layout.size.height : 0;
  const scale = layout && below ? layout.size.width / 4000 : 1;
  let next = 0;
  return seats.map((seat) => {
    const known = find(seat);
    const place = known ?? grid[next++]!;
    const spot = { ...place, seat, category: seat.category ?? place.category };
    if (!known) Object.assign(spot, { x: place.x * scale, y: below + (place.y + 200) * scale });
    if (seat.flags) spot.flags = seat.flags;
    return spot;
  });
}

/** A distance that few neighbours in a row are below. */
function pitchOf(spots: Spot[]): number {
  const distances: number[] = [];
  for (let index = 1; index < spots.length; index++) {
    const [a, b] = [spots[index - 1]!, spots[index]!];
    if (a.row === b.row && a.section === b.section)
      distances.push(Math.hypot(a.x - b.x, a.y - b.y));
  }
  distances.sort((a, b) => a - b);
  return distances[Math.floor(distances.length / 10)] || 100;
}

function sectionsOf(spots: Spot[], layout: Layout | undefined, pitch: number): PlanSection[] {
  const seats = new Map<string, number[]>();
  spots.forEach(({ section }, index) => {
    const known = seats.get(section);
    if (known) known.push(index);
    else seats.set(section, [index]);
  });
  return [...seats].map(([key, indices]) => {
    const drawn = layout?.sections.find((section) => section.key === key);
    const points = indices.map((index): Point => [spots[index]!.x, spots[index]!.y]);
    const box = union([], [...points, ...(drawn?.outline ?? [])], pitch * MARGIN);
    const { left, top, right, bottom } = box;
    const rectangle: Point[] = [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
    ];
    const outline = drawn?.outline ?? rectangle;
    return { key, label: drawn?.label ?? key, floor: drawn?.floor, outline, box, seats: indices };
  });
}

/** Those of the plan, and those that only the seats know, the dearest first. */
function categoriesOf(spots: Spot[], layout?: Layout): Category[] {
  const prices = new Map<string, number>();
  for (const { category, seat } of spots) {
    if (category !== undefined)
      prices.set(category, Math.max(prices.get(category) ?? 0, seat.price));
  }
  const drawn = (layout?.categories ?? []).filter(({ key }) => prices.has(key));
  for (const { key } of drawn) prices.delete(key);
  const others = [...prices].sort(([, a], [, b]) => b - a);
  return [...drawn, ...others.map(([key]) => ({ key, label: readable(key) }))].map(
    (category, index) => {
      const [color, mark] = PALETTE[index % PALETTE.length]!;
      return { color, mark, ...category };
    },
  );
}

/** EXTRA_LEGROOM becomes Extra legroom. */
function readable(key: string): string {
  if (!/^[A-Z0-9_]{4,}$/.test(key)) return key;
  return key.charAt(0) + key.slice(1).toLowerCase().replaceAll("_", " ");
}

function union(boxes: Box[], points: Point[], margin = 0): Box {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), -Infinity);
  return {
    left: least([...boxes.map(({ left }) => left), ...xs]) - margin,
    top: least([...boxes.map(({ top }) => top), ...ys]) - margin,
    right: most([...boxes.map(({ right }) => right), ...xs]) + margin,
    bottom: most([...boxes.map(({ bottom }) => bottom), ...ys]) + margin,
  };
}

function contains(outline: Point[], x: number, y: number): boolean {
  let inside = false;
  outline.forEach(([ax, ay], index) => {
    const [bx, by] = outline[(index || outline.length) - 1]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}
