import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ADMIN_ORIGINS } from "./backend.js";
import { dashboard, open, signIn } from "./dashboard.js";
import { repository } from "./fixtures.js";
import { serve } from "./static-server.js";
import { routed } from "./template.js";
import { backend, expect, expectAccessible, openSeats, signUp, test } from "./tenants.js";

const ADMIN_ORIGIN = dashboard(ADMIN_ORIGINS[0]);

test("from a new tenant to its first sale, without a terminal", async ({ page, context }) => {
  test.setTimeout(120_000);
  const config = {
    baseUrl: backend().baseUrl,
    appId: "",
    apiKey: "",
    name: "The Attic",
  };
  const shop = await serve(`${repository}/web/shop/dist`, {
    route: routed,
    extra: { "/config.json": config },
  });
  await signIn(page, ADMIN_ORIGIN);
  await open(page, "Apps");
  await page.getByRole("button", { name: "New app" }).click();
  await expectAccessible(page);
  config.appId = `attic-${Date.now()}`;
  const form = page.getByRole("dialog", { name: "New app" });
  await form.getByLabel("Name").fill("The Attic");
  await form.getByLabel("App id").fill(config.appId);
  await form.getByLabel("Origins").fill(shop.origin);
  await form.getByRole("button", { name: "Create the app" }).click();
  const shown = page.getByRole("dialog", { name: "The API key" });
  await expect(shown).toBeVisible();
  await expectAccessible(page);
  config.apiKey = await shown.locator("code").innerText();
  expect(config.apiKey).toMatch(/^ubk_[0-9A-Za-z]{44}$/);
  await shown.getByRole("button", { name: "I have stored it" }).click();
  await page.goto(`${ADMIN_ORIGIN}/apps/${config.appId}`);
  await expect(page.getByText("Nothing is on sale yet")).toBeVisible();
  await expect(page.getByText("No secret key")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "New entity" }).click();
  const entity = page.getByRole("dialog", { name: "New entity" });
  await entity.getByLabel("Id").fill("attic-1");
  await entity.getByLabel("Title").fill("First night");
  await entity.getByLabel("Starts").fill("2031-03-30T19:30");
  await entity.getByLabel("Time zone").selectOption("Europe/Berlin");
  await entity.getByLabel("Currency").fill("INR");
  await expectAccessible(page);
  await entity.getByRole("button", { name: "Create it" }).click();
  await expect(page.getByRole("heading", { name: "First night" })).toBeVisible();
  await expect(page.getByText("It has no seats yet")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Add seats" }).click();
  const list = page.getByRole("dialog", { name: "Add seats" });
  await list
    .getByLabel("Seats", { exact: true })
    .fill("seatNumber,price\nA1,450\nA1,450\nA2,dear\nA3,450");
  await expect(list.getByText("Line 3: Seat A1 is on line 2 already.")).toBeVisible();
  await expect(list.getByText("Line 4: The price is not an amount")).toBeVisible();
  await expectAccessible(page);
  await list.getByRole("button", { name: /^Add/ }).click();
  await expect(list.getByText("Nothing was sent.")).toBeVisible();
  await list
    .getByLabel("Seats", { exact: true })
    .fill("seatNumber,price\nA1,450\nA2,450\nA3,450\nA4,450.50");
  await expect(list.getByText("4 seats, A1 to A4, worth ₹1,800.50 in all.")).toBeVisible();
  await list.getByRole("button", { name: "Add 4 seats" }).click();
  await expect(page.getByText("4 seats are on sale.")).toBeVisible();

  const buyer = await context.newPage();
  await openSeats(buyer, { ...config, origin: shop.origin, entityId: "attic-1" } as never);
  await buyer.getByRole("button", { name: "Take the best seats" }).click();
  await signUp(buyer);
  await buyer.getByRole("button", { name: /^Pay ₹/ }).click();
  await buyer
    .getByRole("dialog")
    .getByRole("button", { name: /^Pay ₹/ })
    .click();
  await expect(buyer.getByText("Booked. See you there!")).toBeVisible();

  await page.goto(`${ADMIN_ORIGIN}/bookings?appId=${config.appId}`);
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await page.locator("tbody a").click();
  await expect(page.getByRole("heading", { name: "History" })).toBeVisible();
  await expectAccessible(page);
  await page.goto(`${ADMIN_ORIGIN}/apps/${config.appId}`);
  const sold = page.getByRole("region", { name: "Sales by entity" });
  await expect(sold.getByRole("row", { name: /attic-1/ })).toContainText(/₹900\.00.*50%.*100%/);
  await expectAccessible(page);
  await open(page, "Overview");
  const row = page.getByRole("row", { name: new RegExp(config.appId) });
  await expect(row).toContainText("₹900.00");
  await expectAccessible(page);
  shop.server.closeAllConnections();
  shop.server.close();
});

