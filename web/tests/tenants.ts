import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { createClient, type Client, type Input } from "@unified-booking/client";
import type { Layout } from "../seat-map/src/layout.js";
import type { Backend } from "./backend.js";
import { repository, test as base } from "./fixtures.js";
import { serve } from "./static-server.js";
import { type PaymentForm, contentSecurityPolicy, routed } from "./template.js";

export { expect, expectAccessible } from "./fixtures.js";

export interface Tenant {
  origin: string;
  appId: string;
  apiKey: string;
  entityId: string;
  /** A client of the tenant's own server, without a user. */
  client: Client;
}

type Domain = "EVENT" | "BUS" | "MOVIE";

const DOMAINS = {
  EVENT: { plan: "hall", name: "City Hall", title: "Winter Concert", accent: "#0b5f53" },
  BUS: { plan: "bus", name: "Southern Lines", title: "Bengaluru to Chennai", accent: "#b4470f" },
  MOVIE: { plan: "cinema", name: "The Regal", title: "The Long Monsoon", accent: "#3b3f8f" },
};

/** A shop of its own for each test: a tenant, its seats, and the pages on its origin. */
export const test = base.extend<
  { open: (domain: Domain, form?: PaymentForm) => Promise<Tenant> },
  { admin: Client }
>({
  admin: [
    async ({}, use) => {
      const { baseUrl, adminEmail, adminPassword } = backend();
      const admin = createClient({ baseUrl });
      admin.adminToken = (
        await admin.adminLogin({ email: adminEmail, password: adminPassword })
      ).token;
      await use(admin);
    },
    { scope: "worker" },
  ],
  open: async ({ admin }, use) => {
    const close: (() => void)[] = [];
    await use(async (domain, form) => {
      const { baseUrl } = backend();
      const { plan, name, title, accent } = DOMAINS[domain];
      const layout = JSON.parse(await readFile(`${repository}/stack/layouts/${plan}.json`, "utf8"));
      const config = { baseUrl, name, domain, accent, locale: "en-IN", appId: "", apiKey: "" };
      // With a dot, so that a test fails if routing takes it for a file.
      const entityId = `${plan}.1`;
      const dated = {
        startsAt: "2030-12-05T14:00:00.000Z",
        timeZone: "Asia/Kolkata",
        venue: "Main house",
      };
      const { origin, server } = await serve(`${repository}/web/shop/dist`, {
        route: routed,
        headers: { "content-security-policy": contentSecurityPolicy("Shop", baseUrl, form) },
        extra: { "/config.json": config },
      });
      close.push(() => {
        server.closeAllConnections();
        server.close();
      });
      const app = await admin.registerApp({
        name,
        domain,
        allowedDomains: [origin],
        allowServerRequests: true,
      });
      config.appId = app.appId;
      config.apiKey = app.apiKey!;
      await admin.putEntity({ appId: app.appId, entityId, title, currency: "INR", ...dated });
      await sell(admin, app.appId, entityId, layout);
      const client = createClient({ baseUrl, appId: config.appId, apiKey: config.apiKey });
      return { origin, entityId, appId: config.appId, apiKey: config.apiKey, client };
    });
    for (const each of close) each();
  },
});

export function backend(): Backend {
  return JSON.parse(process.env.BACKEND ?? "{}") as Backend;
}

/** Puts all seats of a plan on sale. The first category costs the most. */
async function sell(admin: Client, appId: string, entityId: string, layout: Layout): Promise<void> {
  const order = layout.categories?.map(({ key }) => key) ?? [];
  const prices = order.map((key, index) => [key, 45_000 + 30_000 * (order.length - 1 - index)]);
  await admin.putLayout({ appId, layoutId: entityId, ...layout } as Input<"putLayout">);
  const seats = { layoutId: entityId, prices: Object.fromEntries(prices) };
  await admin.createLayoutSeats({ appId, entityId, ...seats });
}

export function newAccount() {
  const email = `asha-${Math.random().toString(36).slice(2)}@example.com`;
  return { name: "Asha Rao", email, password: "a long enough one" };
}

/** Fills the form that asks who the tickets are for, before the first hold. */
export async function signUp(page: Page, account = newAccount()): Promise<typeof account> {
  await page.getByLabel("Name").fill(account.name);
  await page.getByLabel("E-mail").fill(account.email);
  await page.getByLabel("Password").fill(account.password);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  return account;
}

/** Opens the page of a tenant's only entity. */
export async function openSeats(page: Page, tenant: Tenant): Promise<void> {
  await page.goto(tenant.origin);
  await page.locator(".listing a").first().click();
  await page.getByRole("button", { name: "Take the best seats" }).waitFor();
}
