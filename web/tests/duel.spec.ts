import { type Page } from "@playwright/test";
import { clickSeat, find, held, proceed } from "./buyer.js";
import { expect, expectAccessible, openSeats, signUp, test } from "./tenants.js";

/** For more rounds: `DUELS=50 npm run test:browser -- duel`. */
const ROUNDS = Number(process.env.DUELS ?? 10);

const offer = (page: Page) => page.getByRole("button", { name: "Take the best seats nearby" });
const giveBack = (page: Page) => page.getByRole("button", { name: "Give the seats back" });

/** Presses "Continue". Returns whether the seat was won, and how long the buyer waited. */
async function outcome(page: Page): Promise<{ page: Page; won: boolean; ms: number }> {
  const began = Date.now();
  await proceed(page).click();
  await expect(held(page).or(offer(page))).toBeVisible();
  return { page, won: await held(page).isVisible(), ms: Date.now() - began };
}

test(`of two browsers that want one seat, one gets it and one is offered others: ${ROUNDS} times`, async ({
  open,
  browser,
}) => {
  test.setTimeout(60_000 + ROUNDS * 10_000);
  const tenant = await open("BUS");
  const profiles = await Promise.all([browser.newContext(), browser.newContext()]);
  const pages = await Promise.all(profiles.map((profile) => profile.newPage()));
  for (const page of pages) {
    await openSeats(page, tenant);
    await find(page).click();
    await signUp(page);
    await giveBack(page).click();
    await expect(held(page)).toBeHidden();
  }
  const waits: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Rows 1 to 10 have the seats A to D.
    const seat = `${1 + (Math.floor(round / 4) % 10)}${"ABCD"[round % 4]}`;
    for (const page of pages) await clickSeat(page, seat);
    const outcomes = await Promise.all(pages.map(outcome));
    const winner = outcomes.find(({ won }) => won)!;
    const loser = outcomes.find(({ won }) => !won)!;
    expect(
      outcomes.filter(({ won }) => won),
      `seat ${seat}`,
    ).toHaveLength(1);
    await expect(loser.page.getByText(`Just taken by somebody else: ${seat}.`)).toBeVisible();
    waits.push(loser.ms);
    if (round === ROUNDS - 1) {
      await offer(loser.page).click();
      await expect(held(loser.page)).toBeVisible();
      await expectAccessible(loser.page);
    }
    await giveBack(winner.page).click();
    await expect(held(winner.page)).toBeHidden();
  }
  waits.sort((a, b) => a - b);
  const [median, slowest] = [waits[Math.floor(waits.length / 2)]!, waits.at(-1)!];
  console.log(`duels: ${ROUNDS}, the loser was told after ${median} ms (slowest ${slowest} ms)`);
  for (const profile of profiles) await profile.close();
});
