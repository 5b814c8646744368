import { type Transform, zoomAround } from "./view.js";

/** What a gesture moves. */
interface Movable {
  readonly at: Transform;
  /** Called for every move; it must not draw by itself. */
  move(to: Transform): void;
  /** Called when a gesture that moved has ended. */
  request(): void;
}

/** A pointer that moved less than this has tapped. */
const TAP_PX = 6;
const WHEEL_SETTLE_MS = 140;

type Pointer = Pick<MouseEvent, "offsetX" | "offsetY">;

/**
 * Handles dragging, pinching, the wheel with Ctrl, and taps. Calls `hover` without a point when the
 * pointer has left.
 */
export function listen(
  view: HTMLElement,
  stage: Movable,
  tap: (x: number, y: number) => void,
  hover: (x?: number, y?: number) => void,
): void {
  const touches = new Map<number, Pointer>();
  let moved = false;
  let began: Pointer | undefined;
  let wheelEnd = 0;
  const apart = (a: Pointer, b: Pointer) =>
    Math.hypot(a.offsetX - b.offsetX, a.offsetY - b.offsetY);
  /** The middle of the first two pointers, and their distance. */
  const hand = () => {
    const [a, b = a] = [...touches.values()] as [Pointer, Pointer?];
    const [x, y] = [(a.offsetX + b.offsetX) / 2, (a.offsetY + b.offsetY) / 2];
    return { x, y, spread: apart(a, b) || 1 };
  };
  view.onpointerdown = (event) => {
    if (event.button) return;
    touches.set(event.pointerId, event);
    if (touches.size === 1) [began, moved] = [event, false];
    view.setPointerCapture(event.pointerId);
  };
  view.onpointermove = (event) => {
    if (!touches.has(event.pointerId)) {
      if (event.pointerType === "mouse") hover(event.offsetX, event.offsetY);
      return;
    }
    if (!moved && apart(event, began!) < TAP_PX) return;
    moved = true;
    hover();
    const before = hand();
    touches.set(event.pointerId, event);
    const { x, y, spread } = hand();
    const { at } = stage;
    const scale = (at.scale * spread) / before.spread;
    stage.move(zoomAround(at, scale, before.x, before.y, x, y));
  };
  const end = (event: PointerEvent) => {
    if (!touches.delete(event.pointerId) || touches.size) return;
    if (moved) return stage.request();
    if (event.type === "pointerup") tap(event.offsetX, event.offsetY);
  };
  view.onpointerup = view.onpointercancel = end;
  view.onpointerleave = () => hover();
  view.onwheel = (event) => {
    // Without Ctrl the wheel scrolls the page. A trackpad's pinch comes with Ctrl.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { at } = stage;
    // As long as `deltaMode` is not read, `deltaY` is in pixels in every browser.
    const scale = at.scale * Math.exp(-event.deltaY * 0.004);
    stage.move(zoomAround(at, scale, event.offsetX, event.offsetY));
    clearTimeout(wheelEnd);
    wheelEnd = window.setTimeout(() => stage.request(), WHEEL_SETTLE_MS);
  };
}
