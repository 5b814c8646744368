/** When each hold's request was sent, by the monotonic clock. `expiresIn` counts from that time. */
const sentAt = new WeakMap<object, number>();

export function noteSent(data: unknown, at: number): void {
  if (typeof data !== "object" || data === null) return;
  sentAt.set(data, at);
  const { reservations } = data as { reservations?: unknown };
  if (Array.isArray(reservations)) for (const hold of reservations) sentAt.set(hold as object, at);
}

/** The seconds left of a hold, rounded up. The device's clock and time zone do not matter. */
export function secondsLeft(hold: { expiresIn: number }, now = performance.now()): number {
  const since = sentAt.get(hold);
  // The time of its request is unknown: count from now.
  if (since === undefined) sentAt.set(hold, now);
  return Math.max(0, Math.ceil(hold.expiresIn - (now - (since ?? now)) / 1000));
}

/**
 * Calls `onSecond` now and whenever the number of seconds changes, down to 0. Returns a function
 * that stops it.
 */
export function startTimer(
  hold: { expiresIn: number },
  onSecond: (seconds: number) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown: number | undefined;
  const tick = () => {
    const seconds = secondsLeft(hold);
    if (seconds > 0) timer = setTimeout(tick, 250);
    if (seconds !== shown) onSecond((shown = seconds));
  };
  tick();
  return () => clearTimeout(timer);
}
