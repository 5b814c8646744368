import type { Page } from "@playwright/test";
import { type Tenant, expect, openSeats, signUp } from "./tenants.js";

export const held = (page: Page) => page.getByRole("heading", { name: "Your seats are held" });
export const booked = (page: Page) => page.getByRole("heading", { name: "Booked. See you there!" });
export const find = (page: Page) => page.getByRole("button", { name: "Take the best seats" });
export const proceed = (page: Page) => page.getByRole("button", { name: /^Continue with/ });

export async function pay(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Pay ₹/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Pay ₹/ })
    .click();
}

/** Opens the tenant's seats, takes the best ones and signs up. */
export async function takeBest(page: Page, tenant: Tenant): Promise<void> {
  await openSeats(page, tenant);
  await find(page).click();
  await signUp(page);
}

/** Pays for a hold. The server books, and its response never reaches the page. */
export async function payWithoutResponse(page: Page): Promise<void> {
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
}

/** The bookings of the user who is signed in on a page. */
export async function bookingsOf(page: Page, tenant: Tenant) {
  const session = await page.evaluate(
    (name) => localStorage.getItem(name),
    `shop:session:${tenant.appId}`,
  );
  tenant.client.userToken = JSON.parse(session ?? "{}").token;
  return (await tenant.client.listBookings()).bookings;
}

/** Picks a seat with the mouse. Where seats are too small to hit, the first click zooms in. */
export async function clickSeat(page: Page, number: string): Promise<void> {
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
