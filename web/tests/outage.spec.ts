import { backend, expect, openSeats, signUp, test } from "./tenants.js";

test("with Redis stopped, two seats are still sold", async ({ page, open }) => {
  const tenant = await open("BUS");
  await openSeats(page, tenant);
  await signUp(page);
  process.kill(backend().redisPid, "SIGSTOP");
  try {
    await page.getByRole("button", { name: "Find the best seats" }).click();
    await page.getByRole("button", { name: /^Continue with/ }).click();
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
