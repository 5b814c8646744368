import AxeBuilder from "@axe-core/playwright";
import { type Page, test as base, expect } from "@playwright/test";
import { fileURLToPath } from "node:url";
import { serve } from "./static-server.js";

export { expect };
export const repository = fileURLToPath(new URL("../..", import.meta.url));

/**
 * `files` are the repository's, for pages that need no backend. A page must not throw, nor try what
 * its Content-Security-Policy refuses, unless the test provokes that.
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

/** Nothing that a machine can find against WCAG 2.2 AA and axe's best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" ")}`,
  );
  expect(found).toEqual([]);
}
