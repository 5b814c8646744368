import type { AnyBookingError } from "@unified-booking/client";
import { fill } from "../texts.js";
import type { BookingTexts } from "./texts.js";

/** A sentence for a buyer. The API's own messages are for developers. */
export function explain(error: AnyBookingError, texts: BookingTexts): string {
  const { refundDue, limit = 10 } = (error.details ?? {}) as {
    refundDue?: boolean;
    limit?: number;
  };
  const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1000) || 1;
  const sentence = refundDue ? texts.refundDue : texts[error.code as keyof BookingTexts];
  return fill(sentence ?? texts.failed, { seconds, limit });
}
