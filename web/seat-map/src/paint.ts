import type { Point, Shape } from "./layout.js";
import { type Plan, type PlanSection, type Spot, boxOf } from "./plan.js";
import { type Theme, inkOn } from "./theme.js";
import type { Transform } from "./view.js";

/** The states of the feed, and two that only this page knows: `selected` and `mine`. */
export const State = { free: 0, held: 1, sold: 2, closed: 3, selected: 4, mine: 5 } as const;

/** Whether the user may pick a seat, or put it back. */
export const isOpen = (state: number) => state === State.free || state >= State.selected;

/** The plan to paint, and the states of its seats. */
export interface PaintSource {
  readonly plan: Plan;
  /** Sections instead of seats. */
  readonly overview: boolean;
  stateOf(spot: Spot): number;
  freeIn(section: PlanSection): number;
}

export interface Picture {
  context: CanvasRenderingContext2D;
  source: PaintSource;
  theme: Theme;
  /** Plan to canvas, in CSS pixels. */
  at: Transform;
  width: number;
  height: number;
}

/** From these sizes on, a seat shows its label, and its category's mark. */
const LABEL_PX = 17;
const MARK_PX = 34;
const SEAT_SHARE = 0.8;
const ROUNDNESS = 0.28;

export function paint(picture: Picture): void {
  const { context, source, width, height } = picture;
  const { plan, overview } = source;
  context.clearRect(0, 0, width, height);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineCap = "round";
  const sections = plan.shown(plan.sections);
  if (overview || plan.sections.length > 1)
    for (const section of sections) paintSection(picture, section);
  for (const shape of plan.shapes) paintShape(picture, shape);
  // Captions come after all outlines: a neighbour's fill would cover them.
  if (overview) for (const section of sections) caption(picture, section);
  else paintSeats(picture);
}

/** Converts a point of the plan to pixels of the canvas, or of the view. */
export function place({ at }: Pick<Picture, "at">, x: number, y: number): [number, number] {
  return [x * at.scale + at.x, y * at.scale + at.y];
}

function fill({ context }: Picture, color: string): void {
  context.fillStyle = color;
  context.fill();
}

