import type { Box } from "./plan.js";

/** How the plan lies in the view: `pixel = unit × scale + offset`. */
export interface Transform {
  scale: number;
  x: number;
  y: number;
}

const PADDING_PX = 20;
/** The tools stand above the plan. */
const TOOLS_PX = 36;

/** Shows a box of the plan in the middle of the view. */
export function fit(box: Box, width: number, height: number, largest = Infinity): Transform {
  const room = (size: number) => Math.max(40, size - 2 * PADDING_PX);
  const across = room(width) / (box.right - box.left);
  const down = room(height - TOOLS_PX) / (box.bottom - box.top);
  return centred(Math.min(across, down, largest), middle(box), width, height + TOOLS_PX);
}

/** A point of the plan in the middle of the view. */
export function centred(
  scale: number,
  { x, y }: { x: number; y: number },
  width: number,
  height: number,
): Transform {
  return { scale, x: width / 2 - x * scale, y: height / 2 - y * scale };
}

/** Zooms to a scale while one point of the view stays where it is. */
export function zoomAround(from: Transform, scale: number, x: number, y: number): Transform {
  const factor = scale / from.scale;
  return { scale, x: x - (x - from.x) * factor, y: y - (y - from.y) * factor };
}

/** Keeps the middle of the view inside the plan. */
export function keepInView(at: Transform, box: Box, width: number, height: number): Transform {
  const x = clamp((width / 2 - at.x) / at.scale, box.left, box.right);
  const y = clamp((height / 2 - at.y) / at.scale, box.top, box.bottom);
  return centred(at.scale, { x, y }, width, height);
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

export function middle({ left, top, right, bottom }: Box) {
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}
