import { type Page, expect } from "@playwright/test";
import { repository } from "./fixtures.js";
import { serve } from "./static-server.js";
import { contentSecurityPolicy, routed } from "./template.js";
import { backend, test } from "./tenants.js";

/** Serves the dashboard to a file's tests. They run one by one, because they share the origin. */
export function dashboard(origin: string): string {
  test.describe.configure({ mode: "serial" });
  let close = () => {};
  test.beforeAll(async () => {
    const { server } = await serve(`${repository}/web/admin/dist`, {
      port: Number(new URL(origin).port),
      route: routed,
      headers: { "content-security-policy": contentSecurityPolicy("Admin", backend().baseUrl) },
      extra: { "/config.json": { baseUrl: backend().baseUrl } },
    });
    close = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  test.afterAll(() => close());
  return origin;
}

export async function signIn(page: Page, origin: string): Promise<void> {
  await page.goto(origin);
  await page.getByLabel("E-mail").fill(backend().adminEmail);
  await page.getByLabel("Password").fill(backend().adminPassword);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
}

export const open = (page: Page, name: string) =>
  page.getByRole("link", { name, exact: true }).click();
