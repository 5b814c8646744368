import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./fixtures.js";

interface MapElement extends HTMLElement {
  draws: number;
  refreshTheme(): void;
  plan: { spots: { x: number; y: number; seat: { seatNumber: string } }[]; pitch: number };
}
declare global {
  interface Window {
    map: MapElement;
    picks: { seat: { seatNumber: string }; selected: boolean }[];
    firstDrawMs: number;
  }
}

async function open(page: Page, files: string, query: string): Promise<void> {
  await page.goto(`${files}/web/seat-map/tests/pages/map.html?${query}`);
  await expect.poll(() => page.evaluate(() => window.map?.draws ?? 0)).toBeGreaterThan(0);
}

const listbox = (page: Page) => page.getByRole("listbox", { name: "Seat map" });
const picked = (page: Page) => page.evaluate(() => window.picks.map(({ seat }) => seat.seatNumber));
/** What a screen reader says for the active option. */
const said = (page: Page) =>
  page.evaluate(() => {
    const root = window.map.shadowRoot!;
    const id = root.querySelector("[role=listbox]")!.getAttribute("aria-activedescendant");
    return root.getElementById(id!)!.getAttribute("aria-label");
  });

for (const plan of ["hall", "bus", "cinema", "arena"]) {
  test(`the ${plan} is drawn, and axe finds nothing`, async ({ page, files }) => {
    await open(page, files, `plan=${plan}`);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Show as list" }).click();
    await expect(page.getByRole("button", { name: /available$/ }).first()).toBeVisible();
    await expectAccessible(page);
  });
}

test("seats without a plan stand in a grid made from their numbers", async ({ page, files }) => {
  await open(page, files, "rows=4&columns=6");
  const places = await page.evaluate(() => {
    const find = (number: string) =>
      window.map.plan.spots.find(({ seat }) => seat.seatNumber === number)!;
    const [a1, a2, b1] = ["A1", "A2", "B1"].map(find);
    return { right: a2!.x > a1!.x && a2!.y === a1!.y, below: b1!.y > a1!.y && b1!.x === a1!.x };
  });
  expect(places).toEqual({ right: true, below: true });
});

test("a seat is picked and put back by keyboard, and each seat has a full name", async ({
  page,
  files,
}) => {
  await open(page, files, "plan=bus");
  await page.keyboard.press("Tab");
  await expect(listbox(page)).not.toBeFocused();
  await listbox(page).focus();
  await page.keyboard.press("ArrowRight");
  expect(await said(page)).toBe(
    "Coach, row 1, seat 1B, Front rows, ₹450.00, aisle, extra legroom, available",
  );
  await page.keyboard.press("Space");
  expect(await said(page)).toMatch(/selected$/);
  await page.keyboard.press("Space");
  expect(await picked(page)).toEqual(["1B", "1B"]);
  await page.keyboard.press("End");
  expect(await said(page)).toMatch(/seat 1D/);
  await page.keyboard.press("Home");
  expect(await said(page)).toMatch(/seat 1A/);
  await page.keyboard.press("ArrowDown");
  expect(await said(page)).toMatch(/seat 2A/);
});

test("plus and minus zoom, and Escape shows the whole plan again", async ({ page, files }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page, files, "plan=bus");
  await listbox(page).focus();
  const width = () =>
    page.evaluate(() => {
      const active = window.map.shadowRoot!.querySelector(".on");
      return Math.round(active!.getBoundingClientRect().width);
    });
  const whole = await width();
  await page.keyboard.press("+");
  await expect.poll(width).toBeGreaterThan(whole);
  const larger = await width();
  await page.keyboard.press("-");
  await expect.poll(width).toBeLessThan(larger);
  await page.keyboard.press("+");
  await page.keyboard.press("Escape");
  await expect.poll(width).toBe(whole);
  const glide = await page.evaluate(() => {
    const canvas = window.map.shadowRoot!.querySelector("canvas")!;
    canvas.classList.add("glide");
    return getComputedStyle(canvas).transitionDuration;
  });
  expect(glide).toBe("0s");
});

test("a seat that is taken cannot be picked, and its name says why", async ({ page, files }) => {
  await open(page, files, "plan=bus");
  await listbox(page).focus();
  await page.keyboard.press("Home");
  expect(await said(page)).toMatch(/seat 1A.*sold$/);
  await page.keyboard.press("Space");
  expect(await picked(page)).toEqual([]);
});

test("the map is one Tab stop", async ({ page, files }) => {
  await open(page, files, "plan=arena");
  await page.getByRole("button", { name: "Show as list" }).focus();
  await page.keyboard.press("Tab");
  await expect(listbox(page)).toBeFocused();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => window.map.shadowRoot!.activeElement)).toBeNull();
});

test("20,000 seats begin with sections; a section opens by keyboard, and its seats can be picked", async ({
  page,
  files,
}) => {
  await open(page, files, "plan=arena");
  await listbox(page).focus();
  expect(await said(page)).toMatch(/^Floor block 1: \d+ available$/);
  await page.keyboard.press("ArrowRight");
  expect(await said(page)).toMatch(/^Floor block 2/);
  await page.keyboard.press("Enter");
  await expect.poll(() => said(page)).toMatch(/^Floor block 2, row 1, seat 1, Floor, ₹450.00, /);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => said(page)).toMatch(/row 2, seat 2/);
});

