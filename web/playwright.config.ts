import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

/** Debian's Chromium. Playwright downloads no browser here. */
const chromium = [process.env.CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (path) => existsSync(path),
);
if (!chromium)
  throw new Error("Chromium is missing (Debian: apt-get install chromium), or set CHROMIUM");

export default defineConfig({
  testDir: "tests",
  globalSetup: "./tests/backend.ts",
  // Tests that stop servers run after all others.
  projects: [
    { name: "pages", testIgnore: "outage.spec.ts" },
    { name: "outage", testMatch: "outage.spec.ts", dependencies: ["pages"] },
  ],
  fullyParallel: true,
  outputDir: "../test-results",
  workers: 2,
  timeout: 60_000,
  reporter: [["list"]],
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: chromium, args: ["--no-sandbox"] },
    trace: "retain-on-failure",
  },
});
