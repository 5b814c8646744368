import { isBookingError } from "./errors.js";
import type { CallOptions } from "./types.js";

const ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 300;
/** Random time added to the server's `Retry-After`, so that clients do not all return at once. */
const SPREAD_MS = 250;
/** With a longer `Retry-After` the call fails, and the caller decides whether to wait. */
const LONGEST_WAIT_MS = 120_000;

/** Resolves after a time. Rejects at once when the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Aborts after a time, or when `signal` does. */
export function withTimeout(ms: number, signal?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}

/** Whether the same call may succeed later. The outcome may be unknown; repeating it is safe. */
export function isTemporary(error: unknown): boolean {
  if (!isBookingError(error)) return false;
  if (error.status === 503) return (error.code as string) !== "PAYMENTS_NOT_CONFIGURED";
  return ["NETWORK_ERROR", "RATE_LIMITED", "IDEMPOTENCY_KEY_IN_USE"].includes(error.code);
}

/** Repeats `call` until it succeeds, fails for good, or has failed four times. */
export async function withRetries<T>(call: () => Promise<T>, options: CallOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const wait = attempt < ATTEMPTS ? waitMs(error, attempt) : undefined;
      if (wait === undefined) throw error;
      options.onRetry?.(error, wait);
      await sleep(wait, options.signal);
    }
  }
}

function waitMs(error: unknown, attempt: number): number | undefined {
  if (!isBookingError(error) || !isTemporary(error)) return undefined;
  const retryAfterMs = error.retryAfterMs ?? 0;
  if (retryAfterMs > LONGEST_WAIT_MS) return undefined;
  const backoff = FIRST_BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.max(backoff, retryAfterMs + Math.random() * SPREAD_MS);
}
