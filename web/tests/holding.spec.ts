import { booked, bookingsOf, clickSeat, held, pay, proceed, takeBest } from "./buyer.js";
import { expect, openSeats, signUp, test } from "./tenants.js";

test("a hold that runs out is announced before, and the same seats can be taken again", async ({
  page,
  open,
  admin,
}) => {
  test.setTimeout(150_000);
  const tenant = await open("BUS");
  const { appId, entityId } = tenant;
  await admin.patchEntity({ appId, entityId, holdSeconds: 63 });
  await takeBest(page, tenant);
  await expect(held(page)).toBeVisible();
  await expect(page.getByText("60 seconds left to pay.")).toBeAttached();
  await expect(page.getByText("30 seconds left to pay.")).toBeAttached({ timeout: 45_000 });
  await expect(page.getByText("The time ran out")).toBeVisible({ timeout: 45_000 });
  await page.getByRole("button", { name: "Try the same seats" }).click();
  await proceed(page).click();
  await expect(held(page)).toBeVisible();
});

test("a hold survives a reload, with the time that is left", async ({ page, open }) => {
  const tenant = await open("BUS");
  await takeBest(page, tenant);
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
  await takeBest(page, tenant);
  await expect(held(page)).toBeVisible();
  await page.clock.pauseAt(Date.now() + 1000);
  // The server's clock continues until the hold has ended.
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

test("seats of a hold can be changed, and the clock goes on", async ({ page, open }) => {
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await clickSeat(page, "6A");
  await proceed(page).click();
  await signUp(page);
  await expect(held(page)).toBeVisible();
  await page.getByRole("button", { name: "Change seats" }).click();
  // A look at another tab meanwhile does not end the change.
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await clickSeat(page, "6B");
  await page.getByRole("button", { name: "Keep these seats" }).click();
  await expect(held(page)).toBeVisible();
  await pay(page);
  await expect(booked(page)).toBeVisible();
  expect((await bookingsOf(page, tenant))[0]?.seats).toHaveLength(2);
});

test("a clock that is three hours wrong shows the right time", async ({ page, open }) => {
  const tenant = await open("BUS");
  await page.clock.setSystemTime(Date.now() + 3 * 3600_000);
  await takeBest(page, tenant);
  await expect(held(page)).toBeVisible();
  await expect(page.getByRole("timer")).toHaveText(/^(1:00|0:5\d)$/);
  await pay(page);
  await expect(booked(page)).toBeVisible();
});
