import type { AnyBookingError } from "@unified-booking/client";
import { fill } from "../texts.js";
import type { BookingTexts } from "./texts.js";

/** The error as a sentence for a buyer. */
export function explain(error: AnyBookingError, texts: BookingTexts): string {
  const { code, message, retryAfterMs = 0 } = error;
  const details = (error.details ?? {}) as Record<string, number>;
  const seconds = Math.ceil(retryAfterMs / 1000) || 1;
  const known = details.available === 0 ? texts.noneLeft : (texts[code] ?? `${message}.`);
  return fill(details.refundDue ? texts.refundDue : known, { seconds, ...details });
}
