import { expect, test } from "vitest";
import { type AnyBookingError, createClient } from "../src/index.js";
import { cut, failure, serverThat, success } from "./server.js";

const HOLD = { reservationToken: "t", seatIds: ["s"], expiresIn: 120, price: 1, currency: "INR" };

function tenant(baseUrl: string) {
  return createClient({ baseUrl, appId: "app", apiKey: "key", userToken: () => "jwt" });
}

async function failureOf(call: Promise<unknown>): Promise<AnyBookingError> {
  return call.then(
    () => expect.fail("the call succeeded"),
    (error: AnyBookingError) => error,
  );
}

test("a cut connection, a 503 and a 429 are retried with one key, after Retry-After", async () => {
  const { baseUrl, received } = await serverThat(
    cut,
    failure(503, "SERVICE_UNAVAILABLE", { retryAfter: 1 }),
    failure(429, "RATE_LIMITED", { retryAfter: 2 }),
    success(201, HOLD),
  );

  const hold = await tenant(baseUrl).reserve({ seatId: "65b0c0ffee0123456789abcd" });

  expect(hold.reservationToken).toBe("t");
  expect(received).toHaveLength(4);
  const keys = received.map(({ headers }) => headers["idempotency-key"]);
  expect(keys[0]).toMatch(/^[!-~]{16,255}$/);
  expect(new Set(keys).size).toBe(1);
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  const [, second, third, fourth] = received.map(({ at }) => at);
  expect(third! - second!).toBeGreaterThanOrEqual(1000);
  expect(fourth! - third!).toBeGreaterThanOrEqual(2000);
});

test("the fourth failure is the last", async () => {
  const { baseUrl, received } = await serverThat(failure(503, "SERVICE_UNAVAILABLE"));
  const error = await failureOf(tenant(baseUrl).listReservations());
  expect(error.code).toBe("SERVICE_UNAVAILABLE");
  expect(received).toHaveLength(4);
});

test("only the final response is reported", async () => {
  const statuses: number[] = [];
  const onResponse = ({ status }: Response) => void statuses.push(status);
  const { baseUrl } = await serverThat(failure(503, "SERVICE_UNAVAILABLE"), success(200, {}));
  await tenant(baseUrl).listReservations({}, { onResponse });
  expect(statuses).toEqual([200]);
});

test("a server that is away is a network error", async () => {
  const error = await failureOf(tenant("http://127.0.0.1:1").health());
  expect(error.code).toBe("NETWORK_ERROR");
  expect(error.status).toBe(0);
});

test.each([
  [429, "HOLD_LIMIT_REACHED"],
  [409, "SEAT_ALREADY_BOOKED"],
  [400, "VALIDATION_ERROR"],
  [402, "PAYMENT_FAILED"],
  [500, "INTERNAL"],
  [503, "PAYMENTS_NOT_CONFIGURED"],
])("%i %s is not repeated", async (status, code) => {
  const { baseUrl, received } = await serverThat(failure(status, code, { retryAfter: 0 }));
  const error = await failureOf(tenant(baseUrl).reserve({ seatId: "65b0c0ffee0123456789abcd" }));
  expect(error.code).toBe(code);
  expect(received).toHaveLength(1);
});

test("a key that is in use is waited for", async () => {
  const { baseUrl, received } = await serverThat(
    failure(409, "IDEMPOTENCY_KEY_IN_USE", { retryAfter: 1 }),
    success(201, HOLD),
  );
  await tenant(baseUrl).reserve({ seatId: "65b0c0ffee0123456789abcd" });
  expect(received[1]!.at - received[0]!.at).toBeGreaterThanOrEqual(1000);
});

test("a gateway's own 503 and 429, which have no code, are repeated", async () => {
  const gateway = (status: number) => (response: import("node:http").ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end('{"message":"no"}');
  };
  const { baseUrl, received } = await serverThat(gateway(503), gateway(429), success(200, {}));
  await tenant(baseUrl).health();
  expect(received).toHaveLength(3);
});

test("a wait of more than two minutes is left to the caller", async () => {
  const { baseUrl, received } = await serverThat(failure(429, "RATE_LIMITED", { retryAfter: 600 }));
  const error = await failureOf(tenant(baseUrl).health());
  expect(error.retryAfterMs).toBe(600_000);
  expect(received).toHaveLength(1);
});

test("an abort ends the wait between two attempts", async () => {
  const { baseUrl, received } = await serverThat(
    failure(503, "SERVICE_UNAVAILABLE", { retryAfter: 60 }),
  );
  const stop = new AbortController();
  const call = tenant(baseUrl).listReservations(
    {},
    {
      signal: stop.signal,
      onRetry: () => stop.abort(),
    },
  );
  await expect(call).rejects.toThrow(/abort/i);
  expect(received).toHaveLength(1);
});
