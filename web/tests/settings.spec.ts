import { readFile } from "node:fs/promises";
import { ADMIN_ORIGINS } from "./backend.js";
import { dashboard, open, signIn } from "./dashboard.js";
import { expect, expectAccessible, newAccount, test } from "./tenants.js";

const ADMIN_ORIGIN = dashboard(ADMIN_ORIGINS[2]);

test("what buyers get back is set in the form, and another change leaves it as it is", async ({
  page,
  admin,
  open: tenantOf,
}) => {
  const { appId, entityId } = await tenantOf("BUS");
  const policy = async () =>
    (await admin.getEntitySettings({ appId, entityId })).cancellationPolicy;
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${appId}/entities/${entityId}`);
  await expect(page.getByText("Buyers cannot cancel")).toBeVisible();
  const form = page.getByRole("dialog");
  const save = async () => {
    await form.getByRole("button", { name: "Save" }).click();
    await expect(form).toHaveCount(0);
  };
  await page.getByRole("button", { name: "Change", exact: true }).first().click();
  await form.getByRole("button", { name: "Let buyers cancel" }).click();
  await form.getByRole("button", { name: "Add a step" }).click();
  await form.getByLabel("Hours before the start").last().fill("2");
  await form.getByLabel("Percent back").last().fill("50");
  await form.getByLabel("Fee for each seat").fill("a lot");
  await expectAccessible(page);
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form.getByRole("alert")).toHaveText("Write the fee in INR, such as 12.");
  await form.getByLabel("Fee for each seat").fill("10.50");
  await save();
  await expect(
    page.getByText("48 h before: 100 %, 2 h before: 50 %, less ₹10.50 a seat"),
  ).toBeVisible();
  const tiers = [
    { hoursBefore: 48, refundPercent: 100 },
    { hoursBefore: 2, refundPercent: 50 },
  ];
  expect(await policy()).toEqual({ tiers, feePerSeat: 1050 });

  await page.getByRole("button", { name: "Change", exact: true }).first().click();
  await expect(form.getByLabel("Fee for each seat")).toHaveValue("10.50");
  await form.getByLabel("Venue").fill("Platform 9");
  await save();
  expect(await policy()).toEqual({ tiers, feePerSeat: 1050 });

  await page.getByRole("button", { name: "Change", exact: true }).first().click();
  await form.getByRole("button", { name: "Remove step 1" }).click();
  await form.getByRole("button", { name: "Remove step 1" }).click();
  await save();
  await expect(page.getByText("Buyers cannot cancel")).toBeVisible();
  expect(await policy()).toBeUndefined();
});

test("the keys of a payment provider are set, and none of its secrets is shown again", async ({
  page,
  open: tenantOf,
}) => {
  const { appId } = await tenantOf("BUS");
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${appId}`);
  await expect(page.getByText("Simulated: nobody pays")).toBeVisible();
  await page.getByRole("button", { name: "Set the provider" }).click();
  const form = page.getByRole("dialog", { name: "Set the provider" });
  await form.getByLabel("Publishable key").fill("pk_test_51Example");
  await form.getByLabel("Secret key").fill("no such key");
  await form.getByLabel("Webhook secret").fill("whsec_example");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form.getByRole("alert")).toContainText("secretKey");
  await expectAccessible(page);
  await form.getByLabel("Secret key").fill("sk_test_51Example");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("pk_test_51Example")).toBeVisible();
  await expect(page.getByText(`/payment-events/stripe/${appId}`)).toBeVisible();
  await expect(page.getByText("sk_test_51Example")).toHaveCount(0);
  await expectAccessible(page);
});

test("what needs attention comes first: unhealthy parts, and apps that nobody can pay", async ({
  page,
  open: tenantOf,
}) => {
  const { appId } = await tenantOf("BUS");
  const cors = { "access-control-allow-origin": ADMIN_ORIGIN };
  await page.route("**/health", (route) =>
    route.fulfill({
      headers: cors,
      json: { success: true, data: { status: "degraded", mongo: "up", redis: "down" } },
    }),
  );
  await page.route("**/admin/apps/*/payments", (route) => {
    if (route.request().method() !== "GET") return route.continue();
    return route.fulfill({ headers: cors, json: { success: true, data: { provider: "none" } } });
  });
  await page.route("**/admin/analytics*", async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const response = await route.fetch();
    const body = await response.json();
    const own = body.data.apps.find((app: { appId: string }) => app.appId === appId);
    const others = Array.from({ length: 24 }, (_, index) => ({ ...own, appId: `app-${index}` }));
    body.data.apps = [own, ...others];
    return route.fulfill({ response, json: body });
  });
  await signIn(page, ADMIN_ORIGIN);
  const items = page.getByRole("list", { name: "Needs attention" }).getByRole("listitem");
  await expect(items.filter({ hasText: "Redis does not respond." })).toHaveCount(1);
  await expect(items.filter({ hasText: `${appId} has no payment provider` })).toHaveCount(1);
  await expect(items.filter({ hasText: "20 more apps have no payment provider." })).toHaveCount(1);
  await expectAccessible(page);
  await items.filter({ hasText: appId }).getByRole("link", { name: "Set one" }).click();
  await expect(page.getByText("Nobody takes the payments")).toBeVisible();
  await expectAccessible(page);
});

test("the bookings of a search are exported as CSV", async ({ page, open: tenantOf }) => {
  const { appId, client, entityId } = await tenantOf("BUS");
  client.userToken = (await client.signup(newAccount())).token!;
  const bestAvailable = { entityId, quantity: 2, accessible: false };
  const { reservationToken } = await client.reserve({ bestAvailable });
  const booking = await client.confirm({ reservationToken, paymentId: `pay_${Date.now()}` });
  await signIn(page, ADMIN_ORIGIN);
  await open(page, "Bookings");
  await page.getByLabel("App").fill(appId);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(1);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("bookings.csv");
  const [header, row, ...more] = (await readFile(await download.path(), "utf8")).split("\r\n");
  expect(header).toMatch(/^\uFEFFbookingId,bookingDate,appId,/);
  expect(row).toContain(booking.bookingId);
  expect(row).toContain(`,${entityId},${booking.seats.map((seat) => seat.seatNumber).join(" ")},`);
  expect(row).toContain(`,${booking.amount},INR,CONFIRMED,`);
  expect(more).toEqual([]);
});

test("a new feed key replaces the old one, and the live map goes on", async ({
  page,
  admin,
  open: tenantOf,
}) => {
  const { appId, entityId } = await tenantOf("BUS");
  const feedKey = async () => (await admin.getEntitySettings({ appId, entityId })).feedKey;
  const before = await feedKey();
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${appId}/entities/${entityId}`);
  await page.getByRole("button", { name: "New feed key" }).click();
  await expectAccessible(page);
  const isNew = (url: string) => /\/feed\/[^/]+$/.test(url) && !url.includes(before!);
  const followed = page.waitForResponse((response) => isNew(response.url()));
  await page.getByRole("dialog").getByRole("button", { name: "Make it" }).click();
  await expect(page.getByText("The feed has a new key.")).toBeVisible();
  expect((await followed).status()).toBe(200);
  expect((await followed).url()).toContain(await feedKey());
  await expect(page.getByRole("listbox", { name: "Seat map" })).toBeVisible();
});
