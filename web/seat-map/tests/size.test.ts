import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";
import { BOOKING_TEXTS } from "../src/booking/texts.js";
import { MAP_TEXTS } from "../src/texts.js";
import { INTERNAL } from "../vite.config.js";

/** Both elements without the client, which has a limit of its own. */
const LIMIT_BYTES = 15_000;

test("the seat map and the booking stay small", async () => {
  const built = await build({
    root: fileURLToPath(new URL("..", import.meta.url)),
    logLevel: "silent",
    build: {
      write: false,
      lib: { entry: "src/seat-booking.ts", formats: ["es"] },
      sourcemap: false,
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (!output || !("output" in output)) throw new Error("vite watches");
  const chunks = output.output.filter((file) => file.type === "chunk");
  // One chunk has all the code: nothing is loaded later.
  expect(chunks).toHaveLength(1);
  const size = gzipSync(chunks[0]!.code).length;
  console.log(`seat-map and seat-booking: ${size} bytes gzipped`);
  expect(size).toBeLessThanOrEqual(LIMIT_BYTES);
});

test("no text that pages may replace has a name that the build shortens", () => {
  const names = Object.keys({ ...MAP_TEXTS, ...BOOKING_TEXTS });
  expect(names.filter((name) => INTERNAL.test(name))).toEqual([]);
});
