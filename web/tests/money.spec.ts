import { ADMIN_ORIGINS } from "./backend.js";
import { dashboard, open, signIn } from "./dashboard.js";
import { expect, expectAccessible, newAccount, test } from "./tenants.js";

const ADMIN_ORIGIN = dashboard(ADMIN_ORIGINS[1]);

test("a booking is cancelled in part and refunded, a failed refund is tried again, and the history says why", async ({
  page,
  open: tenantOf,
}) => {
  test.setTimeout(120_000);
  const { client, entityId } = await tenantOf("EVENT");
  client.userToken = (await client.signup(newAccount())).token!;
  const hold = await client.reserve({
    bestAvailable: { entityId, quantity: 2, accessible: false },
  });
  const { reservationToken } = hold;
  const paymentId = `pay_refundfail_${Date.now()}`;
  const { bookingId } = await client.confirm({ reservationToken, paymentId });
  await signIn(page, ADMIN_ORIGIN);
  await open(page, "Bookings");
  await page.getByLabel("Booking id").fill(bookingId);
  await page.getByRole("button", { name: "Search" }).click();
  await open(page, bookingId);
  await expect(page.getByText("Nothing was given back", { exact: true })).toBeVisible();
  await expect(page.getByText("Nothing happened since")).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("button", { name: "Cancel seats" }).click();
  const cancel = page.getByRole("dialog");
  await cancel.getByRole("checkbox").first().uncheck();
  await cancel.getByLabel("All that was paid for them").check();
  await cancel.getByLabel("Reason").fill("The band is ill.");
  await expectAccessible(page);
  await cancel.getByRole("button", { name: "Cancel the seats" }).click();
  await expect(page.getByRole("region", { name: "Seats" }).getByText("Cancelled")).toHaveCount(1);
  await expect(page.getByText("The band is ill.")).toBeVisible();

  // The first refund of this payment fails at the simulated provider.
  const again = page.getByRole("button", { name: "Try again" });
  await expect(async () => {
    await page.reload();
    await expect(again).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 60_000 });
  await open(page, "Overview");
  await expect(page.getByText(/refunds? failed: try (it|them) again/)).toBeVisible();
  await open(page, "Refunds");
  await page.getByLabel("Booking id").fill(bookingId);
  await page.getByLabel("Status").selectOption("FAILED");
  await page.getByRole("button", { name: "Search" }).click();
  await expectAccessible(page);
  await again.click();
  await page
    .getByRole("dialog")
    .getByLabel(/Reason/)
    .fill("The bank is back.");
  await page.getByRole("dialog").getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("and tried again")).toBeVisible();
  await expect(again).toHaveCount(0);

  await open(page, bookingId);
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  const refund = page.getByRole("dialog");
  await refund.getByLabel(/Amount/).fill("a lot");
  await refund.getByLabel("Reason").fill("The bar was closed.");
  await refund.getByRole("button", { name: "Give it back" }).click();
  await expect(refund.getByRole("alert")).toContainText("Write the amount in INR");
  await refund.getByLabel(/Amount/).fill("10.50");
  await expectAccessible(page);
  await refund.getByRole("button", { name: "Give it back" }).click();
  const history = page.getByRole("region", { name: "History" });
  await expect(history.getByText("The bar was closed.")).toBeVisible();
  await expect(history.getByText("The bank is back.")).toBeVisible();
  await expect(page.getByText("₹10.50").first()).toBeVisible();
  await expectAccessible(page);

  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/", "/refunds", `/bookings/${bookingId}`]) {
    await page.goto(ADMIN_ORIGIN + path);
    await expect(page.locator("tbody tr").first()).toBeVisible();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      390,
    );
  }
});

test("an entity is cancelled after its id was typed, and all its bookings are paid back", async ({
  page,
  admin,
  open: tenantOf,
}) => {
  test.setTimeout(150_000);
  const { client, appId, entityId } = await tenantOf("MOVIE");
  client.userToken = (await client.signup(newAccount())).token!;
  const best = { entityId, quantity: 2, accessible: false };
  const { reservationToken } = await client.reserve({ bestAvailable: best });
  const { bookingId } = await client.confirm({ reservationToken, paymentId: `pay_${Date.now()}` });
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${appId}/entities/${entityId}`);
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Cancel The Long Monsoon?" });
  await expect(form).toContainText("with 2 sold seats");
  await form.getByLabel("Reason").fill("The projector is broken.");
  await form.getByLabel(/^Type/).fill("another");
  await form.getByRole("button", { name: "Cancel it" }).click();
  await expect(form.getByRole("alert")).toContainText(`Type ${entityId} to confirm.`);
  await expectAccessible(page);
  await form.getByLabel(/^Type/).fill(entityId);
  await form.getByRole("button", { name: "Cancel it" }).click();
  await expect(page.getByText(/^[01] of 1 bookings are cancelled\.$/)).toBeVisible();
  await expectAccessible(page);
  await expect(page.getByText("1 of 1 bookings are cancelled.")).toBeVisible({ timeout: 75_000 });
  await expect(page.getByRole("button", { name: "Cancel", exact: true })).toHaveCount(0);
  await page.goto(`${ADMIN_ORIGIN}/bookings/${bookingId}`);
  const history = page.getByRole("region", { name: "History" });
  await expect(history.getByText("cancellation of the entity")).toBeVisible();
  await expect
    .poll(async () => (await admin.getAnyBooking({ bookingId })).refundStatus, { timeout: 75_000 })
    .toBe("REFUNDED");
});
