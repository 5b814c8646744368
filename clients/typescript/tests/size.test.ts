import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

const LIMIT_BYTES = 6000;

test("the client is at most 6 kB gzipped, and depends on nothing", async () => {
  const outputs = await build({ logLevel: "silent", build: { write: false } });
  const [output] = Array.isArray(outputs) ? outputs : [outputs];
  if (!output || !("output" in output)) throw new Error("vite watches");
  const [chunk, ...others] = output.output;
  expect(others.filter(({ type }) => type === "chunk")).toEqual([]);
  expect(chunk.imports).toEqual([]);
  const size = gzipSync(chunk.code).length;
  console.log(`client: ${size} bytes gzipped`);
  expect(size).toBeLessThanOrEqual(LIMIT_BYTES);
});
