import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { type FeedSnapshot, createClient } from "../src/index.js";
import { failure, plain, serverThat } from "./server.js";

const SEATS = {
  seatsVersion: 1,
  currency: "INR",
  seats: [{ seatId: "a", seatNumber: "A1", price: 1 }],
};

const body = (seq: number, state: number, more: object = {}) => ({
  epoch: 1,
  seq,
  seatsVersion: 1,
  asOf: "",
  states: btoa(String.fromCharCode(state)),
  refreshMs: 20,
  ...more,
});

/** Follows a real WebSocket server. Its first connection gets the first function, and so on. */
async function live(
  connections: ((socket: WebSocket) => void)[],
  ...replies: Parameters<typeof serverThat>
) {
  vi.stubGlobal("WebSocket", WebSocket);
  const { baseUrl, received } = await serverThat(...replies);
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    verifyClient: (_, done) => done(connections.length > 0, 429),
  });
  await new Promise((resolve) => server.once("listening", resolve));
  let connected = 0;
  const sockets: WebSocket[] = [];
  server.on("connection", (socket) => {
    sockets.push(socket);
    connections[Math.min(connected++, connections.length - 1)]?.(socket);
  });
  const snapshots: FeedSnapshot[] = [];
  const errors: string[] = [];
  const stop = createClient({ baseUrl }).watch("feed-key", {
    liveUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}?feed=feed-key`,
    onChange: (snapshot) => snapshots.push(snapshot),
    onError: (error) => errors.push(error.code),
  });
  onTestFinished(() => {
    stop();
    for (const socket of sockets) socket.terminate();
    server.close();
    vi.unstubAllGlobals();
  });
  const looks = () => received.filter(({ url }) => url === "/feed/feed-key").length;
  const states = () => snapshots.map((snapshot) => snapshot.states[0]);
  return { received, errors, states, sockets, looks, stop };
}

const say =
  (...bodies: unknown[]) =>
  (socket: WebSocket) => {
    for (const each of bodies) socket.send(typeof each === "string" ? each : JSON.stringify(each));
  };

test("what is pushed is shown, older bodies are dropped, and nothing is polled", async () => {
  const feed = await live([say(body(10, 0), body(11, 1), body(9, 0), body(12, 2))], plain(SEATS));
  await expect.poll(feed.states).toEqual([0, 1, 2]);
  expect(feed.received.map(({ url }) => url)).toEqual(["/feed/feed-key/seats?v=1"]);
});

test("a connection that ends is made again", async () => {
  const close = (socket: WebSocket) => {
    say(body(1, 0))(socket);
    setTimeout(() => socket.close(), 100);
  };
  const feed = await live([close, say(body(2, 1))], plain(SEATS));
  await expect.poll(feed.states, { timeout: 5000 }).toEqual([0, 1]);
  expect(feed.looks()).toBe(0);
});

test("where connections are refused, the feed is polled", async () => {
  const feed = await live([], plain(body(1, 0)), plain(SEATS), plain(body(2, 1)));
  await expect.poll(feed.states).toEqual([0, 1]);
  expect(feed.errors).toEqual([]);
});

test("where a WebSocket cannot even be created, the feed is polled", async () => {
  const { baseUrl } = await serverThat(plain(body(1, 0)), plain(SEATS), plain(body(2, 1)));
  vi.stubGlobal("WebSocket", WebSocket);
  onTestFinished(() => void vi.unstubAllGlobals());
  const states: (number | undefined)[] = [];
  const stop = createClient({ baseUrl }).watch("feed-key", {
    liveUrl: "no address",
    onChange: (snapshot) => states.push(snapshot.states[0]),
  });
  onTestFinished(stop);
  await expect.poll(() => states).toEqual([0, 1]);
});

test("after a text that is no body, the feed is polled", async () => {
  const words = '{"message": "Internal server error", "requestId": "r-1"}';
  for (const text of [words, "not JSON", "null"]) {
    const feed = await live([say(text)], plain(body(1, 0)), plain(SEATS), plain(body(2, 1)));
    await expect.poll(feed.states).toEqual([0, 1]);
    await expect.poll(() => feed.sockets[0]?.readyState).toBe(WebSocket.CLOSED);
    feed.stop();
  }
});

test("seats that cannot be loaded are an error, and the feed is polled", async () => {
  const feed = await live(
    [say(body(1, 0))],
    failure(404, "FEED_VERSION_GONE"),
    plain(body(2, 1)),
    plain(SEATS),
    plain(body(2, 1)),
  );
  await expect.poll(feed.states).toEqual([1]);
  expect(feed.errors).toEqual(["FEED_VERSION_GONE"]);
});

test("a hidden page closes its connection, and connects again when it is seen", async () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", page);
  const turn = (visibilityState: string) => {
    page.visibilityState = visibilityState;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  const feed = await live([say(body(1, 0)), say(body(2, 1))], plain(SEATS));
  await expect.poll(feed.states).toEqual([0]);
  turn("hidden");
  await expect.poll(() => feed.sockets[0]?.readyState).toBe(WebSocket.CLOSED);
  turn("visible");
  await expect.poll(feed.states, { timeout: 5000 }).toEqual([0, 1]);
  expect(feed.looks()).toBe(0);
});

test("after a minute of silence the feed shows whether anything was missed", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const feed = await live([say(body(1, 0)), say(body(3, 2))], plain(SEATS), plain(body(2, 1)));
  await vi.waitFor(() => expect(feed.states()).toEqual([0]));
  await vi.advanceTimersByTimeAsync(60_000);
  await vi.waitFor(() => expect(feed.states()).toEqual([0, 1]));
  await vi.advanceTimersByTimeAsync(2_000);
  await vi.waitFor(() => expect(feed.states()).toEqual([0, 1, 2]));
  expect(feed.sockets).toHaveLength(2);
});

test("a watch that is stopped closes its connection", async () => {
  const feed = await live([say(body(1, 0))], plain(SEATS));
  await expect.poll(feed.states).toEqual([0]);
  feed.stop();
  await expect.poll(() => feed.sockets[0]?.readyState).toBe(WebSocket.CLOSED);
});