test("a plan is imported from a list, becomes an entity's seats, and they are changed and removed", async ({
  page,
  admin,
}) => {
  test.setTimeout(120_000);
  const { appId } = await admin.registerApp({
    name: "The Loft",
    domain: "EVENT",
    allowedDomains: [],
    allowServerRequests: true,
  });
  const dated = { startsAt: "2031-03-30T19:30:00.000Z", timeZone: "Europe/Berlin" };
  const entity = { appId, entityId: "loft-1", title: "First night", currency: "EUR", ...dated };
  await admin.putEntity(entity);
  const header = "section,row,number,x,y,category,flags";
  const rows = Array.from({ length: 8 }, (_, seat) => `Main,A,${seat + 1},${seat * 40},0,gold,`);
  const file = (lines: string[]) => ({
    name: "loft.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(lines.join("\r\n")),
  });
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${appId}`);
  await expect(page.getByText("There is no plan yet")).toBeVisible();
  await page.getByRole("button", { name: "Import a plan" }).click();
  const form = page.getByRole("dialog", { name: "Import a plan" });
  await form.getByLabel("File").setInputFiles(file([header, rows[0]!, "Main,A,2,far,0,gold,"]));
  await expect(form.getByText("Line 3: x is not a number: far.")).toBeVisible();
  await form.getByRole("button", { name: "Import it" }).click();
  await expect(form.getByText("Nothing was sent.")).toBeVisible();
  await expectAccessible(page);
  await form.getByLabel("File").setInputFiles(file([header, ...rows]));
  await expect(form.getByText("8 seats in 1 section.")).toBeVisible();
  await expectAccessible(page);
  await form.getByRole("button", { name: "Import it" }).click();
  await expect(page.getByText("has 8 seats.")).toBeVisible();
  await expectAccessible(page);

  await page.goto(`${ADMIN_ORIGIN}/apps/${appId}/entities/loft-1`);
  await page.getByRole("button", { name: "Seats from a plan" }).click();
  const plan = page.getByRole("dialog", { name: "Seats from a plan" });
  await plan.getByLabel("Plan").selectOption({ index: 1 });
  await plan.getByLabel("Price of gold in EUR").fill("25");
  await expectAccessible(page);
  await plan.getByRole("button", { name: "Make the seats" }).click();
  const seats = page.locator("tbody tr");
  await expect(seats).toHaveCount(8);
  await expect(page.getByRole("listbox", { name: "Seat map" })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("checkbox", { name: "Pick Main-A-1" }).check();
  await page.getByRole("checkbox", { name: "Pick Main-A-2" }).check();
  await page.getByRole("button", { name: "Change", exact: true }).last().click();
  const change = page.getByRole("dialog", { name: "Change 2 seats" });
  await change.getByRole("button", { name: "Change them" }).click();
  await expect(change.getByText("Fill in a price or a category.")).toBeVisible();
  await change.getByLabel("Price in EUR").fill("30.50");
  await change.getByRole("button", { name: "Change them" }).click();
  await expect(page.getByText("2 changed.")).toBeVisible();
  await expect(seats.first()).toContainText("30.50");
  await page.getByRole("checkbox", { name: "Pick Main-A-1" }).check();
  await page.getByRole("button", { name: "Take off sale" }).click();
  await expect(seats.first()).toContainText("Off sale");
  await page.getByRole("combobox", { name: "Status" }).selectOption("NOT_FOR_SALE");
  await expect(seats).toHaveCount(1);
  await page.getByRole("checkbox", { name: "All seats of the list" }).check();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("button", { name: "Remove them" }).click();
  await expect(page.getByText("1 removed.")).toBeVisible();
  await expect(page.getByText("No seat matches")).toBeVisible();
});

test("an entity is changed, paused and deleted, and a change that somebody else made is not lost", async ({
  page,
  admin,
  open: tenantOf,
}) => {
  const { appId } = await tenantOf("BUS");
  const entityId = "spare";
  await admin.putEntity({
    appId,
    entityId,
    title: "Spare coach",
    currency: "INR",
    startsAt: "2031-07-01T16:00:00Z",
    timeZone: "Asia/Kolkata",
  });
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${appId}`);
  await page.getByRole("link", { name: "Spare coach" }).click();
  await page.getByRole("button", { name: "Change" }).click();
  const form = page.getByRole("dialog", { name: "Change Spare coach" });
  await expect(form.getByLabel("Starts")).toHaveValue("2031-07-01T21:30");
  await form.getByLabel("Venue").fill("Platform 4");
  await form.getByLabel("Most seats per user").fill("4");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Platform 4")).toBeVisible();
  expect(await admin.getEntitySettings({ appId, entityId })).toMatchObject({
    startsAt: "2031-07-01T16:00:00.000Z",
    maxSeatsPerUser: 4,
  });
  await page.getByRole("button", { name: "Change" }).click();
  await admin.patchEntity({ appId, entityId, description: "By somebody else" });
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form.getByText("Somebody else has changed this meanwhile")).toBeVisible();
  await form.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(page.getByRole("button", { name: "Change" })).toBeFocused();
  await page.getByRole("button", { name: "Pause sales" }).click();
  await expect(page.getByRole("button", { name: "Sell again" })).toBeVisible();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("heading", { name: appId })).toBeVisible();
  await expect(page.getByRole("link", { name: "Spare coach" })).toHaveCount(0);
});

