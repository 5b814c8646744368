/** `/config.json`: all that tells one shop from another. It holds no secret; the API key is public. */
export interface Config {
  baseUrl: string;
  appId: string;
  apiKey: string;
  /** Where the public seat feed is, if not at the API: `/` behind the template's CloudFront. */
  feedUrl?: string;
  /** The shop's name, in its head and in the window's title. */
  name: string;
  tagline?: string;
  domain?: "EVENT" | "BUS" | "MOVIE";
  /** One colour, `#rrggbb`. Both themes derive theirs from it. */
  accent?: string;
  locale?: string;
}

export async function loadConfig(): Promise<Config> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`/config.json: HTTP ${response.status}`);
  const config = (await response.json()) as Partial<Config>;
  for (const name of ["baseUrl", "appId", "apiKey", "name"] as const) {
    if (!config[name]) throw new Error(`/config.json: ${name} is missing`);
  }
  return config as Config;
}
