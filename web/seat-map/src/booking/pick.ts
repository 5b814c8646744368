import { State } from "../paint.js";
import type { Plan } from "../plan.js";

/** Free seats for people, not for wheelchairs and those who come along. */
const ACCESSIBLE = ["wheelchair", "companion"];

interface Wish {
  quantity: number;
  category?: string | undefined;
  /** Near this point; by default near the stage. */
  near?: { x: number; y: number } | undefined;
}

/**
 * Seats side by side, the nearest first; else the nearest single ones. It only proposes: whether
 * they are still free, the server says when they are held.
 */
export function pickSeats(plan: Plan, stateOf: (index: number) => number, wish: Wish): number[] {
  const [x, y] = wish.near ? [wish.near.x, wish.near.y] : plan.focus;
  const distance = (index: number) =>
    Math.hypot(plan.spots[index]!.x - x, plan.spots[index]!.y - y);
  const usable = (index: number) => {
    const spot = plan.spots[index]!;
    if (stateOf(index) !== State.free || spot.flags.some((flag) => ACCESSIBLE.includes(flag)))
      return false;
    return wish.category === undefined || spot.category === wish.category;
  };
  const runs = plan.sections.flatMap(({ seats }) =>
    plan.rowsOf(seats).flatMap((row) => windows(plan, row, usable, wish.quantity)),
  );
  const far = (run: number[]) => run.reduce((sum, index) => sum + distance(index), 0);
  const best = least(runs, far);
  if (best) return best;
  const free = plan.spots.map((_, index) => index).filter(usable);
  const nearest = free.sort((a, b) => distance(a) - distance(b)).slice(0, wish.quantity);
  return nearest.length === wish.quantity ? nearest : [];
}

/** The runs of usable neighbours without an aisle between. */
function windows(
  plan: Plan,
  row: number[],
  usable: (index: number) => boolean,
  size: number,
): number[][] {
  const found: number[][] = [];
  let run: number[] = [];
  for (const index of row) {
    const before = plan.spots[run.at(-1) ?? index]!;
    const here = plan.spots[index]!;
    const apart = Math.hypot(here.x - before.x, here.y - before.y) > plan.pitch * 1.5;
    if (!usable(index)) run = [];
    else run = apart ? [index] : [...run, index];
    if (run.length >= size) found.push(run.slice(-size));
  }
  return found;
}

function least<T>(items: T[], cost: (item: T) => number): T | undefined {
  let best: T | undefined;
  let lowest = Infinity;
  for (const item of items) {
    const value = cost(item);
    if (value < lowest) [best, lowest] = [item, value];
  }
  return best;
}
