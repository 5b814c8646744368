// Made by `npm run generate` from openapi.yaml: change that.

/** Every type of event that a webhook endpoint can get. */
export const eventTypes = [
  "hold.created",
  "hold.changed",
  "hold.released",
  "hold.expired",
  "booking.confirmed",
  "booking.cancelled",
  "payment.failed",
  "refund.due",
  "refund.succeeded",
  "refund.failed",
  "entity.updated",
  "entity.cancelled",
  "webhook.test",
] as const;
