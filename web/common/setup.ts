/** Reads `/config.json`. Throws if it cannot be read, or if it lacks a required setting. */
export async function readConfig<Config>(
  required: readonly (keyof Config & string)[],
): Promise<Config> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`/config.json: HTTP ${response.status}`);
  const config = (await response.json()) as Config;
  for (const name of required) {
    if (!config[name]) throw new Error(`/config.json: ${name} is missing`);
  }
  return config;
}

/** Says why an app cannot start. */
export function showSetupProblem(app: string, error: unknown): void {
  const problem = document.createElement("p");
  problem.textContent = `${app} is not set up. ${error instanceof Error ? error.message : ""}`;
  document.body.append(problem);
}
