import {
  type AnyBookingError,
  type Client,
  type Schemas,
  isBookingError,
} from "@unified-booking/client";
import type { Layout } from "../layout.js";
import { State } from "../paint.js";
import type { MapSeat } from "../plan.js";

/** The seats as they are now. */
export interface SeatNews {
  seats: MapSeat[];
  /** Same as before: the map need not be built again. */
  sameSeats: boolean;
  states: ArrayLike<number>;
  currency: string;
  layout?: Layout;
}

export interface SourceOptions {
  client: Client;
  entityId: string;
  feedKey: string | undefined;
  signal: AbortSignal;
  onNews(news: SeatNews): void;
  onError(error: AnyBookingError): void;
}

const POLL_MS = 3000;
const SLOW_POLL_MS = 12_000;
const STATES: Record<string, number> = {
  AVAILABLE: State.free,
  LOCKED: State.held,
  BOOKED: State.sold,
  NOT_FOR_SALE: State.closed,
};

/** Follows the public feed, or lists the seats as the signed-in user where there is none. */
export function followSeats(options: SourceOptions): void {
  if (options.feedKey) followFeed(options, options.feedKey);
  else void poll(options);
}

function followFeed({ client, signal, onNews, onError }: SourceOptions, feedKey: string): void {
  let version: number | undefined;
  client.watch(feedKey, {
    signal,
    onError,
    onChange: ({ list, states }) => {
      const sameSeats = version === list.seatsVersion;
      version = list.seatsVersion;
      const news = { seats: list.seats, sameSeats, states, currency: list.currency };
      onNews(list.layout ? { ...news, layout: list.layout as Layout } : news);
    },
  });
}

async function poll({ client, entityId, signal, onNews, onError }: SourceOptions): Promise<void> {
  let known = "";
  let wait = POLL_MS;
  while (!signal.aborted) {
    try {
      const listed: Schemas["Seat"][] = [];
      const input = { entityId, include: "all" as const };
      for await (const seat of client.items("listSeats", input, { signal })) listed.push(seat);
      const seats = listed.map(asMapSeat);
      const described = JSON.stringify(seats);
      const states = listed.map((seat) => STATES[seat.status ?? ""] ?? State.closed);
      const currency = listed[0]?.currency ?? "";
      onNews({ seats, sameSeats: described === known, states, currency });
      known = described;
      wait = POLL_MS;
    } catch (error) {
      if (signal.aborted) return;
      if (!isBookingError(error)) throw error;
      onError(error);
      if (["UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_APP_MISMATCH"].includes(error.code)) return;
      wait = Math.max(SLOW_POLL_MS, error.retryAfterMs ?? 0);
    }
    await pause(wait * (1 + Math.random() * 0.2), signal);
  }
}

/** Older seats carry their category and row in the tenant's own data. */
function asMapSeat(seat: Schemas["Seat"] & Partial<MapSeat>): MapSeat {
  const { seatId, seatNumber, price, label, section, flags } = seat;
  const own = seat.metadata as Record<string, unknown>;
  const word = (value: unknown) =>
    typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  const row = seat.row ?? word(own.row);
  const category = seat.category ?? word(own.category) ?? word(own.tier);
  return {
    seatId,
    seatNumber,
    price,
    ...(label && { label }),
    ...(section && { section }),
    ...(row && { row }),
    ...(category && { category }),
    ...(flags && { flags }),
  };
}

/** Waits, and longer while nobody sees the page. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      if (document.visibilityState === "hidden" && !signal.aborted) return;
      document.removeEventListener("visibilitychange", done);
      resolve();
    };
    setTimeout(() => {
      document.addEventListener("visibilitychange", done);
      done();
    }, ms);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
