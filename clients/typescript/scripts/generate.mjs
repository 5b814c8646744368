// Writes src/generated/ from openapi.yaml. With --check it writes nothing and fails on a
// difference.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const root = new URL("../../../", import.meta.url);
const description = parse(await readFile(new URL("openapi.yaml", root), "utf8"));
const header = "// Made by `npm run generate` from openapi.yaml: change that.\n";

/**
 * Which credential an operation needs: `s` admin or secret key, `u` app and user, `a` app, `p`
 * none.
 */
function layer(operation) {
  const names = (operation.security ?? []).flatMap((entry) => Object.keys(entry));
  if (names.includes("adminToken") || names.includes("secretKey")) return "s";
  if (names.includes("userToken")) return "u";
  return names.length > 0 ? "a" : "p";
}

/** Whether the response has the JSON envelope. The feed has none: the client's `watch` reads it. */
function hasEnvelope(operation) {
  const success = Object.entries(operation.responses).find(([status]) => /^2/.test(status))?.[1];
  const properties = success?.content?.["application/json"]?.schema?.properties;
  return properties?.success !== undefined;
}

/**
 * `METHOD path flags`, and the names of the query if the operation also has a body. The flags: the
 * layer, then `i` for an idempotency key, `b` for a JSON body, `t` for a body of other types.
 */
function tableRow(method, path, operation, shared) {
  const parameters = [...shared, ...(operation.parameters ?? [])].map((parameter) =>
    parameter.$ref
      ? description.components.parameters[parameter.$ref.split("/").at(-1)]
      : parameter,
  );
  const content = Object.keys(operation.requestBody?.content ?? {});
  const plain = content.length === 1 && content[0] === "application/json";
  const flags = [
    layer(operation),
    parameters.some(({ name }) => name.toLowerCase() === "idempotency-key") ? "i" : "",
    content.length > 0 ? (plain ? "b" : "t") : "",
  ].join("");
  const query = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
  const queryBesideBody = content.length > 0 && query.length > 0 ? ` ${query.join(",")}` : "";
  return `${method.toUpperCase()} ${path} ${flags}${queryBesideBody}`;
}

function operationTable() {
  const rows = [];
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of ["get", "post", "put", "patch", "delete"]) {
      const operation = item[method];
      if (!operation || !hasEnvelope(operation)) continue;
      const row = tableRow(method, path, operation, item.parameters ?? []);
      rows.push(`  ${operation.operationId}: ${JSON.stringify(row)},`);
    }
  }
  return `${header}
/** Method, path, flags and, beside a body, the query's parameters. The flags: scripts/generate.mjs. */
export const operationTable = {
${rows.join("\n")}
} as const;
`;
}

function eventTypes() {
  const rows = description.components.schemas.EventType.enum.map((type) => `  "${type}",`);
  return `${header}
/** Every type of event that a webhook endpoint can get. */
export const eventTypes = [
${rows.join("\n")}
] as const;
`;
}

const files = {
  "src/generated/api.ts": header + astToString(await openapiTS(description)),
  "src/generated/events.ts": eventTypes(),
  "src/generated/operations.ts": operationTable(),
};

for (const [name, text] of Object.entries(files)) {
  const file = new URL(`../${name}`, import.meta.url);
  if (!process.argv.includes("--check")) {
    await writeFile(file, text);
  } else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    console.error(`${fileURLToPath(file)} differs from openapi.yaml: npm run generate`);
    process.exitCode = 1;
  }
}
