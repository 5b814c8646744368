import {
  booked,
  bookingsOf,
  clickSeat,
  find,
  held,
  pay,
  payWithoutResponse,
  proceed,
  takeBest,
} from "./buyer.js";
import { expect, expectAccessible, openSeats, signUp, test } from "./tenants.js";

/** Providers append their own window to `body`, for example for 3-D Secure. */
const PROVIDER_WINDOW = `const approved = () => new Promise((resolve) => {
    const overlay = document.createElement("div");
    Object.assign(overlay.style, { position: "fixed", inset: "0", zIndex: "2147483647" });
    const button = document.createElement("button");
    button.textContent = "Approve at the bank";
    button.onclick = () => resolve(overlay.remove());
    overlay.append(button);
    document.body.append(overlay);
  });`;

/** Replacements for the providers' scripts: the first card is declined, the second pays. */
const PROVIDER_SCRIPTS = {
  stripe: `let tries = 0;
    ${PROVIDER_WINDOW}
    window.Stripe = () => ({
      elements: () => ({ create: () => ({ mount: (place) => (place.textContent = "Card") }) }),
      confirmPayment: async () => {
        if (!tries++) return { error: { message: "Your card was declined." } };
        await approved();
        return { paymentIntent: { id: "pay_by_provider" + Date.now(), status: "succeeded" } };
      },
    });`,
  razorpay: `let tries = 0;
    ${PROVIDER_WINDOW}
    window.Razorpay = class {
      constructor(options) { this.options = options; }
      on(event, act) { this.failed = act; }
      async open() {
        if (!tries++) return this.failed({ error: { description: "Your card was declined." } });
        await approved();
        this.options.handler({ razorpay_payment_id: "pay_by_provider" + Date.now() });
      }
    };`,
};

for (const [provider, script] of [
  ["stripe", "https://js.stripe.com/v3/"],
  ["razorpay", "https://checkout.razorpay.com/v1/checkout.js"],
] as const) {
  test(`an app with ${provider} is paid through the provider's own script`, async ({
    page,
    open,
  }) => {
    const tenant = await open("BUS", provider);
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
    await page.getByRole("button", { name: "Approve at the bank" }).click();
    await expect(booked(page)).toBeVisible();
    const [booking] = await bookingsOf(page, tenant);
    expect(booking?.paymentId).toMatch(/^pay_by_provider/);
  });
}

test("the payment form keeps the focus, and Escape gives it back to the page", async ({
  page,
  open,
}) => {
  const tenant = await open("BUS");
  await takeBest(page, tenant);
  await page
    .locator("seat-booking")
    .getByRole("button", { name: /^Pay ₹/ })
    .click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: /^Pay ₹/ })).toBeFocused();
  const focused = () =>
    page.evaluate(() => document.activeElement!.matches("body, dialog, dialog *"));
  for (let presses = 0; presses < 6; presses++) {
    await page.keyboard.press("Tab");
    expect(await focused()).toBe(true);
  }
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  // The dialog is gone, so the focus is in the booking element again.
  await expect(page.locator("seat-booking")).toBeFocused();
});

test("a declined payment gives the seats back, and another one buys them", async ({
  page,
  open,
}) => {
  const tenant = await open("MOVIE");
  await takeBest(page, tenant);
  await page.getByRole("button", { name: /^Pay ₹/ }).click();
  await page.getByRole("button", { name: "Let the payment be declined" }).click();
  await expect(page.getByText("The payment was declined")).toBeVisible();
  await find(page).click();
  await pay(page);
  await expect(booked(page)).toBeVisible();
});

test("why a payment cannot begin stays on the page, beside the hold", async ({ page, open }) => {
  const tenant = await open("MOVIE");
  await takeBest(page, tenant);
  await page.route("**/payments", (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const error = {
      code: "PAYMENTS_NOT_CONFIGURED",
      message: "The app has no payment provider",
      requestId: "r",
    };
    return route.fulfill({
      status: 503,
      headers: { "access-control-allow-origin": tenant.origin },
      json: { success: false, error },
    });
  });
  const looked = page.waitForResponse(
    (response) => /reservations/.test(response.url()) && response.request().method() === "GET",
  );
  await page.getByRole("button", { name: /^Pay ₹/ }).click();
  // The element asks whether the hold is still there.
  await looked;
  await expect(page.getByRole("button", { name: "Give the seats back" })).toBeVisible();
  await expect(held(page)).toBeVisible();
  await expect(page.getByText("The app has no payment provider")).toBeVisible();
});

test("a reload in the middle of paying gives one booking", async ({ page, open }) => {
  const tenant = await open("MOVIE");
  await takeBest(page, tenant);
  await payWithoutResponse(page);
  await page.reload();
  await expect(booked(page)).toBeVisible();
  expect(await bookingsOf(page, tenant)).toHaveLength(1);
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
