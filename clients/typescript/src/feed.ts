import { type AnyBookingError, errorOf, isBookingError, networkError } from "./errors.js";
import { listen } from "./live.js";
import { sleep, withTimeout } from "./retry.js";

/** A seat of the feed's list. */
export interface FeedSeat {
  seatId: string;
  seatNumber: string;
  label?: string;
  section?: string;
  sectionLabel?: string;
  row?: string;
  category?: string;
  flags?: string[];
  price: number;
}

/** The part that rarely changes: the seats, their prices and the plan. */
export interface FeedSeats {
  seatsVersion: number;
  currency: string;
  layout?: unknown;
  seats: FeedSeat[];
}

/** The seats and their states at one moment. */
export interface FeedSnapshot {
  list: FeedSeats;
  /** One for each seat, in the order of `list.seats`: 0 free, 1 held, 2 sold, 3 not for sale. */
  states: Uint8Array;
  seq: number;
  asOf: string;
}

/** The body of `GET /feed/{feedKey}`. */
export interface FeedBody {
  epoch: number;
  seq: number;
  seatsVersion: number;
  asOf: string;
  states: string;
  refreshMs: number;
}

export interface WatchOptions {
  /** Called with the first snapshot, with every change, and once after errors. */
  onChange: (snapshot: FeedSnapshot) => void;
  /** Called when a request fails. The watch continues, except after `FEED_NOT_FOUND`. */
  onError?: (error: AnyBookingError) => void;
  signal?: AbortSignal;
  /** The `liveUrl` of `GET /entities/{entityId}`. Without it, or if it fails, `watch` polls. */
  liveUrl?: string | undefined;
}

const SLOWEST_MS = 15_000;
/** Random share added to each interval: pages that were opened together do not poll together. */
const SPREAD = 0.2;
/** The wait after a connection has ended. A random time of up to the same length is added. */
const RECONNECT_MS = 1000;
/** The wait after a connection could not be made, with the same random addition. */
const TRY_AGAIN_MS = 30_000;

/** Follows a feed until it is stopped. Pauses while the page is hidden. */
export class FeedWatch {
  #list: FeedSeats | undefined;
  #last: FeedBody | undefined;
  /** Failed polls since the last `onChange`. */
  #failures = 0;
  /** When the next connection may be tried, by the monotonic clock. */
  #connectAt = 0;

  constructor(
    private readonly url: string,
    private readonly fetch: typeof globalThis.fetch,
    private readonly options: WatchOptions,
    private readonly signal: AbortSignal,
    private readonly timeoutMs: number,
  ) {}

  async run(): Promise<void> {
    while (!this.signal.aborted) {
      const isLive = await this.#live();
      const wait = isLive ? RECONNECT_MS : await this.#poll();
      if (wait === undefined) return;
      await sleep(wait * (1 + Math.random() * (isLive ? 1 : SPREAD)), this.signal);
      await whileHidden(this.signal);
    }
  }

  /** Follows the live push until it ends. Returns `false` if the feed must be polled. */
  async #live(): Promise<boolean> {
    const { liveUrl } = this.options;
    const hidden = globalThis.document?.visibilityState === "hidden";
    if (!liveUrl || hidden || !globalThis.WebSocket) return false;
    if (performance.now() < this.#connectAt) return false;
    const worked = await listen(liveUrl, this.signal, {
      onText: (text) => this.#receive(text),
      onSilence: async () => {
        const before = this.#last?.seq;
        await this.#poll();
        return this.#last?.seq === before;
      },
    });
    if (!worked) this.#connectAt = performance.now() + TRY_AGAIN_MS * (1 + Math.random());
    return worked;
  }

  /** Handles a message. Returns `false` if it is not a feed body: API Gateway sends others too. */
  async #receive(text: string): Promise<boolean> {
    try {
      const body = JSON.parse(text) as FeedBody | null;
      if (typeof body?.seq !== "number" || typeof body.states !== "string") return false;
      await this.#accept(body);
      return true;
    } catch (error) {
      if (isBookingError(error)) this.options.onError?.(error);
      else if (!(error instanceof SyntaxError)) throw error;
      return false;
    }
  }

  /** Polls once. Returns the milliseconds until the next poll, or undefined if the feed is gone. */
  async #poll(): Promise<number | undefined> {
    try {
      const body = await this.#get<FeedBody>("");
      await this.#accept(body);
      return body.refreshMs;
    } catch (error) {
      if (!isBookingError(error)) throw error;
      this.options.onError?.(error);
      if ((error.code as string) === "FEED_NOT_FOUND") return undefined;
      const backoff = 1000 * 2 ** Math.min(this.#failures++, 4);
      return Math.max(error.retryAfterMs ?? 0, Math.min(SLOWEST_MS, backoff));
    }
  }

  /** Shows a body, unless it is older than the last one: a cache may return such a body. */
  async #accept(body: FeedBody): Promise<void> {
    const last = this.#last;
    const older =
      last && (body.epoch < last.epoch || (body.epoch === last.epoch && body.seq < last.seq));
    if (older) return;
    const same = last?.states === body.states && last.seatsVersion === body.seatsVersion;
    if (this.#list?.seatsVersion !== body.seatsVersion) {
      this.#list = await this.#get<FeedSeats>(`/seats?v=${body.seatsVersion}`);
    }
    this.#last = body;
    if (same && !this.#failures) return;
    this.#failures = 0;
    const { seq, asOf } = body;
    const states = unpackStates(body.states, this.#list.seats.length);
    this.options.onChange({ list: this.#list, states, seq, asOf });
  }

  async #get<T>(path: string): Promise<T> {
    let response: Response;
    // After a change of the network a request may never get a response.
    const signal = withTimeout(this.timeoutMs, this.signal);
    try {
      // No headers of our own: they would cause a preflight. The browser's cache revalidates by
      // itself.
      response = await this.fetch(this.url + path, { signal, credentials: "omit" });
      if (response.ok) return (await response.json()) as T;
    } catch (error) {
      this.signal.throwIfAborted();
      throw networkError(error);
    }
    throw errorOf(response, await response.json().catch(() => undefined));
  }
}

/** Each seat has two bits. The first seat is in the lowest bits of the first byte. */
export function unpackStates(base64: string, seats: number): Uint8Array {
  const packed = atob(base64);
  return Uint8Array.from({ length: seats }, (_, seat) => {
    const byte = packed.charCodeAt(seat >> 2) || 0;
    return (byte >> ((seat & 3) * 2)) & 3;
  });
}

/** Waits until the page is visible. */
function whileHidden(signal: AbortSignal): Promise<void> {
  const page = globalThis.document;
  if (page?.visibilityState !== "hidden") return Promise.resolve();
  return new Promise((resolve, reject) => {
    const done = () => {
      if (page.visibilityState === "hidden" && !signal.aborted) return;
      page.removeEventListener("visibilitychange", done);
      signal.removeEventListener("abort", done);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    page.addEventListener("visibilitychange", done);
    signal.addEventListener("abort", done, { once: true });
  });
}
