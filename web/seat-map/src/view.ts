import type { Box } from "./plan.js";

/** How the plan lies in the view: `pixel = unit × scale + offset`. */
export interface Transform {
  scale: number;
  x: number;
  y: number;
}

const PADDING_PX = 20;
/** Room for the tools above the plan, where the view is narrow. */
const TOOLS_PX = 36;
const NARROW_PX = 960;

/** Shows a box of the plan in the middle of the view. */
export function fit(box: Box, width: number, height: number, largest = Infinity): Transform {
  const across = box.right - box.left;
  const down = box.bottom - box.top;
  const room = (size: number) => Math.max(40, size - 2 * PADDING_PX);
  const top = width < NARROW_PX ? TOOLS_PX : 0;
  const scale = Math.min(room(width) / across, room(height - top) / down, largest);
  return {
    scale,
    x: (width - across * scale) / 2 - box.left * scale,
    y: (height + top - down * scale) / 2 - box.top * scale,
  };
}

/** Zooms to a scale while one point of the view stays where it is. */
export function zoomAround(from: Transform, scale: number, x: number, y: number): Transform {
  const factor = scale / from.scale;
  return { scale, x: x - (x - from.x) * factor, y: y - (y - from.y) * factor };
}

/** Keeps some of the plan in the view. */
export function keepInView(at: Transform, box: Box, width: number, height: number): Transform {
  const clamp = (value: number, a: number, b: number) =>
    Math.min(Math.max(value, Math.min(a, b)), Math.max(a, b));
  const axis = (offset: number, low: number, high: number, size: number) =>
    clamp(offset, PADDING_PX - low * at.scale, size - PADDING_PX - high * at.scale);
  return {
    scale: at.scale,
    x: axis(at.x, box.left, box.right, width),
    y: axis(at.y, box.top, box.bottom, height),
  };
}
