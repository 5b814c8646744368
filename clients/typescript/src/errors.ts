import type { Schemas } from "./types.js";

/** The errors of the API: one schema for each code. */
type ApiError = {
  [Name in keyof Schemas]: Name extends `${string}Error` ? Schemas[Name] : never;
}[keyof Schemas];

/** A code of the API, or one of this client: no response at all, or a response we cannot read. */
export type Code = ApiError["code"] | "NETWORK_ERROR" | "UNREADABLE_RESPONSE";

type DetailsIn<Found> = Found extends { code: Code }
  ? "details" extends keyof Found
    ? Found["details"]
    : undefined
  : never;

/** The `details` of an error with this code. */
export type DetailsOf<C extends Code> = C extends ApiError["code"]
  ? DetailsIn<Extract<ApiError, { code: C }>>
  : undefined;

/** The `error` of a response. A gateway's response may have none of these fields. */
interface ErrorFields {
  code?: Code;
  message?: string;
  details?: DetailsOf<Code>;
  requestId?: string;
}

/** A failed call. Use `isBookingError`, then `switch (error.code)`. */
export class BookingError<C extends Code = Code> extends Error {
  override readonly name = "BookingError";

  constructor(
    readonly code: C,
    message: string,
    /** The HTTP status, or 0 without a response. */
    readonly status: number,
    readonly details: DetailsOf<C>,
    /** Quote it when you report a problem. */
    readonly requestId: string | undefined,
    /** The server's `Retry-After` in milliseconds. */
    readonly retryAfterMs: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** One type for each code, so that `code` narrows `details`. */
export type AnyBookingError = { [C in Code]: BookingError<C> }[Code];

/**
 * Whether a call failed with an error response or without a response. An abort is neither. Checks
 * the name and not the class, because a page may hold two copies of this client.
 */
export function isBookingError(error: unknown): error is AnyBookingError {
  return error instanceof Error && error.name === "BookingError";
}

/** Codes for responses of a gateway, which have no code. */
const GATEWAY_CODES: Record<number, Code> = {
  413: "PAYLOAD_TOO_LARGE",
  429: "RATE_LIMITED",
  500: "INTERNAL",
  503: "SERVICE_UNAVAILABLE",
};

/** The error for an unsuccessful response. `body` is undefined if it is not JSON. */
export function errorOf(response: Response, body: unknown): AnyBookingError {
  const { error } = (body ?? {}) as { error?: ErrorFields };
  const { status, headers } = response;
  return new BookingError(
    error?.code ?? GATEWAY_CODES[status] ?? "UNREADABLE_RESPONSE",
    error?.message ?? `HTTP ${status}`,
    status,
    error?.details,
    error?.requestId ?? headers.get("x-request-id") ?? undefined,
    retryAfterMs(headers.get("retry-after")),
  ) as AnyBookingError;
}

/** The error for a request without a response. */
export function networkError(cause: unknown): AnyBookingError {
  const message = "The server cannot be reached";
  return new BookingError("NETWORK_ERROR", message, 0, undefined, undefined, undefined, { cause });
}

/** Reads `Retry-After`: seconds, or an HTTP date, which only a gateway would send. */
function retryAfterMs(header: string | null): number | undefined {
  if (!header) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
