import type { Page } from "@playwright/test";
import { booked, bookingsOf, clickSeat, find, held, pay, proceed } from "./buyer.js";
import { expect, expectAccessible, newAccount, openSeats, signUp, test } from "./tenants.js";

/** What the providers' scripts do: the first card is declined, the second pays. */
const PROVIDER_SCRIPTS = {
  stripe: `let tries = 0;
    window.Stripe = () => ({
      elements: () => ({ create: () => ({ mount: (place) => (place.textContent = "Card") }) }),
      confirmPayment: async () =>
        tries++ ? { paymentIntent: { id: "pay_by_provider" + Date.now(), status: "succeeded" } }
          : { error: { message: "Your card was declined." } },
    });`,
  razorpay: `let tries = 0;
    window.Razorpay = class {
      constructor(options) { this.options = options; }
      on(event, act) { this.failed = act; }
      open() {
        if (tries++) this.options.handler({ razorpay_payment_id: "pay_by_provider" + Date.now() });
        else this.failed({ error: { description: "Your card was declined." } });
      }
    };`,
};

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
    await find(page).waitFor();
    await examine(page);
    for (const seat of seats) await clickSeat(page, seat);
    await examine(page);
    await proceed(page).click();
    await page.getByLabel("Name").waitFor();
    await examine(page);
    await signUp(page);
    await expect(held(page)).toBeVisible();
    await examine(page);
    await page.getByRole("button", { name: /^Pay ₹/ }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
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
  await clickSeat(page, "C-5");
  await clickSeat(page, "C-6");
  await proceed(page).click();
  await signUp(page);
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
    await find(page).waitFor();
    await tabTo(page, /^Seat map$/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await tabTo(page, /^Continue with 2$/);
    await page.keyboard.press("Enter");
    for (const [label, value] of [
      [/^Name/, name],
      [/^E-mail/, email],
      [/^Password/, password],
    ] as const) {
      await tabTo(page, label);
      await page.keyboard.type(value);
    }
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
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      390,
    );
    await find(page).click();
    await signUp(page);
    await pay(page);
    await expect(booked(page)).toBeVisible();
    expect((await bookingsOf(page, tenant))[0]?.seats).toHaveLength(2);
  });
}

test("a hold that runs out is announced before, and the same seats can be taken again", async ({
  page,
  open,
}) => {
  test.setTimeout(150_000);
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await find(page).click();
  await signUp(page);
  await expect(held(page)).toBeVisible();
  await expect(page.getByText("30 seconds left to pay.")).toBeAttached({ timeout: 45_000 });
  await expect(page.getByText("The time ran out")).toBeVisible({ timeout: 45_000 });
  await page.getByRole("button", { name: "Try the same seats" }).click();
  await proceed(page).click();
  await expect(held(page)).toBeVisible();
});

test("a booking is cancelled for what the policy gives back, and its seats are free again", async ({
  page,
  open,
  admin,
}) => {
  const tenant = await open("BUS");
  const tiers = [{ hoursBefore: 0, refundPercent: 100 }];
  const { appId, entityId } = tenant;
  await admin.patchEntity({ appId, entityId, cancellationPolicy: { tiers, feePerSeat: 1_000 } });
  await openSeats(page, tenant);
  await clickSeat(page, "4C");
  await proceed(page).click();
  await signUp(page);
  await pay(page);
  await booked(page).waitFor();
  await page.getByRole("link", { name: "See all my bookings" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("after a fee of ₹10.");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Cancel the booking" }).click();
  await expect(page.locator(".ticket .tag")).toContainText(
    /^Cancelled, (partly refunded|refund on its way)$/,
  );
  await expect(page.getByRole("button", { name: "Cancel" })).toHaveCount(0);
  const [booking] = await bookingsOf(page, tenant);
  expect(booking!.status).toBe("CANCELLED");
  const seats = await tenant.client.listSeats({ entityId, include: "all" });
  expect(seats.seats.find(({ seatNumber }) => seatNumber === "4C")!.status).toBe("AVAILABLE");
});

test("a declined payment gives the seats back, and another one buys them", async ({
  page,
  open,
}) => {
  const tenant = await open("MOVIE");
  await openSeats(page, tenant);
  await find(page).click();
  await signUp(page);
  await page.getByRole("button", { name: /^Pay ₹/ }).click();
  await page.getByRole("button", { name: "Let the payment be declined" }).click();
  await expect(page.getByText("The payment was declined")).toBeVisible();
  await find(page).click();
  await pay(page);
  await expect(booked(page)).toBeVisible();
});

test("a reload in the middle of paying gives one booking", async ({ page, open }) => {
  const tenant = await open("MOVIE");
  await openSeats(page, tenant);
  await find(page).click();
  await signUp(page);
  // The server books, and its response never reaches the page.
  let reached: (() => void) | undefined;
  const atServer = new Promise<void>((resolve) => (reached = resolve));
  await page.route("**/confirm-booking", async (route) => {
    if (!reached || route.request().method() !== "POST") return route.continue();
    await route.fetch();
    reached();
  });
  await pay(page);
  await atServer;
  // Not `unroute`: it would let the first request go on, and the page might see its response.
  reached = undefined;
  await page.reload();
  await expect(booked(page)).toBeVisible();
  expect(await bookingsOf(page, tenant)).toHaveLength(1);
});

test("a hold survives a reload, with the time that is left", async ({ page, open }) => {
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await find(page).click();
  await signUp(page);
  await expect(held(page)).toBeVisible();
  await page.reload();
  await expect(held(page)).toBeVisible();
  await expect(page.getByRole("timer")).toHaveText(/^0:[0-5]\d$/);
});

test("a phone that sleeps through its hold says so when it wakes, though its clocks stood still", async ({
  page,
  open,
  admin,
}) => {
  test.setTimeout(120_000);
  const tenant = await open("BUS");
  const { appId, entityId } = tenant;
  await admin.patchEntity({ appId, entityId, holdSeconds: 30 });
  await page.clock.install();
  await openSeats(page, tenant);
  await find(page).click();
  await signUp(page);
  await expect(held(page)).toBeVisible();
  await page.clock.pauseAt(Date.now() + 1000);
  // The server's clock goes on, until the hold has ended.
  await bookingsOf(page, tenant);
  const holds = async () => (await tenant.client.listReservations()).reservations.length;
  expect(await holds()).toBe(1);
  await expect.poll(holds, { timeout: 60_000 }).toBe(0);
  await expect(held(page)).toBeVisible();
  await page.clock.resume();
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(page.getByText("The time ran out")).toBeVisible();
  await page.getByRole("button", { name: "Try the same seats" }).click();
  await proceed(page).click();
  await expect(held(page)).toBeVisible();
});

test("with storage blocked, two seats are still sold", async ({ page, open }) => {
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("blocked", "SecurityError");
        },
      });
  });
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await find(page).click();
  await signUp(page);
  await pay(page);
  await expect(booked(page)).toBeVisible();
});

