import { afterEach, expect, test, vi } from "vitest";
import { secondsLeft, startTimer } from "../src/index.js";

afterEach(() => void vi.useRealTimers());

test("a hold's seconds come from expiresIn, whatever the device's clock says", () => {
  vi.useFakeTimers({ now: Date.parse("2031-01-01T00:00:00Z") });
  const hold = { expiresIn: 3, expiresAt: "2026-01-22T10:02:00.000Z" };
  const shown: number[] = [];
  startTimer(hold, (seconds) => shown.push(seconds));
  vi.advanceTimersByTime(1500);
  vi.setSystemTime(Date.parse("2020-01-01T00:00:00Z"));
  vi.advanceTimersByTime(5000);
  expect(shown).toEqual([3, 2, 1, 0]);
});

test("a timer that is stopped calls nobody", () => {
  vi.useFakeTimers();
  const shown: number[] = [];
  const stop = startTimer({ expiresIn: 9 }, (seconds) => shown.push(seconds));
  stop();
  vi.advanceTimersByTime(20_000);
  expect(shown).toEqual([9]);
});

test("two timers of one hold agree, though the second starts later", () => {
  vi.useFakeTimers();
  const hold = { expiresIn: 60 };
  expect(secondsLeft(hold)).toBe(60);
  vi.advanceTimersByTime(10_000);
  const shown: number[] = [];
  startTimer(hold, (seconds) => shown.push(seconds))();
  expect(shown).toEqual([50]);
});
