import { booked, find, held, pay, proceed, takeBest } from "./buyer.js";
import { expect, expectAccessible, newAccount, openSeats, signUp, test } from "./tenants.js";

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
  await takeBest(page, tenant);
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

test("an empty shop, a missing page and an API that is away say what to do", async ({
  page,
  open,
}) => {
  const tenant = await open("EVENT");
  await page.goto(`${tenant.origin}/nowhere`);
  await expect(page.getByText("There is no such page")).toBeVisible();
  await page.evaluate(() => {
    history.pushState(null, "", "/e/%");
    dispatchEvent(new PopStateEvent("popstate"));
  });
  await expect(page.getByText("There is no such page")).toBeVisible();
  await expectAccessible(page);
  await page.goto(`${tenant.origin}/e/nothing-here`);
  await expect(page.getByText("There is no such date")).toBeVisible();
  await expectAccessible(page);
  await page.goto(`${tenant.origin}/bookings`);
  await expect(page.getByText("Sign in to see what you have booked.")).toBeVisible();
  await expectAccessible(page);
  await page.route("**/entities*", (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const headers = { "access-control-allow-origin": tenant.origin };
    return route.fulfill({ headers, json: { success: true, data: { entities: [] } } });
  });
  await page.goto(tenant.origin);
  await expect(page.getByText("Nothing is on sale yet")).toBeVisible();
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

test("what is paused says so, and what is cancelled sells nothing", async ({
  page,
  open,
  admin,
}) => {
  const { appId, entityId, origin } = await open("EVENT");
  await admin.patchEntity({ appId, entityId, state: "PAUSED" });
  await expect(async () => {
    await page.goto(origin);
    await expect(page.getByText("Sales paused")).toBeVisible({ timeout: 2000 });
  }).toPass();
  await expectAccessible(page);
  await page.locator(".listing a").click();
  await expect(page.getByRole("heading", { name: "Sales are paused." })).toBeVisible();
  await expect(find(page)).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Show as list" }).click();
  await page
    .getByRole("button", { name: /, available$/ })
    .first()
    .click();
  await expect(proceed(page)).toHaveCount(0);
  await admin.patchEntity({ appId, entityId, state: "ON_SALE" });
  await expect(async () => {
    await page.getByRole("button", { name: "Check again" }).click({ timeout: 1000 });
    await expect(find(page)).toBeVisible({ timeout: 1000 });
  }).toPass();
  await admin.cancelEntity({ appId, entityId, refundPercent: 100, reason: "The band is ill." });
  await expect(async () => {
    await page.reload();
    await expect(page.getByText("This has been cancelled.")).toBeVisible({ timeout: 2000 });
  }).toPass();
  await expect(find(page)).toHaveCount(0);
  await expectAccessible(page);
});

for (const [when, window, words] of [
  ["before", { salesOpenAt: "2030-01-01T00:00:00.000Z" }, "Sales have not started."],
  ["after", { salesCloseAt: "2020-01-01T00:00:00.000Z" }, "Sales are closed."],
] as const) {
  test(`${when} the sales window no seats are offered`, async ({ page, open, admin }) => {
    const { appId, entityId, origin } = await open("MOVIE");
    await admin.patchEntity({ appId, entityId, ...window });
    await expect(async () => {
      await page.goto(`${origin}/e/${entityId}`);
      await expect(page.getByRole("heading", { name: words })).toBeVisible({ timeout: 2000 });
    }).toPass();
    await expect(find(page)).toHaveCount(0);
    await expectAccessible(page);
  });
}

test("a sale that is paused meanwhile says so, and seats that are held can still be paid", async ({
  page,
  open,
  admin,
}) => {
  const tenant = await open("BUS");
  const { appId, entityId } = tenant;
  await takeBest(page, tenant);
  await expect(held(page)).toBeVisible();
  await admin.patchEntity({ appId, entityId, state: "PAUSED" });
  await pay(page);
  await expect(booked(page)).toBeVisible();
  await page.getByRole("button", { name: "Book more seats" }).click();
  // The page was loaded before the pause: the API refuses the next hold within two seconds.
  const giveBack = page.getByRole("button", { name: "Give the seats back" });
  await expect(async () => {
    if (await giveBack.isVisible()) await giveBack.click({ timeout: 500 });
    if (await find(page).isVisible()) await find(page).click({ timeout: 500 });
    await expect(page.getByRole("heading", { name: "The sale is paused." })).toBeVisible({
      timeout: 1000,
    });
  }).toPass();
  await expect(find(page)).toHaveCount(0);
  await expectAccessible(page);
});

test("a legend says what the seats look like", async ({ page, open }) => {
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  const legend = page.getByRole("list", { name: "What the seats look like" });
  await expect(legend.getByRole("listitem")).toHaveText([
    "Available",
    "Your seats",
    "Held by somebody else",
    "Sold",
    "Not for sale",
  ]);
});

test("whoever signs out is not signed in again by another page", async ({ page, open }) => {
  const tenant = await open("BUS");
  await takeBest(page, tenant);
  await expect(held(page)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.reload();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await find(page).click();
  await expect(page.getByRole("heading", { name: "Who are the tickets for?" })).toBeVisible();
});

test("a known user signs in, and a form says what is wrong with it", async ({ page, open }) => {
  const { origin, client } = await open("BUS");
  const { email, password, name } = newAccount();
  await client.signup({ email, password, name });
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("The e-mail or the password is wrong.")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  await page.getByRole("link", { name: "My bookings" }).click();
  await expect(page.getByText("No bookings yet")).toBeVisible();
  await expectAccessible(page);
});
