import type { Page } from "@playwright/test";
import {
  type Tenant,
  expect,
  expectAccessible,
  newAccount,
  openSeats,
  signUp,
  test,
} from "./tenants.js";

const held = (page: Page) => page.getByRole("heading", { name: "Your seats are held" });
const booked = (page: Page) => page.getByRole("heading", { name: "Booked. See you there!" });
const find = (page: Page) => page.getByRole("button", { name: "Find the best seats" });
const proceed = (page: Page) => page.getByRole("button", { name: /^Continue with/ });

async function pay(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Pay ₹/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Pay ₹/ })
    .click();
}

/** The bookings of the user who is signed in on a page. */
async function bookingsOf(page: Page, tenant: Tenant) {
  const session = await page.evaluate(
    (name) => localStorage.getItem(name),
    `shop:session:${tenant.appId}`,
  );
  tenant.client.userToken = JSON.parse(session ?? "{}").token;
  return (await tenant.client.listBookings()).bookings;
}

/** Picks a seat with the mouse. Where seats are too small to hit, the first click zooms in. */
async function clickSeat(page: Page, number: string): Promise<void> {
  const listed = page.locator(".seats li");
  const before = await listed.count();
  await expect(async () => {
    const point = await page.locator("seat-map").evaluate((map, wanted) => {
      const { plan } = map as unknown as { plan: { spots: { seat: { seatNumber: string } }[] } };
      const index = plan.spots.findIndex(({ seat }) => seat.seatNumber === wanted);
      return (map as unknown as { pointOf(index: number): { x: number; y: number } }).pointOf(
        index,
      );
    }, number);
    await page.mouse.click(point.x, point.y);
    await expect(listed).toHaveCount(before + 1, { timeout: 800 });
  }).toPass();
}

for (const [domain, seats] of [
  ["BUS", ["4C", "4D"]],
  ["MOVIE", ["E-8", "E-9"]],
] as const) {
  test(`two seats of a ${domain} are bought by mouse, and axe finds nothing on the way`, async ({
    page,
    open,
  }) => {
    // The pages of all domains are the same, and axe takes seconds for each.
    const examine = domain === "BUS" ? expectAccessible : async () => {};
    const tenant = await open(domain);
    await page.goto(tenant.origin);
    await expect(page.locator(".listing a")).toHaveCount(1);
    await examine(page);
    await page.locator(".listing a").click();
    await page.getByLabel("Name").waitFor();
    await examine(page);
    await signUp(page);
    await examine(page);
    for (const seat of seats) await clickSeat(page, seat);
    await examine(page);
    await proceed(page).click();
    await expect(held(page)).toBeVisible();
    await examine(page);
    await page.getByRole("button", { name: /^Pay ₹/ }).click();
    await examine(page);
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Pay ₹/ })
      .click();
    await expect(booked(page)).toBeVisible();
    await examine(page);
    await page.getByRole("link", { name: "See all my bookings" }).click();
    await expect(page.locator(".ticket")).toHaveCount(1);
    await examine(page);
    const [booking] = await bookingsOf(page, tenant);
    expect(booking?.seats.map(({ seatNumber }) => seatNumber)).toEqual(seats);
  });
}

test("two seats of a hall are bought by mouse: a click zooms in first", async ({ page, open }) => {
  const tenant = await open("EVENT");
  await openSeats(page, tenant);
  await signUp(page);
  await clickSeat(page, "C-5");
  await clickSeat(page, "C-6");
  await proceed(page).click();
  await pay(page);
  await expect(booked(page)).toBeVisible();
});

