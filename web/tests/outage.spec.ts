import { backend, expect, openSeats, signUp, test } from "./tenants.js";

test("with Redis stopped, two seats are still sold", async ({ page, open }) => {
  const tenant = await open("BUS");
  const take = page.getByRole("button", { name: "Take the best seats" });
  await openSeats(page, tenant);
  await take.click();
  await signUp(page);
  await page.getByRole("button", { name: "Give the seats back" }).click();
  process.kill(backend().redisPid, "SIGSTOP");
  try {
    await take.click();
    await expect(page.getByRole("heading", { name: "Your seats are held" })).toBeVisible({
      timeout: 30_000,
    });
    await page.getByRole("button", { name: /^Pay ₹/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Pay ₹/ })
      .click();
    await expect(page.getByRole("heading", { name: "Booked. See you there!" })).toBeVisible({
      timeout: 30_000,
    });
  } finally {
    process.kill(backend().redisPid, "SIGCONT");
  }
});
