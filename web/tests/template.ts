import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { repository } from "./fixtures.js";

/** The template without its tags: `!Sub [text, values]` becomes `[text, values]`. */
const template = parse(readFileSync(`${repository}/template.yaml`, "utf8"), { logLevel: "silent" });

/** A payment form that the shop may show. */
export type PaymentForm = "none" | "stripe" | "razorpay";

/** The policy under which CloudFront serves the shop or the dashboard. */
export function contentSecurityPolicy(
  site: "Shop" | "Admin",
  api: string,
  form: PaymentForm = "none",
): string {
  const { ResponseHeadersPolicyConfig } = template.Resources[`${site}Headers`].Properties;
  const { ContentSecurityPolicy } = ResponseHeadersPolicyConfig.SecurityHeadersConfig;
  const [policy] = ContentSecurityPolicy.ContentSecurityPolicy as [string];
  const values: Record<string, string> = {
    ...template.Mappings.PaymentForms[form],
    Api: api,
    Live: ` ${api.replace("http", "ws")}`,
  };
  return policy.replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

/** The file that CloudFront sends for a path of the shop or the dashboard. */
export const routed = new Function(
  `${template.Resources.PagesRouting.Properties.FunctionCode}
   return (uri) => handler({ request: { uri } }).uri;`,
)() as (path: string) => string;
