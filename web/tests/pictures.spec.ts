import type { Page } from "@playwright/test";
import { ADMIN_ORIGINS } from "./backend.js";
import { dashboard, signIn } from "./dashboard.js";
import { repository } from "./fixtures.js";
import { newAccount, openSeats, signUp, test } from "./tenants.js";

const ADMIN_ORIGIN = dashboard(ADMIN_ORIGINS[3]);
const SALES = [6, 4, 8, 2, 5, 7, 3, 6];

test.skip(!process.env.PICTURES, "The pictures of the README: npm run pictures");

/** Takes a picture once nothing moves any more. */
async function picture(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(700);
  await page.screenshot({ path: `${repository}/docs/pictures/${name}.png` });
}

test("the shop's pages", async ({ page, open }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const tenant = await open("EVENT");
  await openSeats(page, tenant);
  await page.evaluate(() => scrollTo(0, 150));
  await picture(page, "shop-seats");
  await page.getByRole("button", { name: "Take the best seats" }).click();
  await signUp(page);
  await page.getByRole("timer").waitFor();
  await page.evaluate(() => scrollTo(0, 150));
  await picture(page, "shop-held");
});

test("the shop on a phone, in the dark", async ({ page, open }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await page.evaluate(() => scrollTo(0, 200));
  await picture(page, "shop-phone");
});

test("the dashboard's page of an entity", async ({ page, open }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const { appId, client, entityId } = await open("EVENT");
  for (const quantity of SALES) {
    client.userToken = (await client.signup(newAccount())).token!;
    const bestAvailable = { entityId, quantity, accessible: false };
    const { reservationToken } = await client.reserve({ bestAvailable });
    await client.confirm({ reservationToken, paymentId: `pay_${reservationToken}` });
  }
  await signIn(page, ADMIN_ORIGIN);
  await page.goto(`${ADMIN_ORIGIN}/apps/${appId}/entities/${entityId}`);
  await page.getByRole("listbox", { name: "Seat map" }).waitFor();
  await picture(page, "dashboard");
});