/** Presses Tab until something with this name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    const focused = await page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      if (element === document.body) return "";
      const labels = (element as HTMLInputElement | null)?.labels;
      return (
        element?.getAttribute("aria-label") ??
        labels?.[0]?.textContent ??
        element?.textContent ??
        ""
      );
    });
    if (name.test(focused)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${name}`);
}

for (const domain of ["EVENT", "BUS", "MOVIE"] as const) {
  test(`two seats of a ${domain} are bought by keyboard alone`, async ({ page, open }) => {
    const tenant = await open(domain);
    const { name, email, password } = newAccount();
    await page.goto(tenant.origin);
    await page.locator(".listing a").waitFor();
    await tabTo(page, /Winter|Bengaluru|Monsoon/);
    await page.keyboard.press("Enter");
    await page.getByLabel("Name").waitFor();
    for (const [label, value] of [
      [/^Name/, name],
      [/^E-mail/, email],
      [/^Password/, password],
    ] as const) {
      await tabTo(page, label);
      await page.keyboard.type(value);
    }
    await page.keyboard.press("Enter");
    await find(page).waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await tabTo(page, /^Seat map$/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await tabTo(page, /^Continue with 2$/);
    await page.keyboard.press("Enter");
    await expect(held(page)).toBeFocused();
    await tabTo(page, /^Pay ₹/);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeVisible();
    await tabTo(page, /^Pay ₹/);
    await page.keyboard.press("Enter");
    await expect(booked(page)).toBeFocused();
    expect(await bookingsOf(page, tenant)).toHaveLength(1);
  });

  test(`two seats of a ${domain} are bought at 390 pixels`, async ({ page, open }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    const tenant = await open(domain);
    await openSeats(page, tenant);
    await signUp(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      390,
    );
    await find(page).click();
    await proceed(page).click();
    await pay(page);
    await expect(booked(page)).toBeVisible();
    expect((await bookingsOf(page, tenant))[0]?.seats).toHaveLength(2);
  });
}

test("of two browsers that want one seat, the loser is told and takes others", async ({
  page,
  open,
  browser,
}) => {
  const tenant = await open("BUS");
  const other = await (await browser.newContext()).newPage();
  for (const each of [page, other]) {
    await openSeats(each, tenant);
    await signUp(each);
    await clickSeat(each, "5A");
    await expect(proceed(each)).toBeVisible();
  }
  await proceed(page).click();
  await expect(held(page)).toBeVisible();
  // The loser may hear of it from the map or from the refusal.
  await proceed(other)
    .click({ timeout: 2000 })
    .catch(() => undefined);
  await expect(other.getByText("5A has just been taken.")).toBeVisible();
  await other.getByRole("button", { name: "Take these" }).click();
  await proceed(other).click();
  await expect(held(other)).toBeVisible();
  await expectAccessible(other);
  await other.close();
});

test("a hold that runs out is announced before, and the same seats can be taken again", async ({
  page,
  open,
}) => {
  test.setTimeout(150_000);
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await signUp(page);
  await find(page).click();
  await proceed(page).click();
  await expect(held(page)).toBeVisible();
  await expect(page.getByText("30 seconds left to pay.")).toBeAttached({ timeout: 45_000 });
  await expect(page.getByText("The time ran out")).toBeVisible({ timeout: 45_000 });
  await page.getByRole("button", { name: "Try the same seats" }).click();
  await proceed(page).click();
  await expect(held(page)).toBeVisible();
});

test("a declined payment gives the seats back, and another one buys them", async ({
  page,
  open,
}) => {
  const tenant = await open("MOVIE");
  await openSeats(page, tenant);
  await signUp(page);
  await find(page).click();
  await proceed(page).click();
  await page.getByRole("button", { name: /^Pay ₹/ }).click();
  await page.getByRole("button", { name: "Let the payment be declined" }).click();
  await expect(page.getByText("The payment was declined")).toBeVisible();
  await find(page).click();
  await proceed(page).click();
  await pay(page);
  await expect(booked(page)).toBeVisible();
});

test("a reload in the middle of paying gives one booking", async ({ page, open }) => {
  const tenant = await open("MOVIE");
  await openSeats(page, tenant);
  await signUp(page);
  await find(page).click();
  await proceed(page).click();
  // The server books, and its response never reaches the page.
  let reached: () => void = () => {};
  const atServer = new Promise<void>((resolve) => (reached = resolve));
  await page.route("**/confirm-booking", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch();
    reached();
  });
  await pay(page);
  await atServer;
  await page.unroute("**/confirm-booking");
  await page.reload();
  await expect(booked(page)).toBeVisible();
  expect(await bookingsOf(page, tenant)).toHaveLength(1);
});

