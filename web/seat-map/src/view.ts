import type { Box } from "./plan.js";

/** The view in CSS pixels. */
export interface Size {
  width: number;
  height: number;
}

/** How the plan lies in the view: `pixel = unit × scale + offset`. */
export interface Transform {
  scale: number;
  x: number;
  y: number;
}

const PADDING_PX = 20;
/** Room for the tools above the plan. */
const TOOLS_PX = 36;

/** Shows a box of the plan in the middle of the view. */
export function fit(box: Box, { width, height }: Size, largest = Infinity): Transform {
  const room = (size: number) => Math.max(40, size - 2 * PADDING_PX);
  const scale = Math.min(room(width) / box.wide, room(height - TOOLS_PX) / box.high, largest);
  return centred(scale, box, { width, height: height + TOOLS_PX });
}

/** Shows a point of the plan in the middle of the view. */
export function centred(
  scale: number,
  { x, y }: { x: number; y: number },
  { width, height }: Size,
): Transform {
  return { scale, x: width / 2 - x * scale, y: height / 2 - y * scale };
}

/** Zooms to a scale while one point of the view stays where it is, or moves. */
export function zoomAround(
  from: Transform,
  scale: number,
  x: number,
  y: number,
  toX = x,
  toY = y,
): Transform {
  const factor = scale / from.scale;
  return { scale, x: toX - (x - from.x) * factor, y: toY - (y - from.y) * factor };
}

/** Keeps the middle of the view inside the plan. */
export function keepInView(at: Transform, box: Box, size: Size): Transform {
  const inside = (value: number, middle: number, length: number) =>
    clamp(value / at.scale, middle - length / 2, middle + length / 2);
  const x = inside(size.width / 2 - at.x, box.x, box.wide);
  const y = inside(size.height / 2 - at.y, box.y, box.high);
  return centred(at.scale, { x, y }, size);
}

/** If the limits contradict each other, `least` counts. */
export function clamp(value: number, least: number, most: number): number {
  return Math.max(Math.min(value, most), least);
}
