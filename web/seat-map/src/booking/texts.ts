import type { Code } from "@unified-booking/client";

/** What `<seat-booking>` says. Replace any of it through `texts`. */
const TEXTS = {
  loading: "Loading the seats …",
  loadFailed: "Loading the seats failed",
  empty: "There are no seats on sale yet",
  NOT_YET: "Sales have not started.",
  CLOSED: "Sales are closed.",
  PAUSED: "Sales are paused.",
  CANCELLED: "This has been cancelled.",
  choose: "Choose your seats",
  chooseHint: "Pick them on the map, or take the best ones.",
  quantity: "Seats",
  anyCategory: "Any category",
  category: "Category",
  accessible: "With a wheelchair",
  find: "Take the best seats",
  total: "Total",
  remove: "Remove {seat}",
  continue: "Continue",
  continueWith: "Continue with {count}",
  update: "Keep these seats",
  back: "Back",
  contactTitle: "Who are the tickets for?",
  contactHint: "The clock starts only after this.",
  newHere: "I am new here",
  haveAccount: "I have an account",
  email: "E-mail",
  password: "Password",
  newPassword: "Password (at least 10 characters)",
  name: "Name",
  phone: "Phone (optional)",
  heldTitle: "Your seats are held",
  timeLeft: "Time left to pay",
  secondsLeft: "{seconds} seconds left to pay.",
  pay: "Pay {amount}",
  free: "Book without payment",
  change: "Change seats",
  giveBack: "Give the seats back",
  doneTitle: "Booked. See you there!",
  bookingId: "Booking",
  another: "Book more seats",
  sameAgain: "Try the same seats",
  taken: "Just taken by somebody else: {seats}.",
  takeNear: "Take the best seats nearby",
  apart: "The seats are not all side by side.",
  stale: "Live updates are interrupted.",
  retry: "Try again",
  dismiss: "Dismiss",
  refundDue: "Not booked. Your payment will be refunded.",
  noneLeft: "No such seats are left.",
};

/** For errors of the API. A code without a text here is explained by the API's own message. */
const ERRORS = {
  SERVICE_UNAVAILABLE: "The service is not available right now.",
  RATE_LIMITED: "Please wait {seconds} s.",
  SEAT_LIMIT_REACHED: "You can book at most {limit} seats.",
  NOT_ENOUGH_SEATS: "Only {available} such seats are left, {largestAdjacent} of them side by side.",
  RESERVATION_EXPIRED: "The time ran out.",
  TOKEN_EXPIRED: "Your session has ended. Sign in again.",
  ENTITY_CANCELLED: "This has been cancelled.",
};

export type BookingTexts = typeof TEXTS & typeof ERRORS & { [Each in Code]?: string };

export const BOOKING_TEXTS: BookingTexts = { ...TEXTS, ...ERRORS };
