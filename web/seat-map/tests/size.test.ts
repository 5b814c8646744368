import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

/** Both elements without the client, which has a limit of its own. */
const LIMIT_BYTES = 16_150;

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
  // All of it counts: nothing is loaded later.
  expect(chunks).toHaveLength(1);
  const size = gzipSync(chunks[0]!.code).length;
  console.log(`seat-map and seat-booking: ${size} bytes gzipped`);
  expect(size).toBeLessThanOrEqual(LIMIT_BYTES);
});
