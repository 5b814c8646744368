import { readConfig } from "../../common/setup.js";

/** `/config.json`: all that differs between shops. It holds no secret; the API key is public. */
export interface Config {
  baseUrl: string;
  appId: string;
  apiKey: string;
  /** The public seat feed, if not at the API's address. `/` behind the template's CloudFront. */
  feedUrl?: string;
  /** The shop's name, in the page's header and in the window's title. */
  name: string;
  tagline?: string;
  domain?: "EVENT" | "BUS" | "MOVIE";
  /** One colour, `#rrggbb`. Both themes derive their accents from it. */
  accent?: string;
  locale?: string;
}

export async function loadConfig(): Promise<Config> {
  const config = await readConfig<Config>(["baseUrl", "appId", "apiKey", "name"]);
  if (config.locale && !isLocale(config.locale))
    throw new Error(`/config.json: locale is not a language tag such as en-IN: ${config.locale}`);
  return config;
}

/** Intl throws for any other text, for example `en_IN`, and every page would stay blank. */
function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