test("a secret key is shown once, opens the tenant's own dashboard, and can be deleted", async ({
  page,
  open: tenantOf,
}) => {
  test.setTimeout(120_000);
  const { appId } = await tenantOf("BUS");
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${appId}`);
  await page.getByRole("button", { name: "New secret key" }).click();
  const form = page.getByRole("dialog", { name: "New secret key" });
  await form.getByLabel("Name").fill("Box office");
  await form.getByRole("button", { name: "Make the key" }).click();
  const shown = page.getByRole("dialog", { name: "The secret key" });
  const key = await shown.locator("code").innerText();
  expect(key).toMatch(/^ubs_/);
  await shown.getByRole("button", { name: "I have stored it" }).click();
  const tenant = await page.context().newPage();
  await tenant.goto(ADMIN_ORIGIN);
  await tenant.getByLabel("Tenant").check();
  await tenant.getByLabel("App id").fill("no-such-app");
  await tenant.getByLabel("Secret key").fill(key);
  await tenant.getByRole("button", { name: "Sign in" }).click();
  await expect(tenant.getByRole("alert")).not.toBeEmpty();
  await tenant.getByLabel("App id").fill(appId);
  await tenant.getByRole("button", { name: "Sign in" }).click();
  await open(tenant, "My app");
  await expect(tenant.getByRole("link", { name: "Bengaluru to Chennai" })).toBeVisible();
  await expectAccessible(tenant);
  await tenant.close();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("No secret key")).toBeVisible();
});

test("an app that is switched off refuses its shop, and sells again when it is on", async ({
  page,
  open: tenantOf,
}) => {
  const tenant = await tenantOf("BUS");
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${tenant.appId}`);
  await page.getByRole("button", { name: "Switch off" }).click();
  await expectAccessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "Switch off" }).click();
  await expect(page.getByRole("button", { name: "Switch on" })).toBeVisible();
  const login = () =>
    tenant.client.login({ email: "nobody@example.com", password: "not this one" });
  await expect
    .poll(() => login().catch((error: { code: string }) => error.code), { timeout: 30_000 })
    .toBe("APP_INACTIVE");
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Switch on" }).click();
  await expect(page.getByRole("button", { name: "Switch off" })).toBeVisible();
  await expect
    .poll(() => login().catch((error: { code: string }) => error.code), { timeout: 30_000 })
    .toBe("INVALID_CREDENTIALS");
});