test("20,000 seats need at most 1,500 elements, as a map and as a list", async ({
  page,
  files,
}) => {
  await open(page, files, "plan=arena");
  const elements = () =>
    page.evaluate(
      () =>
        document.querySelectorAll("*").length + window.map.shadowRoot!.querySelectorAll("*").length,
    );
  expect(await elements()).toBeLessThanOrEqual(1500);
  console.log(
    `arena: first frame after ${Math.round(await page.evaluate(() => window.firstDrawMs))} ms`,
  );
  await page.getByRole("button", { name: "Show as list" }).click();
  await page.getByRole("combobox", { name: "Seats" }).selectOption({ index: 3 });
  await expect(page.getByRole("button", { name: /available$/ }).first()).toBeVisible();
  expect(await elements()).toBeLessThanOrEqual(1500);
});

test("a gesture draws at most once a frame, and mostly not at all", async ({ page, files }) => {
  await open(page, files, "plan=arena");
  const box = (await listbox(page).boundingBox())!;
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(middle.x, middle.y);
  await page.keyboard.down("Control");
  for (let step = 0; step < 10; step++) await page.mouse.wheel(0, -60);
  await page.keyboard.up("Control");
  await page.waitForTimeout(300);
  await page.evaluate(() => {
    const counted = { frames: 0, before: window.map.draws, longest: 0 };
    Object.assign(window, { counted });
    const count = () => {
      counted.frames++;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  await page.mouse.down();
  for (let step = 0; step < 60; step++) {
    await page.mouse.move(middle.x + 3 * step * (step % 2 ? 1 : -1), middle.y + step);
  }
  await page.mouse.up();
  await page.waitForTimeout(100);
  const { frames, draws } = await page.evaluate(() => {
    const { frames, before } = (
      window as unknown as { counted: { frames: number; before: number } }
    ).counted;
    return { frames, draws: window.map.draws - before };
  });
  console.log(`gesture: ${draws} draws in ${frames} frames`);
  expect(draws).toBeLessThanOrEqual(frames);
  expect(draws).toBeLessThan(10);
});

for (const slower of [1, 4]) {
  test(`figures of 20,000 seats with a processor ${slower} times slower`, async ({
    page,
    files,
  }) => {
    await page.addInitScript(() => {
      const request = window.requestAnimationFrame;
      const frames: number[] = [];
      Object.assign(window, { frames });
      window.requestAnimationFrame = (callback) =>
        request((time) => {
          const began = performance.now();
          callback(time);
          frames.push(performance.now() - began);
        });
    });
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slower });
    await open(page, files, "plan=arena");
    await listbox(page).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => said(page)).toMatch(/seat 1,/);
    const figures = await page.evaluate(async () => {
      const { frames } = window as unknown as { frames: number[] };
      const view = window.map.shadowRoot!.querySelector("[role=listbox]")!;
      const send = (type: string, step: number) =>
        view.dispatchEvent(
          new PointerEvent(type, {
            ...{ pointerId: 1, pointerType: "mouse", bubbles: true },
            ...{ clientX: 400 + step, clientY: 300 + step },
          }),
        );
      const moves = Array.from({ length: 60 }, (_, step) => {
        const began = performance.now();
        send("pointermove", step);
        return performance.now() - began;
      });
      frames.length = 0;
      window.map.refreshTheme();
      await new Promise((resolve) => setTimeout(resolve, 500));
      moves.sort((a, b) => a - b);
      return {
        first: Math.round(window.firstDrawMs),
        move: moves[moves.length / 2]!.toFixed(1),
        settle: Math.max(...frames).toFixed(1),
      };
    });
    console.log(
      `arena, processor ÷ ${slower}: first frame ${figures.first} ms, ` +
        `script ${figures.move} ms per pointer move, ${figures.settle} ms per settle`,
    );
    expect(Number(figures.settle)).toBeGreaterThan(0);
  });
}

test("where seats are too small to hit, a tap zooms in first", async ({ page, files }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await open(page, files, "plan=hall");
  const box = (await listbox(page).boundingBox())!;
  const size = () => page.evaluate(() => window.map.draws);
  const before = await size();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2 - 60);
  expect(await picked(page)).toEqual([]);
  await expect.poll(size).toBeGreaterThan(before);
});

test("forced colours and the dark keep every state apart by its form", async ({ page, files }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await open(page, files, "rows=4&columns=6");
  await expectAccessible(page);
  await page.emulateMedia({ forcedColors: "none", colorScheme: "dark" });
  await expectAccessible(page);
});

test("at 320 pixels nothing is cut off", async ({ page, files }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page, files, "plan=hall");
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  expect(await wide()).toBeLessThanOrEqual(320);
  await page.getByRole("button", { name: "Show as list" }).click();
  await expect(page.getByRole("button", { name: /available$/ }).first()).toBeVisible();
  expect(await wide()).toBeLessThanOrEqual(320);
});
