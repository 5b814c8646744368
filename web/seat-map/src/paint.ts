import type { Shape } from "./layout.js";
import type { Plan, PlanSection, Spot } from "./plan.js";
import { type Theme, luminance } from "./theme.js";
import type { Transform } from "./view.js";

/** The states of the feed, and what only this page knows. */
export const State = { free: 0, held: 1, sold: 2, closed: 3, selected: 4, mine: 5 } as const;

export interface Picture {
  plan: Plan;
  theme: Theme;
  /** Plan to canvas, in CSS pixels. */
  at: Transform;
  width: number;
  height: number;
  /** The state of a seat by its index. */
  stateOf: (index: number) => number;
  /** Sections instead of seats. */
  overview: boolean;
  floor: string | undefined;
  captionOf: (section: PlanSection, free: number) => string[];
  /** Free seats by section, in the order of the plan's sections. */
  free: number[];
}

/** From this size in pixels on, a seat shows its number. */
const LABEL_PX = 17;
const ROW_LABEL_PX = 15;
const SEAT_SHARE = 0.8;
const ROUNDNESS = 0.28;

export function paint(context: CanvasRenderingContext2D, picture: Picture): void {
  context.clearRect(0, 0, picture.width, picture.height);
  paintShapes(context, picture, true);
  paintSections(context, picture);
  if (!picture.overview) paintSeats(context, picture);
  paintShapes(context, picture, false);
}

function paintShapes(context: CanvasRenderingContext2D, picture: Picture, walls: boolean): void {
  const { plan, theme } = picture;
  for (const shape of plan.shapes) {
    if ((shape.role === "wall") !== walls) continue;
    trace(context, shape, picture.at);
    const stage = ["stage", "screen"].includes(shape.role);
    context.fillStyle =
      stage && !theme.forced ? (theme.colors.line ?? "") : (theme.colors.section ?? "");
    context.strokeStyle = theme.colors.line ?? "";
    context.lineWidth = 1.25;
    if (shape.kind !== "text") {
      if (!walls) context.fill();
      context.stroke();
    }
    if (!walls) shapeLabel(context, shape, picture);
  }
}

function trace(context: CanvasRenderingContext2D, { kind, points }: Shape, at: Transform): void {
  const [[ax, ay] = [0, 0], [bx, by] = [0, 0]] = points.map(([x, y]) => [
    x * at.scale + at.x,
    y * at.scale + at.y,
  ]) as [number, number][];
  context.beginPath();
  if (kind === "rect") {
    const [left, top] = [Math.min(ax, bx), Math.min(ay, by)];
    context.roundRect(left, top, Math.abs(bx - ax), Math.abs(by - ay), 6);
  } else if (kind === "ellipse") {
    const [rx, ry] = [Math.abs(bx - ax) / 2, Math.abs(by - ay) / 2];
    context.ellipse((ax + bx) / 2, (ay + by) / 2, rx, ry, 0, 0, 2 * Math.PI);
  } else if (kind === "polygon") {
    for (const [x, y] of points) context.lineTo(x * at.scale + at.x, y * at.scale + at.y);
    context.closePath();
  }
}

function shapeLabel(context: CanvasRenderingContext2D, shape: Shape, picture: Picture): void {
  if (!shape.label) return;
  const { at, theme } = picture;
  const points = shape.kind === "text" ? shape.points.slice(0, 1) : shape.points;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  const width = (Math.max(...xs) - Math.min(...xs)) * at.scale;
  const height = (Math.max(...ys) - Math.min(...ys)) * at.scale;
  context.font = `500 12px ${theme.font}`;
  const length = context.measureText(shape.label).width;
  const upright = shape.kind !== "text" && length > width && height > width;
  if (shape.kind !== "text" && length > Math.max(width, height) + 8) return;
  context.save();
  context.translate(middle(xs) * at.scale + at.x, middle(ys) * at.scale + at.y);
  if (upright) context.rotate(-Math.PI / 2);
  text(context, shape.label, 0, 0, theme.colors.muted ?? "");
  context.restore();
}

function text(
  context: CanvasRenderingContext2D,
  words: string,
  x: number,
  y: number,
  color: string,
): void {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = color;
  context.fillText(words, x, y);
}

