import { expect, test } from "vitest";
import { createClient, isBookingError } from "../src/index.js";
import { failure, serverThat, success } from "./server.js";

test("each layer gets its own credentials", async () => {
  const { baseUrl, received } = await serverThat(success(200, {}));
  const client = createClient({
    baseUrl: `${baseUrl}/v1/`,
    appId: "app",
    apiKey: "key",
    userToken: "user",
    adminToken: () => "admin",
  });
  await client.health();
  await client.login({ email: "a@b.example", password: "x" });
  await client.listBookings();
  await client.updateApp({ appId: "a b", name: "New" });

  const seen = received.map(({ headers }) => [
    headers["x-app-id"],
    headers["x-api-key"],
    headers.authorization,
  ]);
  expect(seen).toEqual([
    [undefined, undefined, undefined],
    ["app", "key", undefined],
    ["app", "key", "Bearer user"],
    [undefined, undefined, "Bearer admin"],
  ]);
  expect(received[3]).toMatchObject({
    method: "PATCH",
    url: "/v1/admin/apps/a%20b",
    body: '{"name":"New"}',
  });
});

test("parameters of a query that are undefined are left out", async () => {
  const { baseUrl, received } = await serverThat(success(200, { entityId: "e", seats: [] }));
  const client = createClient({ baseUrl, appId: "app", apiKey: "key", userToken: "user" });
  await client.listSeats({ entityId: "a&b", include: "all" });
  expect(received[0]?.url).toBe("/seats?entityId=a%26b&include=all");
});

test("each call of an idempotent operation has a key of its own", async () => {
  const { baseUrl, received } = await serverThat(success(200, { released: true }));
  const client = createClient({ baseUrl, userToken: "user" });
  const body = { reservationToken: "0b0e4c0e-8c0f-4f51-9d7b-6a6f3f4f1c2d" };
  await client.release(body);
  await client.release(body);
  await client.release(body, { idempotencyKey: "mine" });
  const keys = received.map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(3);
  expect(keys[2]).toBe("mine");
});

test("a list is walked page by page, and element by element", async () => {
  const page = (bookingId: string, nextCursor?: string) =>
    success(200, { bookings: [{ bookingId }], ...(nextCursor ? { nextCursor } : {}) });
  const { baseUrl, received } = await serverThat(page("1", "n2"), page("2", "n3"), page("3"));
  const client = createClient({ baseUrl, userToken: "user" });
  const ids: string[] = [];
  for await (const booking of client.items("listBookings", { limit: 1 }))
    ids.push(booking.bookingId);
  expect(ids).toEqual(["1", "2", "3"]);
  expect(received.map(({ url }) => url)).toEqual([
    "/bookings?limit=1",
    "/bookings?limit=1&cursor=n2",
    "/bookings?limit=1&cursor=n3",
  ]);
});

test("a walk that is left early asks for no further page", async () => {
  const { baseUrl, received } = await serverThat(
    success(200, { bookings: [{ bookingId: "1" }, { bookingId: "2" }], nextCursor: "n" }),
  );
  const client = createClient({ baseUrl, userToken: "user" });
  for await (const _ of client.items("listBookings", {})) break;
  expect(received).toHaveLength(1);
});

test("an error narrows by its code to its details", async () => {
  const conflicts = [
    { seatId: "65b0c0ffee0123456789abcd", state: "LOCKED", expiresIn: 7, mine: false },
  ];
  const { baseUrl } = await serverThat(
    failure(409, "SEAT_ALREADY_LOCKED", { details: { expiresIn: 7, conflicts } }),
  );
  const client = createClient({ baseUrl, userToken: "user" });
  const error: unknown = await client
    .reserve({ seatId: "65b0c0ffee0123456789abcd" })
    .catch((failed: unknown) => failed);
  if (!isBookingError(error) || error.code !== "SEAT_ALREADY_LOCKED") throw error;
  const seconds: number = error.details.expiresIn;
  expect(seconds).toBe(7);
  expect(error.details.conflicts[0]?.state).toBe("LOCKED");
  expect(error.requestId).toBe("request-1");
});
