import type { Page } from "@playwright/test";
import { type Tenant, backend, expect, newAccount, openSeats, test } from "./tenants.js";

const SALES = 5;

const sold = (page: Page) => page.getByRole("button", { name: /, sold$/ });
/** `/feed/{feedKey}`, without the list of seats. */
const FEED = /\/feed\/[^/?]+$/;

/** Opens a shop without signing in, and shows the seats as a list. */
async function look(page: Page, tenant: Tenant): Promise<void> {
  await openSeats(page, tenant);
  await page.getByRole("button", { name: "Show as list" }).click();
  await expect(page.getByRole("button", { name: /, available$/ })).not.toHaveCount(0);
}

/** Signs up another buyer. Returns a function that buys one seat. */
async function otherBuyer({ client, entityId }: Tenant): Promise<() => Promise<void>> {
  client.userToken = (await client.signup(newAccount())).token!;
  return async () => {
    const best = { entityId, quantity: 1, accessible: false };
    const { reservationToken } = await client.reserve({ bestAvailable: best });
    const paymentId = `pay_${Date.now()}${Math.random().toString(36).slice(2)}`;
    await client.confirm({ reservationToken, paymentId });
  };
}

test("a seat that somebody else buys is shown as sold over the WebSocket", async ({
  page,
  open,
}) => {
  const tenant = await open("BUS");
  const buy = await otherBuyer(tenant);
  // Changes can only come over the WebSocket.
  await page.route(FEED, (route) => route.abort());
  const connected = page.waitForEvent("websocket");
  await look(page, tenant);
  expect((await connected).url()).toContain("/live?feed=");
  const before = await sold(page).count();
  const waits: number[] = [];
  for (let sale = 1; sale <= SALES; sale++) {
    await buy();
    const began = Date.now();
    await expect(sold(page)).toHaveCount(before + sale);
    waits.push(Date.now() - began);
  }
  waits.sort((a, b) => a - b);
  const [median, slowest] = [waits[Math.floor(SALES / 2)]!, waits.at(-1)!];
  console.log(`live push: shown after ${median} ms (slowest of ${SALES}: ${slowest} ms)`);
});

test("when the server refuses the WebSocket, the feed is polled", async ({ page, open }) => {
  const tenant = await open("BUS");
  const buy = await otherBuyer(tenant);
  // The handshake for a feed that does not exist is a 404.
  await page.route(/\/entities\/[^/?]+$/, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const response = await route.fetch();
    const body = await response.json();
    body.data.liveUrl = body.data.liveUrl.replace(/feed=.*/, "feed=AAAAAAAAAAAAAAAAAAAAAA");
    return route.fulfill({ response, json: body });
  });
  let polls = 0;
  page.on("request", (request) => (polls += FEED.test(request.url()) ? 1 : 0));
  const refused = page.waitForEvent("console", (message) => message.text().includes("WebSocket"));
  await look(page, tenant);
  expect((await refused).text()).toContain("404");
  const before = await sold(page).count();
  const looks = polls;
  await buy();
  await expect(sold(page)).toHaveCount(before + 1);
  expect(polls).toBeGreaterThan(looks);
});

test.describe(() => {
  test.use({ provokesPolicy: true });

  test("a page whose policy does not allow the WebSocket polls the feed", async ({
    page,
    open,
  }) => {
    const tenant = await open("BUS");
    const buy = await otherBuyer(tenant);
    const sockets: string[] = [];
    page.on("websocket", (socket) => sockets.push(socket.url()));
    await page.addInitScript((api) => {
      // The state "interactive" comes before the page's own script.
      document.onreadystatechange = () => {
        const policy = document.createElement("meta");
        policy.httpEquiv = "content-security-policy";
        policy.content = `connect-src 'self' ${api}`;
        document.head.append(policy);
      };
    }, backend().baseUrl);
    const refused = page.waitForEvent("console", (message) =>
      /Content Security Policy/.test(message.text()),
    );
    await look(page, tenant);
    expect((await refused).text()).toContain("ws://");
    const before = await sold(page).count();
    await buy();
    await expect(sold(page)).toHaveCount(before + 1);
    expect(sockets).toEqual([]);
  });
});