function paintSections(context: CanvasRenderingContext2D, picture: Picture): void {
  const { plan, theme, at } = picture;
  plan.sections.forEach((section, index) => {
    if (picture.floor && section.floor !== picture.floor) return;
    if (!picture.overview && plan.sections.length === 1) return;
    trace(context, { role: "section", kind: "polygon", points: section.outline }, at);
    const free = picture.free[index] ?? 0;
    context.fillStyle = theme.colors.section ?? "";
    context.fill();
    if (picture.overview && free > 0) {
      // The fuller a section, the paler it is; the number says it too.
      context.globalAlpha = theme.forced ? 0 : 0.12 + 0.4 * (free / section.seats.length);
      context.fillStyle = theme.colors.accent ?? "";
      context.fill();
      context.globalAlpha = 1;
    }
    context.strokeStyle = theme.colors.line ?? "";
    context.lineWidth = 1.25;
    context.stroke();
  });
  if (!picture.overview) return;
  // After all outlines: a neighbour's fill would cover them.
  plan.sections.forEach((section, index) => {
    if (picture.floor && section.floor !== picture.floor) return;
    caption(context, section, picture.free[index] ?? 0, picture);
  });
}

/** The section's name and, where there is room, its free seats. */
function caption(
  context: CanvasRenderingContext2D,
  section: PlanSection,
  free: number,
  picture: Picture,
): void {
  const { at, theme } = picture;
  const { left, right, top, bottom } = section.box;
  const x = ((left + right) / 2) * at.scale + at.x;
  const y = ((top + bottom) / 2) * at.scale + at.y;
  const width = (right - left) * at.scale;
  const height = (bottom - top) * at.scale;
  const lines = picture.captionOf(section, free);
  const shown = height > 34 ? lines : lines.slice(0, 1);
  shown.forEach((line, index) => {
    context.font = `${index === 0 ? 600 : 400} 12px ${theme.font}`;
    if (context.measureText(line).width > width * 0.8) return;
    text(context, line, x, y + (index - (shown.length - 1) / 2) * 15, theme.colors.text ?? "");
  });
}

function paintSeats(context: CanvasRenderingContext2D, picture: Picture): void {
  const { plan, at, width, height, floor } = picture;
  const size = plan.pitch * at.scale * SEAT_SHARE;
  const floorOf = new Map(plan.sections.map(({ key, floor: on }) => [key, on]));
  // One path for each look: thousands of fills would cost too much.
  const looks = new Map<string, Spot[]>();
  plan.spots.forEach((spot, index) => {
    const x = spot.x * at.scale + at.x;
    const y = spot.y * at.scale + at.y;
    if (x < -size || y < -size || x > width + size || y > height + size) return;
    if (floor && floorOf.get(spot.section) !== floor) return;
    const state = picture.stateOf(index);
    const look = `${state}:${state === State.free ? (spot.category ?? "") : ""}`;
    const alike = looks.get(look);
    if (alike) alike.push(spot);
    else looks.set(look, [spot]);
  });
  if (size >= ROW_LABEL_PX) rowLabels(context, picture, size);
  for (const [look, spots] of looks) {
    const [state = "", category = ""] = look.split(/:(.*)/s);
    paintLook(context, picture, spots, Number(state), category, size);
  }
}

/** The row's name at both ends of the row. */
function rowLabels(context: CanvasRenderingContext2D, picture: Picture, size: number): void {
  const { plan, at, theme, floor } = picture;
  context.font = `500 ${Math.min(13, size * 0.6)}px ${theme.font}`;
  for (const { seats, floor: on } of plan.sections) {
    if (floor && on !== floor) continue;
    for (const row of plan.rowsOf(seats)) {
      const [first, last] = [plan.spots[row[0]!]!, plan.spots[row.at(-1)!]!];
      // A label such as 1A names its row by itself.
      if (!first.row || first.label.startsWith(first.row)) continue;
      const apart = Math.max(size * 1.05, 16);
      const color = theme.colors.muted ?? "";
      text(context, first.row, first.x * at.scale + at.x - apart, first.y * at.scale + at.y, color);
      text(context, first.row, last.x * at.scale + at.x + apart, last.y * at.scale + at.y, color);
    }
  }
}

