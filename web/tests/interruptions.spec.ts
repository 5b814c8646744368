import type { Page } from "@playwright/test";
import {
  booked,
  bookingsOf,
  clickSeat,
  find,
  held,
  payWithoutResponse,
  proceed,
  takeBest,
} from "./buyer.js";
import { type Tenant, expect, newAccount, openSeats, signUp, test } from "./tenants.js";

const choose = (page: Page) => page.getByRole("heading", { name: "Choose your seats" });

/** Another buyer takes a seat. */
async function takeByOther(page: Page, { client }: Tenant, number: string): Promise<void> {
  const seatId = await page.locator("seat-map").evaluate((map, wanted) => {
    const { plan } = map as unknown as {
      plan: { spots: { seat: { seatId: string; seatNumber: string } }[] };
    };
    return plan.spots.find(({ seat }) => seat.seatNumber === wanted)!.seat.seatId;
  }, number);
  client.userToken = (await client.signup(newAccount())).token!;
  await client.reserve({ seatIds: [seatId] });
}

test("after a reload that cannot read the hold, seats can still be chosen", async ({
  page,
  open,
}) => {
  const tenant = await open("BUS");
  await takeBest(page, tenant);
  await page.getByRole("button", { name: "Give the seats back" }).click();
  await expect(choose(page)).toBeVisible();
  await page.route("**/reservations*", async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    // The seats arrive first.
    await page.waitForFunction(() => {
      const map = document.querySelector("seat-booking")?.shadowRoot?.querySelector("seat-map");
      return (map as unknown as { plan: { spots: unknown[] } } | null)?.plan.spots.length;
    });
    const error = { code: "INTERNAL_ERROR", message: "The hold is unreadable", requestId: "r" };
    return route.fulfill({
      status: 500,
      headers: { "access-control-allow-origin": tenant.origin },
      json: { success: false, error },
    });
  });
  await page.reload();
  await expect(page.getByText("The hold is unreadable")).toBeVisible();
  await expect(choose(page)).toBeVisible();
  await expect(find(page)).toBeVisible();
});

test("what is typed in the contact form is kept when a picked seat is taken", async ({
  page,
  open,
}) => {
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await clickSeat(page, "6A");
  await proceed(page).click();
  const { name, email, password } = newAccount();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await takeByOther(page, tenant, "6A");
  await expect(page.getByText("Just taken by somebody else: 6A.")).toBeVisible();
  await clickSeat(page, "6B");
  await proceed(page).click();
  await expect(page.getByLabel("Name")).toHaveValue(name);
  await expect(page.getByLabel("Password")).toHaveValue(password);
  // A look at the other form does not lose it either.
  await page.getByRole("button", { name: "I have an account" }).click();
  await expect(page.getByLabel("E-mail")).toHaveValue(email);
  await page.getByRole("button", { name: "I am new here" }).click();
  await expect(page.getByLabel("Name")).toHaveValue(name);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(held(page)).toBeVisible();
  await expect(page.locator(".seats li")).toHaveText([/6B/]);
});

test("a return to the tab leaves the focus where it is", async ({ page, open }) => {
  const tenant = await open("BUS");
  await takeBest(page, tenant);
  await expect(held(page)).toBeVisible();
  const giveBack = page.getByRole("button", { name: "Give the seats back" });
  await giveBack.focus();
  // The button is replaced when the server has confirmed the hold.
  await giveBack.evaluate((button) => (button.dataset.old = "true"));
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(giveBack).not.toHaveAttribute("data-old");
  await expect(giveBack).toBeFocused();
});

test("an unfinished confirmation of another entity is not shown as this one's", async ({
  page,
  open,
  admin,
}) => {
  const tenant = await open("MOVIE");
  const { appId, entityId } = tenant;
  const other = { appId, entityId: "other.1" };
  const dated = { startsAt: "2030-12-06T14:00:00.000Z", timeZone: "Asia/Kolkata" };
  await admin.putEntity({ ...other, title: "The Short Monsoon", currency: "INR", ...dated });
  const { categories } = await admin.getLayout({ appId, layoutId: entityId });
  const prices = Object.fromEntries(categories!.map(({ key }) => [key, 10_000]));
  await admin.createLayoutSeats({ ...other, layoutId: entityId, prices });
  await page.goto(`${tenant.origin}/e/${entityId}`);
  await find(page).click();
  await signUp(page);
  await payWithoutResponse(page);
  const repeated = page.waitForResponse(/confirm-booking/);
  await page.goto(`${tenant.origin}/e/${other.entityId}`);
  await repeated;
  await expect(find(page)).toBeVisible();
  await expect(booked(page)).toBeHidden();
  expect(await bookingsOf(page, tenant)).toHaveLength(1);
});

test("a new price is in the total, and a seat that is removed is said to be lost", async ({
  page,
  open,
  admin,
}) => {
  const tenant = await open("BUS");
  const { appId, entityId } = tenant;
  await openSeats(page, tenant);
  await clickSeat(page, "6A");
  await clickSeat(page, "6B");
  const where = (seatNumber: string) => ({ seatNumbers: [seatNumber] });
  await admin.patchSeats({ appId, entityId, where: where("6A"), set: { price: 100 } });
  await admin.patchSeats({ appId, entityId, where: where("6B"), set: { price: 200 } });
  await expect(page.locator(".sum .price")).toHaveText("₹3.00");
  await admin.removeSeats({ appId, entityId, where: where("6B") });
  await expect(page.getByText("Just taken by somebody else: 6B.")).toBeVisible();
  await expect(page.locator(".sum .price")).toHaveText("₹1.00");
});

test("an error of the page's own payment is shown, and closing it keeps the focus", async ({
  page,
  open,
}) => {
  const tenant = await open("BUS");
  await takeBest(page, tenant);
  await expect(held(page)).toBeVisible();
  await page.locator("seat-booking").evaluate((booking) => {
    // The error is reported, too. Here that is expected.
    addEventListener("unhandledrejection", (event) => event.preventDefault());
    Object.assign(booking, { pay: () => Promise.reject(new Error("The till is closed")) });
  });
  await page.getByRole("button", { name: /^Pay ₹/ }).click();
  await expect(page.getByText("The till is closed")).toBeVisible();
  await page.getByRole("button", { name: "Dismiss" }).press("Enter");
  await expect(page.getByText("The till is closed")).toBeHidden();
  await expect(held(page)).toBeFocused();
});

test("the booking element works with a seat map that another script has registered", async ({
  page,
  files,
}) => {
  const folder = `${files}/web/seat-map/dist/standalone`;
  await page.goto(`${files}/web/seat-map/tests/pages/map.html?plan=bus`);
  const isMap = await page.evaluate(async (from) => {
    // With a query, the browser runs the script a second time.
    const text = await (await fetch(`${from}/seat-booking.js`)).text();
    const copy = text.replace(/"\.\/(seat-map\w*\.js)"/g, `"${from}/$1?copy"`);
    await import(URL.createObjectURL(new Blob([copy], { type: "text/javascript" })));
    const booking = document.createElement("seat-booking");
    const map = booking.shadowRoot!.querySelector("seat-map")!;
    return map.constructor === customElements.get("seat-map");
  }, folder);
  expect(isMap).toBe(true);
});
