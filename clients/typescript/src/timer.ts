/** When each hold's request was sent, by the monotonic clock: its `expiresIn` counts from then on. */
const sentAt = new WeakMap<object, number>();

export function noteSent(data: unknown, at: number): void {
  if (typeof data !== "object" || data === null) return;
  sentAt.set(data, at);
  const { reservations } = data as { reservations?: unknown };
  if (Array.isArray(reservations)) for (const hold of reservations) sentAt.set(hold as object, at);
}

/** The whole seconds that are left of a hold. Neither clock nor time zone of the device matter. */
export function secondsLeft(hold: { expiresIn: number }, now = performance.now()): number {
  const since = sentAt.get(hold);
  // A hold without a note of its request counts from now.
  if (since === undefined) sentAt.set(hold, now);
  return Math.max(0, Math.ceil(hold.expiresIn - (now - (since ?? now)) / 1000));
}

/** Calls back now and at every change of the seconds left, down to 0. Returns the way to stop. */
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
