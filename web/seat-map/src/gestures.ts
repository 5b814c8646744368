import { type Transform, zoomAround } from "./view.js";

/** What the map does with a gesture. */
export interface GestureTarget {
  current(): Transform;
  /** Called for every move; it must not draw by itself. */
  move(to: Transform): void;
  /** The end of a gesture that moved. */
  settle(): void;
  tap(x: number, y: number, twice: boolean): void;
  hover(x: number, y: number): void;
  leave(): void;
}

/** A pointer that moved less than this has tapped. */
const TAP_PX = 6;
const TWICE_MS = 320;
const WHEEL_SETTLE_MS = 140;

interface Touch {
  x: number;
  y: number;
}

/** Dragging, pinching, the wheel with Ctrl, and taps. */
export function listen(view: HTMLElement, target: GestureTarget): void {
  const touches = new Map<number, Touch>();
  let moved = false;
  let began: Touch | undefined;
  let lastTap = { at: -Infinity, x: 0, y: 0 };
  let bounds = view.getBoundingClientRect();
  const point = (event: PointerEvent | WheelEvent): Touch => ({
    x: event.clientX - bounds.left,
    y: event.clientY - bounds.top,
  });

  view.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    bounds = view.getBoundingClientRect();
    touches.set(event.pointerId, point(event));
    if (touches.size === 1) {
      moved = false;
      began = point(event);
    }
    view.setPointerCapture(event.pointerId);
  });

  view.addEventListener("pointermove", (event) => {
    const before = touches.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") {
        if (event.timeStamp - hoveredAt > 500) bounds = view.getBoundingClientRect();
        hoveredAt = event.timeStamp;
        target.hover(point(event).x, point(event).y);
      }
      return;
    }
    const now = point(event);
    if (!moved && began && Math.hypot(now.x - began.x, now.y - began.y) < TAP_PX) return;
    if (!moved) view.classList.add("moving");
    moved = true;
    target.leave();
    const other = [...touches].find(([id]) => id !== event.pointerId)?.[1];
    touches.set(event.pointerId, now);
    const at = target.current();
    if (!other)
      return target.move({ ...at, x: at.x + now.x - before.x, y: at.y + now.y - before.y });
    const distance = (from: Touch) => Math.hypot(from.x - other.x, from.y - other.y) || 1;
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    const scale = (at.scale * distance(now)) / distance(before);
    const zoomed = zoomAround(at, scale, middle.x, middle.y);
    target.move({
      ...zoomed,
      x: zoomed.x + (now.x - before.x) / 2,
      y: zoomed.y + (now.y - before.y) / 2,
    });
  });
  let hoveredAt = -Infinity;

  const end = (event: PointerEvent) => {
    if (!touches.delete(event.pointerId) || touches.size > 0) return;
    view.classList.remove("moving");
    if (moved) return target.settle();
    if (event.type !== "pointerup") return;
    const { x, y } = point(event);
    const near = Math.hypot(x - lastTap.x, y - lastTap.y) < 24;
    const twice = near && event.timeStamp - lastTap.at < TWICE_MS;
    lastTap = { at: twice ? -Infinity : event.timeStamp, x, y };
    target.tap(x, y, twice);
  };
  view.addEventListener("pointerup", end);
  view.addEventListener("pointercancel", end);
  view.addEventListener("pointerleave", () => target.leave());

  let wheelEnd: ReturnType<typeof setTimeout>;
  view.addEventListener(
    "wheel",
    (event) => {
      // Without Ctrl the wheel scrolls the page. A trackpad's pinch comes with Ctrl.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      bounds = view.getBoundingClientRect();
      const at = target.current();
      const { x, y } = point(event);
      const lines = event.deltaMode === 1 ? 30 : 1;
      target.move(zoomAround(at, at.scale * Math.exp(-event.deltaY * lines * 0.004), x, y));
      clearTimeout(wheelEnd);
      wheelEnd = setTimeout(() => target.settle(), WHEEL_SETTLE_MS);
    },
    { passive: false },
  );
}
