import AxeBuilder from "@axe-core/playwright";
import { type Page, test as base, expect } from "@playwright/test";
import { fileURLToPath } from "node:url";
import { serve } from "./static-server.js";

export { expect };
export const repository = fileURLToPath(new URL("../..", import.meta.url));

/**
 * `files` is the origin of the repository's files, for pages that need no backend. A test fails if
 * its page throws an error. It also fails if the page violates its Content-Security-Policy, unless
 * `provokesPolicy` is set.
 */
export const test = base.extend<{ provokesPolicy: boolean }, { files: string }>({
  provokesPolicy: [false, { option: true }],
  files: [
    async ({}, use) => {
      const { origin, server } = await serve(repository);
      await use(origin);
      server.closeAllConnections();
      server.close();
    },
    { scope: "worker" },
  ],
  page: async ({ page, provokesPolicy }, use) => {
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      const refused = message.text().includes("Content Security Policy");
      if (refused && !provokesPolicy) problems.push(message.text());
    });
    await use(page);
    expect(problems, "errors of the page").toEqual([]);
  },
});

/** Expects that axe finds nothing against WCAG 2.2 AA and its best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" ")}`,
  );
  expect(found).toEqual([]);
}
