import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { type ClientOptions, type FeedSnapshot, createClient, unpackStates } from "../src/index.js";
import { failure, plain, serverThat, success } from "./server.js";

const SEATS = {
  seatsVersion: 1,
  currency: "INR",
  seats: [{ seatId: "a", seatNumber: "A1", price: 1 }],
};

function body(seq: number, state: number, more: object = {}) {
  const states = btoa(String.fromCharCode(state));
  return plain({ epoch: 1, seq, seatsVersion: 1, asOf: "", states, refreshMs: 20, ...more });
}

async function watched(...replies: Parameters<typeof serverThat>) {
  return watchedWith({}, ...replies);
}

async function watchedWith(
  options: Partial<ClientOptions>,
  ...replies: Parameters<typeof serverThat>
) {
  const { baseUrl, received } = await serverThat(...replies);
  const snapshots: FeedSnapshot[] = [];
  const errors: string[] = [];
  const client = createClient({ baseUrl, appId: "app", apiKey: "key", ...options });
  const stop = client.watch("feed-key", {
    onChange: (snapshot) => snapshots.push(snapshot),
    onError: (error) => errors.push(error.code),
  });
  onTestFinished(stop);
  const states = () => snapshots.map((snapshot) => snapshot.states[0]);
  return { received, snapshots, errors, states, stop };
}

afterEach(() => vi.unstubAllGlobals());

test("states are two bits a seat, the first seat in the lowest bits", () => {
  const packed = btoa(String.fromCharCode(0b11_10_01_00, 0b01));
  expect([...unpackStates(packed, 5)]).toEqual([0, 1, 2, 3, 1]);
});

test("a feed is followed without credentials, and its seats are loaded once", async () => {
  const feed = await watched(body(1, 0), plain(SEATS), body(2, 1), body(3, 2));
  await expect.poll(feed.states).toEqual([0, 1, 2]);
  expect(feed.received[0]?.headers["x-app-id"]).toBeUndefined();
  expect(feed.received.filter(({ url }) => url.includes("/seats"))).toHaveLength(1);
  expect(feed.snapshots[0]?.list.seats[0]?.seatNumber).toBe("A1");
});

test("a body that is older than the last is dropped; a newer epoch counts whatever its seq", async () => {
  const feed = await watched(
    body(10, 2),
    plain(SEATS),
    body(9, 0),
    body(11, 1, { epoch: 0 }),
    body(1, 1, { epoch: 2 }),
  );
  await expect.poll(feed.states).toEqual([2, 1]);
});

test("a new version of the seats is loaded before its states are shown", async () => {
  const added = { seatId: "b", seatNumber: "A2", price: 1 };
  const two = { ...SEATS, seatsVersion: 2, seats: [...SEATS.seats, added] };
  const next = body(2, 0b0110, { seatsVersion: 2 });
  const feed = await watched(body(1, 0), plain(SEATS), next, plain(two), next);
  await expect.poll(() => feed.snapshots.length).toBe(2);
  expect([...feed.snapshots[1]!.states]).toEqual([2, 1]);
  expect(feed.snapshots[1]?.list.seats).toHaveLength(2);
});

test("a version that is gone is an error, and the next poll tries again", async () => {
  const next = body(2, 1, { seatsVersion: 2 });
  const feed = await watched(
    body(1, 0),
    failure(404, "FEED_VERSION_GONE"),
    next,
    plain({ ...SEATS, seatsVersion: 2 }),
    next,
  );
  await expect.poll(feed.states, { timeout: 5000 }).toEqual([1]);
  expect(feed.errors).toEqual(["FEED_VERSION_GONE"]);
});

test("after an error the page is told of the seats again, though none has changed", async () => {
  const feed = await watched(
    body(1, 0),
    plain(SEATS),
    failure(503, "SERVICE_UNAVAILABLE"),
    body(1, 0),
    body(1, 0),
    body(1, 0),
  );
  await expect.poll(() => feed.received.length, { timeout: 10_000 }).toBeGreaterThan(5);
  expect(feed.errors).toEqual(["SERVICE_UNAVAILABLE"]);
  expect(feed.snapshots).toHaveLength(2);
});

test("a feed behind a cache is asked there, and everything else at the API", async () => {
  const api = await serverThat(success(200, { status: "ok" }));
  const cache = await serverThat(body(1, 0), plain(SEATS), body(1, 0));
  const client = createClient({ baseUrl: api.baseUrl, feedUrl: `${cache.baseUrl}/` });
  onTestFinished(client.watch("feed-key", { onChange: () => {} }));
  await client.health();
  await expect.poll(() => cache.received.length).toBeGreaterThan(1);
  expect(cache.received.every(({ url }) => url.startsWith("/feed/feed-key"))).toBe(true);
  expect(api.received.map(({ url }) => url)).toEqual(["/health"]);
});

test("an unknown feed ends the watch", async () => {
  const feed = await watched(failure(404, "FEED_NOT_FOUND"));
  await expect.poll(() => feed.errors).toEqual(["FEED_NOT_FOUND"]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(feed.received).toHaveLength(1);
});

test("a request without a response is an error, and the next poll tries again", async () => {
  const hang = () => {};
  const feed = await watchedWith({ timeoutMs: 500 }, hang, body(1, 0), plain(SEATS), body(1, 0));
  await expect.poll(feed.states, { timeout: 10_000 }).toEqual([0]);
  expect(feed.errors[0]).toBe("NETWORK_ERROR");
});

test("a hidden page does not ask", async () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  vi.stubGlobal("document", page);
  const feed = await watched(body(1, 0), plain(SEATS), body(2, 1));
  await expect.poll(feed.states).toEqual([0]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(feed.received).toHaveLength(2);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await expect.poll(feed.states).toEqual([0, 1]);
});

test("a watch that is stopped asks no more", async () => {
  const feed = await watched(body(1, 0), plain(SEATS), body(2, 0));
  await expect.poll(() => feed.received.length).toBeGreaterThan(2);
  feed.stop();
  const asked = feed.received.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(feed.received.length - asked).toBeLessThanOrEqual(1);
});
