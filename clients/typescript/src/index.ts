export {
  type Client,
  type ClientOptions,
  type TokenSource,
  createClient,
  newKey,
} from "./client.js";
export type { KeyValueStore } from "./confirms.js";
export {
  type AnyBookingError,
  BookingError,
  type Code,
  type DetailsOf,
  isBookingError,
} from "./errors.js";
export type { FeedSeat, FeedSeats, FeedSnapshot, WatchOptions } from "./feed.js";
export { unpackStates } from "./feed.js";
export { eventTypes } from "./generated/events.js";
export { secondsLeft, startTimer } from "./timer.js";
export type {
  CallOptions,
  Input,
  Item,
  OperationId,
  Operations,
  Output,
  PagedId,
  Schemas,
} from "./types.js";