test("a hold survives a reload, with the time that is left", async ({ page, open }) => {
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await signUp(page);
  await find(page).click();
  await proceed(page).click();
  await expect(held(page)).toBeVisible();
  await page.reload();
  await expect(held(page)).toBeVisible();
  await expect(page.getByRole("timer")).toHaveText(/^0:[0-5]\d$/);
});

test("seats of a hold can be changed, and the clock goes on", async ({ page, open }) => {
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await signUp(page);
  await clickSeat(page, "6A");
  await proceed(page).click();
  await expect(held(page)).toBeVisible();
  await page.getByRole("button", { name: "Change seats" }).click();
  await clickSeat(page, "6B");
  await page.getByRole("button", { name: "Keep these seats" }).click();
  await expect(held(page)).toBeVisible();
  await pay(page);
  await expect(booked(page)).toBeVisible();
  expect((await bookingsOf(page, tenant))[0]?.seats).toHaveLength(2);
});

test("while the API answers 503 for 10 s, nothing is lost", async ({ page, open }) => {
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await signUp(page);
  await find(page).click();
  const until = Date.now() + 10_000;
  await page.route("**/reserve-seat", (route) => {
    if (route.request().method() !== "POST" || Date.now() > until) return route.continue();
    return route.fulfill({
      status: 503,
      headers: {
        "access-control-allow-origin": tenant.origin,
        "access-control-expose-headers": "retry-after",
        "retry-after": "2",
      },
      json: {
        success: false,
        error: { code: "SERVICE_UNAVAILABLE", message: "down", requestId: "r" },
      },
    });
  });
  await proceed(page).click();
  await expect(page.getByText("The service is not available right now.")).toBeVisible();
  await expect(async () => {
    if (await proceed(page).isVisible()) await proceed(page).click({ timeout: 500 });
    await expect(held(page)).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
  await pay(page);
  await expect(booked(page)).toBeVisible();
});

test("a clock that is three hours wrong shows the right time", async ({ page, open }) => {
  const tenant = await open("BUS");
  await page.clock.setSystemTime(Date.now() + 3 * 3600_000);
  await openSeats(page, tenant);
  await signUp(page);
  await find(page).click();
  await proceed(page).click();
  await expect(held(page)).toBeVisible();
  await expect(page.getByRole("timer")).toHaveText(/^(1:00|0:5\d)$/);
  await pay(page);
  await expect(booked(page)).toBeVisible();
});

test("an empty shop, a missing page and an API that is away say what to do", async ({
  page,
  open,
}) => {
  const tenant = await open("EVENT");
  await page.goto(`${tenant.origin}/nowhere`);
  await expect(page.getByText("There is no such page")).toBeVisible();
  await expectAccessible(page);
  await page.goto(`${tenant.origin}/e/nothing-here`);
  await expect(page.getByText("There is no such date")).toBeVisible();
  await expectAccessible(page);
  await page.goto(`${tenant.origin}/bookings`);
  await expect(page.getByText("Sign in to see what you have booked.")).toBeVisible();
  await expectAccessible(page);
  await page.route("**/entities*", (route) => route.abort());
  await page.goto(tenant.origin);
  await expect(page.getByText("We cannot reach the box office")).toBeVisible({ timeout: 15_000 });
  await expectAccessible(page);
});

test("dark and forced colours leave nothing that axe finds", async ({ page, open }) => {
  const tenant = await open("EVENT");
  for (const media of [{ colorScheme: "dark" }, { forcedColors: "active" }] as const) {
    await page.emulateMedia(media);
    await page.goto(tenant.origin);
    await expect(page.locator(".listing a")).toHaveCount(1);
    await expectAccessible(page);
    await page.locator(".listing a").click();
    await page.getByLabel("Name").waitFor();
    await expectAccessible(page);
  }
});
