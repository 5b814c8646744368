import type { Page } from "@playwright/test";
import { booked, bookingsOf, clickSeat, find, held, pay, proceed } from "./buyer.js";
import { expect, expectAccessible, newAccount, openSeats, signUp, test } from "./tenants.js";

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
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
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
