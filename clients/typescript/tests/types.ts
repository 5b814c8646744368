// Compiled by `npm run check`, never run.
import { type Client, isBookingError } from "../src/index.js";

declare function numbers(value: number): void;
declare function texts(value: string): void;

export async function everyTypeIsNarrow(client: Client): Promise<void> {
  const hold = await client.reserve({ seatIds: ["65b0c0ffee0123456789abcd"] });
  numbers(hold.price);
  // @ts-expect-error: a hold has no such field.
  hold.bookingId;
  // @ts-expect-error: seats are required.
  await client.reserve({});
  // @ts-expect-error: an input that is required cannot be left out.
  await client.login();
  // @ts-expect-error: an optional field may be absent, but not undefined.
  await client.updateApp({ appId: "app", name: undefined });
  // @ts-expect-error: unknown operations do not exist.
  await client.sellEverything();
  await client.listBookings();
  for await (const booking of client.items("listBookings", {})) {
    texts(booking.bookingId);
  }
  // @ts-expect-error: seats are listed by entity.
  client.pages("listSeats", {});
  try {
    await client.release({ reservationToken: "t" });
  } catch (error) {
    if (!isBookingError(error)) throw error;
    switch (error.code) {
      case "SEAT_ALREADY_LOCKED": {
        numbers(error.details.expiresIn);
        break;
      }
      case "VALIDATION_ERROR": {
        texts(error.details.fields[0]!.field);
        break;
      }
      // @ts-expect-error: a code that the API does not have.
      case "NO_SUCH_CODE":
        break;
    }
    // @ts-expect-error: without a code, there may be no details.
    error.details.expiresIn;
  }
}