test("a new API key is shown once, and the old one ends at once if wanted", async ({
  page,
  open: tenantOf,
}) => {
  const tenant = await tenantOf("BUS");
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${tenant.appId}`);
  await page.getByRole("button", { name: "New API key" }).click();
  const form = page.getByRole("dialog", { name: "New API key" });
  await form.getByLabel(/Hours/).fill("0");
  await form.getByRole("button", { name: "Make the key" }).click();
  await expect(page.getByRole("dialog", { name: "The new API key" }).locator("code")).toHaveText(
    /^ubk_/,
  );
  const login = () =>
    tenant.client.login({ email: "nobody@example.com", password: "not this one" });
  await expect
    .poll(() => login().catch((error: { code: string }) => error.code), { timeout: 30_000 })
    .toBe("INVALID_APP_CREDENTIALS");
});

test("a session that has ended says so, and goes on after a sign-in", async ({ page }) => {
  await signIn(page, ADMIN_ORIGIN);
  const session = JSON.stringify({ token: "no longer valid" });
  await page.evaluate((value) => sessionStorage.setItem("dashboard:session", value), session);
  await page.goto(`${ADMIN_ORIGIN}/bookings`);
  await expect(page.getByText("Your session has ended. Sign in again.")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("E-mail").fill(backend().adminEmail);
  await page.getByLabel("Password").fill(backend().adminPassword);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Bookings" })).toBeVisible();
});

test("filters are in the address, an empty result helps, and a wrong password is an error", async ({
  page,
}) => {
  await page.goto(ADMIN_ORIGIN);
  await page.getByLabel("E-mail").fill(backend().adminEmail);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).not.toBeEmpty();
  await expectAccessible(page);
  await signIn(page, ADMIN_ORIGIN);
  await open(page, "Bookings");
  await page.getByLabel("App").fill("no-such-app");
  await page.getByLabel("Status").selectOption("REFUND_DUE");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/appId=no-such-app&status=REFUND_DUE/);
  await expect(page.getByText("No booking matches")).toBeVisible();
  await expect(page.getByRole("button", { name: "Search" })).toBeFocused();
  await expectAccessible(page);
  await page.reload();
  await expect(page.getByLabel("App")).toHaveValue("no-such-app");
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await expect(page).toHaveURL(/\/bookings\?$/);
  await page.goto(`${ADMIN_ORIGIN}/bookings?from=x`);
  await expect(page.getByRole("search")).toBeVisible();
  await page.goto(`${ADMIN_ORIGIN}/?days=x`);
  await expect(page.getByLabel("7 days")).toBeChecked();
});

test("on a phone, in the dark and with forced colours axe finds nothing", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const media of [{ colorScheme: "dark" }, { forcedColors: "active" }] as const) {
    await page.emulateMedia(media);
    await signIn(page, ADMIN_ORIGIN);
    await expect(
      page.getByText("Held right now").or(page.getByText("There is no tenant yet")),
    ).toBeVisible();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      390,
    );
    await open(page, "Bookings");
    await expect(page.getByRole("search")).toBeVisible();
    await expectAccessible(page);
    await page.evaluate(() => sessionStorage.clear());
  }
});

test("a tenant's server gets events: an endpoint is added, tested, changed and deleted", async ({
  page,
  open: tenantOf,
}) => {
  const tenant = await tenantOf("MOVIE");
  const receiver = createServer((_, response) => response.writeHead(204).end());
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${tenant.appId}`);
  await expect(page.getByText("No endpoint")).toBeVisible();
  await page.getByRole("button", { name: "New endpoint" }).click();
  const form = page.getByRole("dialog", { name: "New endpoint" });
  await form.getByLabel("Address").fill("http://192.0.2.1/hooks");
  await form.getByRole("button", { name: "Add it" }).click();
  await expect(form.getByRole("alert")).toContainText("url");
  await form.getByLabel("Address").fill(url);
  await form.getByLabel("Description (optional)").fill("Stock system");
  await form.getByLabel("hold.created").uncheck();
  await expectAccessible(page);
  await form.getByRole("button", { name: "Add it" }).click();
  const shown = page.getByRole("dialog", { name: "The endpoint’s secret" });
  await expect(shown.locator("code")).toHaveText(/^whsec_/);
  await expectAccessible(page);
  await shown.getByRole("button", { name: "I have stored it" }).click();
  await open(page, url);
  await expect(page.getByText("Stock system")).toBeVisible();
  await expect(page.getByText("Nothing was sent yet")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Send a test" }).click();
  await expect(page.getByText("A test event is on its way.")).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "webhook.test" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Change" }).click();
  const change = page.getByRole("dialog", { name: "Change the endpoint" });
  await expect(change.getByLabel("hold.created")).not.toBeChecked();
  await change.getByLabel("hold.created").check();
  await change.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("all", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "New secret" }).click();
  await page.getByRole("button", { name: "Make it" }).click();
  await expect(page.getByRole("dialog", { name: "The new secret" }).locator("code")).toHaveText(
    /^whsec_/,
  );
  await page.getByRole("button", { name: "I have stored it" }).click();
  await page.getByRole("button", { name: "Switch off" }).click();
  await expect(page.getByText("switched off")).toBeVisible();
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.getByRole("button", { name: "Recover" }).click();
  await page.getByLabel("Since").fill("2030-01-01T00:00");
  await expectAccessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("No endpoint")).toBeVisible();
  receiver.close();
});
