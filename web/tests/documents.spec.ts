import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import type { Client } from "@unified-booking/client";
import { booked, find } from "./buyer.js";
import { repository } from "./fixtures.js";
import { serve } from "./static-server.js";
import { type Tenant, backend, expect, signUp, test } from "./tenants.js";

const MOST_LINES = 30;
const [elementPage, clientPage] = readFileSync(`${repository}/docs/FRONTENDS.md`, "utf8")
  .split("```html\n")
  .slice(1)
  .map((rest) => rest.split("```")[0]!) as [string, string];

/** Serves a page of the document with the folder of its scripts, and lets it call the API. */
async function show(
  page: Page,
  admin: Client,
  { appId, apiKey, entityId }: Tenant,
  [html, name, folder]: readonly [html: string, name: string, folder: string],
): Promise<void> {
  const filled = html
    .replaceAll("http://127.0.0.1:9000", backend().baseUrl)
    .replaceAll("demo-event", appId)
    .replaceAll("ubk_…", apiKey)
    .replaceAll("concert-2026", entityId);
  const { origin, server } = await serve(repository, {
    extra: { "/page": filled },
    route: (path) => path.replace(`/${name}/`, `/${folder}/`),
  });
  page.once("close", () => {
    server.closeAllConnections();
    server.close();
  });
  await admin.updateApp({ appId, allowedDomains: [origin] });
  await page.goto(`${origin}/page`);
}

test("the page of 30 lines in docs/FRONTENDS.md sells seats", async ({ page, open, admin }) => {
  expect(elementPage.trim().split("\n").length).toBeLessThanOrEqual(MOST_LINES);
  const tenant = await open("BUS");
  await show(page, admin, tenant, [elementPage, "standalone", "web/seat-map/dist/standalone"]);
  await find(page).click();
  await signUp(page);
  await page.getByRole("button", { name: /^Pay ₹/ }).click();
  await expect(booked(page)).toBeVisible();
});

test("the page with the client alone in docs/FRONTENDS.md sells a seat", async ({
  page,
  open,
  admin,
}) => {
  const tenant = await open("BUS");
  const told: string[] = [];
  page.on("dialog", (dialog) => {
    told.push(dialog.message());
    return dialog.accept();
  });
  await show(page, admin, tenant, [clientPage, "client", "clients/typescript/dist"]);
  await page.getByRole("button", { name: /^4C:/ }).click();
  await expect.poll(() => told).toEqual(["Pay?", expect.stringMatching(/^BK/)]);
});