function stroke({ context }: Picture, color: string, width = 1.25): void {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

function text(
  { context, theme }: Picture,
  words: string,
  [x, y]: [number, number],
  color: string,
  font: string,
  room?: number,
): void {
  context.font = `${font}px ${theme.font}`;
  context.fillStyle = color;
  context.fillText(words, x, y, room);
}

function trace(picture: Picture, { kind, points }: Pick<Shape, "kind" | "points">): void {
  const { context } = picture;
  const placed = points.map(([x, y]) => place(picture, x, y));
  const [[ax, ay], [bx, by]] = placed as [Point, Point];
  const [width, height] = [bx - ax, by - ay];
  context.beginPath();
  if (kind === "rect") context.roundRect(ax, ay, width, height, 6);
  else if (kind === "ellipse") {
    const [rx, ry] = [Math.abs(width) / 2, Math.abs(height) / 2];
    context.ellipse(ax + width / 2, ay + height / 2, rx, ry, 0, 0, 2 * Math.PI);
  } else {
    for (const [x, y] of placed) context.lineTo(x, y);
    context.closePath();
  }
}

function paintShape(picture: Picture, shape: Shape): void {
  const { context, theme, at } = picture;
  const { colors, forced } = theme;
  if (shape.kind !== "text") {
    const lit = /stage|screen/.test(shape.role) && !forced;
    trace(picture, shape);
    if (shape.role !== "wall") fill(picture, lit ? colors.line : colors.section);
    stroke(picture, colors.line);
  }
  const { x, y, wide, high } = boxOf(shape.points);
  context.save();
  context.translate(...place(picture, x, y));
  if (high > 2 * wide) context.rotate(-Math.PI / 2);
  const room = shape.kind === "text" ? undefined : Math.max(wide, high) * at.scale;
  text(picture, shape.label ?? "", [0, 0], colors.muted, "500 12", room);
  context.restore();
}

function paintSection(picture: Picture, section: PlanSection): void {
  const { context, theme, source } = picture;
  trace(picture, { kind: "polygon", points: section.outline });
  fill(picture, theme.colors.section);
  // The fuller a section, the paler it is; the number says it too.
  const free = source.overview && !theme.forced ? source.freeIn(section) : 0;
  context.globalAlpha = free / section.spots.length / 2;
  fill(picture, theme.colors.accent);
  context.globalAlpha = 1;
  stroke(picture, theme.colors.line);
}

/** The section's name and, where there is room, its free seats. */
function caption(picture: Picture, section: PlanSection): void {
  const { theme, at } = picture;
  const { box, label } = section;
  const [left, top] = place(picture, box.x, box.y);
  const tall = box.high * at.scale > 34;
  const room = box.wide * at.scale * 0.8;
  const write = (line: string, down: number, weight: number) =>
    text(picture, line, [left, top + down], theme.colors.text, `${weight} 12`, room);
  write(label, tall ? -8 : 0, 600);
  if (tall) write(String(picture.source.freeIn(section)), 8, 400);
}

function paintSeats(picture: Picture): void {
  const { source, at, width, height } = picture;
  const { plan } = source;
  const size = plan.pitch * at.scale * SEAT_SHARE;
  if (size >= LABEL_PX) rowLabels(picture, size);
  const visible = plan.shown(plan.spots).filter((spot) => {
    const [x, y] = place(picture, spot.x, spot.y);
    return x > -size && y > -size && x < width + size && y < height + size;
  });
  // Seats that look alike share one path: thousands of fills would be slow.
  const looks = Map.groupBy(visible, (spot) => `${source.stateOf(spot)} ${spot.category}`);
  for (const alike of looks.values()) paintLook(picture, alike, size);
}

/** The row's name at both ends of the row. */
function rowLabels(picture: Picture, size: number): void {
  const { source, theme } = picture;
  for (const row of source.plan.rows) {
    source.plan.shown([row[0]!, row.at(-1)!]).forEach((spot, end) => {
      // A label such as 1A already names its row.
      if (spot.label.startsWith(spot.row)) return;
      const [x, y] = place(picture, spot.x, spot.y);
      const away = size * 1.05 * (end ? 1 : -1);
      text(picture, spot.row, [x + away, y], theme.colors.muted, "500 12");
    });
  }
}

function paintLook(picture: Picture, spots: Spot[], size: number): void {
  const { context, theme, source } = picture;
  const { colors, forced, dark } = theme;
  const { kind } = spots[0]!;
  const state = source.stateOf(spots[0]!);
  const free = state === State.free;
  const held = state === State.held;
  const mine = state >= State.selected;
  const color = forced ? colors.text : (kind?.color ?? colors.muted);
  const side = size * (mine ? 1.12 : free || held ? 1 : 0.5);
  const centers = spots.map(({ x, y }) => place(picture, x, y));
  context.beginPath();
  for (const [x, y] of centers)
    context.roundRect(x - side / 2, y - side / 2, side, side, side * ROUNDNESS);
  if (mine) fill(picture, colors.accent);
  else if (state === State.sold) fill(picture, colors.sold);
  else if (free && !forced) {
    fill(picture, color);
    // Plans choose colours for a light page. Lighten them on a dark one.
    if (dark) fill(picture, "#fff5");
  } else stroke(picture, free ? color : held ? colors.held : colors.sold);
  // A bar in a held seat, a tick in a selected one: states differ not only by colour.
  if (mine || held) {
    context.beginPath();
    for (const [x, y] of centers) {
      context.moveTo(x - side * 0.24, y + side * (held ? 0.24 : 0.02));
      if (mine) context.lineTo(x - side * 0.05, y + side * 0.2);
      context.lineTo(x + side * 0.24, y - side * (held ? 0.24 : 0.18));
    }
    stroke(picture, held ? colors.held : colors["on-accent"], side / 8);
  }
  if (free && size >= LABEL_PX)
    labels(picture, spots, size, forced ? color : dark ? "#000" : inkOn(color));
}

function labels(picture: Picture, spots: Spot[], size: number, ink: string): void {
  for (const { x, y, flags, label, kind } of spots) {
    const [left, top] = place(picture, x, y);
    const words = flags.includes("wheelchair") ? "♿\uFE0E" : label;
    const mark = size >= MARK_PX && kind?.mark;
    const up = mark ? size * 0.12 : 0;
    text(picture, words, [left, top - up], ink, `500 ${Math.min(15, size * 0.46)}`, size * 0.9);
    if (mark) text(picture, mark, [left, top + size * 0.27], ink, `${size * 0.24}`);
  }
}