function paintLook(
  context: CanvasRenderingContext2D,
  picture: Picture,
  spots: Spot[],
  state: number,
  category: string,
  size: number,
): void {
  const { at, theme, plan } = picture;
  const { colors } = theme;
  const known = plan.categories.find(({ key }) => key === category)?.color ?? colors.muted ?? "";
  const color = theme.forced ? (colors.text ?? "") : known;
  const small = state === State.sold || state === State.closed;
  const side = small ? size * 0.5 : state >= State.selected ? size * 1.12 : size;
  const centers = spots.map((spot): [number, number] => [
    spot.x * at.scale + at.x,
    spot.y * at.scale + at.y,
  ]);
  context.beginPath();
  for (const [x, y] of centers) square(context, x, y, side);
  if (state === State.held) {
    stroke(context, colors.held, Math.max(1, size / 14));
    strokes(context, centers, side, false);
  } else if (small) {
    if (state === State.sold) {
      context.fillStyle = colors.sold ?? "";
      context.fill();
    } else stroke(context, colors.sold, 1);
  } else if (state === State.free && theme.forced) {
    stroke(context, color, Math.max(1, size / 14));
  } else {
    context.fillStyle = state === State.free ? shade(color, theme) : (colors.accent ?? "");
    context.fill();
  }
  if (state >= State.selected) return strokes(context, centers, side, true, colors["on-accent"]);
  if (state === State.free && size >= LABEL_PX)
    labels(context, spots, centers, size, picture, color);
}

function square(context: CanvasRenderingContext2D, x: number, y: number, side: number): void {
  const half = side / 2;
  if (side < 5) context.rect(x - half, y - half, side, side);
  else context.roundRect(x - half, y - half, side, side, side * ROUNDNESS);
}

function stroke(context: CanvasRenderingContext2D, color: string | undefined, width: number): void {
  context.strokeStyle = color ?? "";
  context.lineWidth = width;
  context.stroke();
}

/** A bar across a held seat, a tick in a selected one: a state is told by its form too. */
function strokes(
  context: CanvasRenderingContext2D,
  centers: [number, number][],
  side: number,
  tick: boolean,
  color?: string,
): void {
  const unit = side / 2;
  context.beginPath();
  for (const [x, y] of centers) {
    if (tick) {
      context.moveTo(x - unit * 0.45, y + unit * 0.05);
      context.lineTo(x - unit * 0.1, y + unit * 0.4);
      context.lineTo(x + unit * 0.5, y - unit * 0.35);
    } else {
      context.moveTo(x - unit * 0.5, y + unit * 0.5);
      context.lineTo(x + unit * 0.5, y - unit * 0.5);
    }
  }
  context.lineCap = context.lineJoin = "round";
  if (color) stroke(context, color, Math.max(1.25, side / 9));
  else context.stroke();
}

function labels(
  context: CanvasRenderingContext2D,
  spots: Spot[],
  centers: [number, number][],
  size: number,
  picture: Picture,
  color: string,
): void {
  const { theme, plan } = picture;
  const fill = theme.forced ? (theme.colors.surface ?? "") : shade(color, theme);
  const ink = theme.forced ? color : luminance(fill) > 0.28 ? "#111315" : "#ffffff";
  const mark = plan.categories.find(({ key }) => key === spots[0]?.category)?.mark;
  const withMark = mark !== undefined && size >= 34;
  context.font = `500 ${Math.min(15, size * 0.46)}px ${theme.font}`;
  spots.forEach((spot, index) => {
    const [x, y] = centers[index]!;
    const special = spot.flags.includes("wheelchair") ? "♿\uFE0E" : spot.label;
    text(context, special, x, withMark ? y - size * 0.12 : y + 0.5, ink);
  });
  if (!withMark) return;
  context.font = `${size * 0.24}px ${theme.font}`;
  for (const [x, y] of centers) text(context, mark, x, y + size * 0.27, ink);
}

/** Plans choose their colours for paper. In the dark they are lightened. */
export function shade(color: string, theme: Theme): string {
  if (!theme.dark || !/^#[0-9a-f]{6}$/i.test(color)) return color;
  const channels = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const lighter = channels.map((value) => Math.round(value + (255 - value) * 0.38));
  return `#${lighter.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
