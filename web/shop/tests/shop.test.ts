import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";
import { money, when } from "../src/format.js";
import { contrast, readable, textOnAccent } from "../src/theme.js";

const LIMIT_BYTES = 40_000;

test("the shop's script is at most 40 kB gzipped", async () => {
  const built = await build({ logLevel: "silent", build: { write: false } });
  const [output] = Array.isArray(built) ? built : [built];
  if (!output || !("output" in output)) throw new Error("vite watches");
  const size = output.output.reduce(
    (sum, file) => sum + (file.type === "chunk" ? gzipSync(file.code).length : 0),
    0,
  );
  console.log(`shop: ${size} bytes of script gzipped`);
  expect(size).toBeLessThanOrEqual(LIMIT_BYTES);
});

test.each(["#ffd400", "#0b5f53", "#ffffff", "#000000", "#e11d48", "#7dd3fc"])(
  "the tenant's colour %s can be read in both themes, and on it the ink",
  (accent) => {
    for (const [surface, direction] of [
      ["#ffffff", -1],
      ["#1a1d20", 1],
    ] as const) {
      const color = readable(accent, surface, direction);
      expect(contrast(color, surface)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(color, textOnAccent(color))).toBeGreaterThanOrEqual(4.5);
    }
  },
);

test("money shows the currency's own digits, and none where they are zero", () => {
  expect(money(45000, "INR", "en-IN")).toBe("₹450");
  expect(money(45050, "INR", "en-IN")).toBe("₹450.50");
  expect(money(450, "JPY", "en")).toBe("¥450");
});

test("a time is the venue's, wherever the reader is", () => {
  const entity = { startsAt: "2026-12-05T14:00:00.000Z", timeZone: "Asia/Kolkata" };
  const options = { hour: "2-digit", minute: "2-digit", hour12: false } as const;
  expect(when(entity, options, "en")).toBe("19:30");
});
