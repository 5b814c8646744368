import { expect, test } from "vitest";
import { createClient } from "../src/index.js";
import { failure, serverThat, success } from "./server.js";

const TOKEN = "0b0e4c0e-8c0f-4f51-9d7b-6a6f3f4f1c2d";

/** A tab's storage: it outlives the page. */
function tab() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
}

test("a reload in the middle of a confirmation repeats exactly the same call", async () => {
  const { baseUrl, received } = await serverThat(
    () => {}, // The first page never gets a response.
    success(201, { bookingId: "BK-20260122-7K2M9QX4TB" }),
  );
  const storage = tab();
  const page = () => createClient({ baseUrl, appId: "app", apiKey: "k", userToken: "u", storage });

  const unload = new AbortController();
  const first = page().confirm(
    { reservationToken: TOKEN, paymentId: "pay_1" },
    { signal: unload.signal },
  );
  await expect.poll(() => received.length).toBe(1);
  unload.abort();
  await expect(first).rejects.toThrow(/abort/i);

  const reloaded = page();
  const [unfinished] = reloaded.unfinishedConfirms();
  expect(unfinished).toEqual({ reservationToken: TOKEN, paymentId: "pay_1" });
  // The page has another payment id now, and still repeats the first call.
  const booking = await reloaded.confirm({ reservationToken: TOKEN, paymentId: "pay_2" });

  expect(booking.bookingId).toBe("BK-20260122-7K2M9QX4TB");
  expect(received[1]?.body).toBe(received[0]?.body);
  expect(received[1]?.headers["idempotency-key"]).toBe(received[0]?.headers["idempotency-key"]);
  expect(reloaded.unfinishedConfirms()).toEqual([]);
});

test("a final refusal is forgotten, so that the user can pay in another way", async () => {
  const { baseUrl, received } = await serverThat(
    failure(402, "PAYMENT_FAILED"),
    success(201, { bookingId: "BK-20260122-7K2M9QX4TB" }),
  );
  const client = createClient({ baseUrl, userToken: "u", storage: tab() });
  const confirm = (paymentId: string) => client.confirm({ reservationToken: TOKEN, paymentId });
  await expect(confirm("pay_fail_1")).rejects.toMatchObject({ code: "PAYMENT_FAILED" });
  await confirm("pay_2");
  expect(JSON.parse(received[1]!.body)).toMatchObject({ paymentId: "pay_2" });
  expect(received[1]?.headers["idempotency-key"]).not.toBe(received[0]?.headers["idempotency-key"]);
});

test("a call whose payment is pending is repeated, until the user pays otherwise", async () => {
  const { baseUrl, received } = await serverThat(
    failure(409, "PAYMENT_PENDING"),
    failure(409, "PAYMENT_PENDING"),
    success(201, { bookingId: "BK-20260122-7K2M9QX4TB" }),
  );
  const client = createClient({ baseUrl, userToken: "u", storage: tab() });
  const confirm = (paymentId: string) => client.confirm({ reservationToken: TOKEN, paymentId });
  await expect(confirm("pay_1")).rejects.toMatchObject({ code: "PAYMENT_PENDING" });
  const [unfinished] = client.unfinishedConfirms();
  expect(unfinished).toEqual({ reservationToken: TOKEN, paymentId: "pay_1" });
  await expect(confirm("pay_1")).rejects.toMatchObject({ code: "PAYMENT_PENDING" });
  await confirm("pay_2");
  expect(received.map(({ body }) => JSON.parse(body).paymentId)).toEqual([
    "pay_1",
    "pay_1",
    "pay_2",
  ]);
  const keys = received.map(({ headers }) => headers["idempotency-key"]);
  expect([keys[0] === keys[1], keys[1] === keys[2]]).toEqual([true, false]);
  expect(client.unfinishedConfirms()).toEqual([]);
});

test.each([
  [503, "SERVICE_UNAVAILABLE"],
  [500, "INTERNAL"],
  [401, "TOKEN_EXPIRED"],
  [429, "RATE_LIMITED"],
])("after %i %s the call is still unfinished", async (status, code) => {
  const { baseUrl } = await serverThat(failure(status, code, { retryAfter: 300 }));
  const client = createClient({ baseUrl, userToken: "u", storage: tab() });
  const call = client.confirm({ reservationToken: TOKEN, paymentId: "pay_1" });
  await expect(call).rejects.toMatchObject({ code });
  expect(client.unfinishedConfirms()).toHaveLength(1);
});

test("after a proxy's own error page the call is still unfinished", async () => {
  const { baseUrl } = await serverThat((response) => {
    response.writeHead(404, { "content-type": "text/html" });
    response.end("<h1>Not found</h1>");
  });
  const client = createClient({ baseUrl, userToken: "u", storage: tab() });
  const call = client.confirm({ reservationToken: TOKEN, paymentId: "pay_1" });
  await expect(call).rejects.toMatchObject({ code: "UNREADABLE_RESPONSE" });
  expect(client.unfinishedConfirms()).toHaveLength(1);
});

test("a browser that blocks storage still confirms", async () => {
  const { baseUrl } = await serverThat(success(201, { bookingId: "BK-20260122-7K2M9QX4TB" }));
  const blocked = () => {
    throw new DOMException("denied", "SecurityError");
  };
  const storage = { getItem: blocked, setItem: blocked, removeItem: blocked };
  const client = createClient({ baseUrl, userToken: "u", storage });
  await client.confirm({ reservationToken: TOKEN, paymentId: "pay_1" });
  expect(client.unfinishedConfirms()).toEqual([]);
});
