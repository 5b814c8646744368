import { type Transform, zoomAround } from "./view.js";

/** What the map does with a gesture. */
export interface GestureTarget {
  current(): Transform;
  /** Called for every move; it must not draw by itself. */
  move(to: Transform): void;
  /** The end of a gesture that moved. */
  settle(): void;
  tap(x: number, y: number): void;
  /** Without a place: the pointer has left. */
  hover(x?: number, y?: number): void;
}

/** A pointer that moved less than this has tapped. */
const TAP_PX = 6;
const WHEEL_SETTLE_MS = 140;

type Pointer = Pick<MouseEvent, "offsetX" | "offsetY">;

/** Dragging, pinching, the wheel with Ctrl, and taps. */
export function listen(view: HTMLElement, target: GestureTarget): void {
  const touches = new Map<number, Pointer>();
  let moved = false;
  let began: Pointer | undefined;
  let wheelEnd = 0;
  const apart = (a: Pointer, b: Pointer) =>
    Math.hypot(a.offsetX - b.offsetX, a.offsetY - b.offsetY);
  /** The middle of all fingers, and how far apart two are. */
  const hand = () => {
    const [a, b] = [...touches.values()] as [Pointer, Pointer?];
    const other = b ?? a;
    const [x, y] = [(a.offsetX + other.offsetX) / 2, (a.offsetY + other.offsetY) / 2];
    return { x, y, spread: apart(a, other) || 1 };
  };
  const on = <Name extends keyof HTMLElementEventMap>(
    name: Name,
    act: (event: HTMLElementEventMap[Name]) => void,
  ) => view.addEventListener(name, act, { passive: false });

  on("pointerdown", (event) => {
    if (event.button) return;
    touches.set(event.pointerId, event);
    if (touches.size === 1) [began, moved] = [event, false];
    view.setPointerCapture(event.pointerId);
  });
  on("pointermove", (event) => {
    if (!touches.has(event.pointerId)) {
      if (event.pointerType === "mouse") target.hover(event.offsetX, event.offsetY);
      return;
    }
    if (!moved && apart(event, began!) < TAP_PX) return;
    if (!moved) view.classList.add("moving");
    moved = true;
    target.hover();
    const before = hand();
    touches.set(event.pointerId, event);
    const { x, y, spread } = hand();
    const at = target.current();
    const zoomed = zoomAround(at, (at.scale * spread) / before.spread, before.x, before.y);
    target.move({ ...zoomed, x: zoomed.x + x - before.x, y: zoomed.y + y - before.y });
  });
  const end = (event: PointerEvent) => {
    if (!touches.delete(event.pointerId) || touches.size > 0) return;
    view.classList.remove("moving");
    if (moved) return target.settle();
    if (event.type === "pointerup") target.tap(event.offsetX, event.offsetY);
  };
  on("pointerup", end);
  on("pointercancel", end);
  on("pointerleave", () => target.hover());
  on("wheel", (event) => {
    // Without Ctrl the wheel scrolls the page. A trackpad's pinch comes with Ctrl.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const at = target.current();
    const lines = event.deltaMode === 1 ? 30 : 1;
    const scale = at.scale * Math.exp(-event.deltaY * lines * 0.004);
    target.move(zoomAround(at, scale, event.offsetX, event.offsetY));
    clearTimeout(wheelEnd);
    wheelEnd = window.setTimeout(() => target.settle(), WHEEL_SETTLE_MS);
  });
}
