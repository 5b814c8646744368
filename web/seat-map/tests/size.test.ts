import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

/** Both elements without the client, which has a limit of its own. */
const LIMIT_BYTES = 23_000;

test("the seat map and the booking stay small", async () => {
  const built = await build({
    logLevel: "silent",
    build: {
      write: false,
      lib: { entry: "src/seat-booking.ts", formats: ["es"] },
      rolldownOptions: {
        output: { codeSplitting: false, minify: true },
      },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (!output || !("output" in output)) throw new Error("vite watches");
  const size = output.output.reduce(
    (sum, file) => sum + (file.type === "chunk" ? gzipSync(file.code).length : 0),
    0,
  );
  console.log(`seat-map and seat-booking: ${size} bytes gzipped`);
  expect(size).toBeLessThanOrEqual(LIMIT_BYTES);
});