test("at 320 pixels nothing is cut off, from the list to the ticket", async ({ page, open }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const width = async () => page.evaluate(() => document.documentElement.scrollWidth);
  const tenant = await open("EVENT");
  await page.goto(tenant.origin);
  await page.locator(".listing a").waitFor();
  expect(await width()).toBeLessThanOrEqual(320);
  await openSeats(page, tenant);
  expect(await width()).toBeLessThanOrEqual(320);
  await find(page).click();
  await page.getByLabel("Name").waitFor();
  expect(await width()).toBeLessThanOrEqual(320);
  await signUp(page);
  await expect(held(page)).toBeVisible();
  expect(await width()).toBeLessThanOrEqual(320);
  await expectAccessible(page);
  await pay(page);
  await expect(booked(page)).toBeVisible();
  expect(await width()).toBeLessThanOrEqual(320);
});

test("too many seats are explained, and a wheelchair's place is found", async ({ page, open }) => {
  const tenant = await open("EVENT");
  await openSeats(page, tenant);
  await page.getByRole("checkbox", { name: "With a wheelchair" }).check();
  await page.getByRole("combobox", { name: "Seats" }).selectOption("10");
  await page.getByRole("combobox", { name: "Category" }).selectOption({ index: 1 });
  await page.route("**/reserve-seat", (route) => {
    if (route.request().method() !== "POST") return route.continue();
    expect(route.request().postDataJSON().bestAvailable).toMatchObject({
      quantity: 10,
      accessible: true,
    });
    const details = { available: 4, largestAdjacent: 2 };
    const error = { code: "NOT_ENOUGH_SEATS", message: "Not enough", details, requestId: "r" };
    return route.fulfill({
      status: 409,
      headers: { "access-control-allow-origin": tenant.origin },
      json: { success: false, error },
    });
  });
  await find(page).click();
  await signUp(page);
  await expect(page.getByText("Only 4 such seats are left, 2 of them side by side.")).toBeVisible();
  await expectAccessible(page);
});

for (const [provider, script] of [
  ["stripe", "https://js.stripe.com/v3/"],
  ["razorpay", "https://checkout.razorpay.com/v1/checkout.js"],
] as const) {
  test(`an app with ${provider} is paid through the provider's own script`, async ({
    page,
    open,
  }) => {
    const tenant = await open("BUS", `script-src 'self' ${new URL(script).origin};`);
    await page.route("**/payments", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      const reply = await route.fetch();
      const body = await reply.json();
      Object.assign(body.data, { provider, status: "created", publishableKey: "pk", keyId: "rzp" });
      Object.assign(body.data, { clientSecret: "secret", orderId: "order" });
      await route.fulfill({ response: reply, json: body });
    });
    await page.route(script, (route) =>
      route.fulfill({ contentType: "text/javascript", body: PROVIDER_SCRIPTS[provider] }),
    );
    await openSeats(page, tenant);
    await find(page).click();
    await signUp(page);
    await page.getByRole("button", { name: /^Pay ₹/ }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: /^Pay ₹/ }).click();
    await expect(dialog.getByText("Your card was declined.")).toBeVisible();
    await dialog.getByRole("button", { name: /^Pay ₹/ }).click();
    await expect(booked(page)).toBeVisible();
    const [booking] = await bookingsOf(page, tenant);
    expect(booking?.paymentId).toMatch(/^pay_by_provider/);
  });
}

test("seats of a hold can be changed, and the clock goes on", async ({ page, open }) => {
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await clickSeat(page, "6A");
  await proceed(page).click();
  await signUp(page);
  await expect(held(page)).toBeVisible();
  await page.getByRole("button", { name: "Change seats" }).click();
  // Looking at another tab meanwhile ends nothing.
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
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
  await find(page).click();
  await signUp(page);
  await expect(page.getByText("The service is not available right now.")).toBeVisible();
  await expect(async () => {
    if (await find(page).isVisible()) await find(page).click({ timeout: 500 });
    await expect(held(page)).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
  await pay(page);
  await expect(booked(page)).toBeVisible();
});

test("a clock that is three hours wrong shows the right time", async ({ page, open }) => {
  const tenant = await open("BUS");
  await page.clock.setSystemTime(Date.now() + 3 * 3600_000);
  await openSeats(page, tenant);
  await find(page).click();
  await signUp(page);
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
    await find(page).waitFor();
    await expectAccessible(page);
  }
});
