// Writes collection.json from openapi.yaml. With --check it writes nothing and fails on a
// difference.
import { readFile, writeFile } from "node:fs/promises";
import { parse } from "yaml";

const description = parse(await readFile(new URL("../../openapi.yaml", import.meta.url), "utf8"));
const target = new URL("collection.json", import.meta.url);

/** Request fields whose value is a collection variable. */
const VARIABLES = {
  appId: "{{appId}}",
  entityId: "{{entityId}}",
  seatId: "{{seatId}}",
  seatIds: ["{{seatId}}"],
  reservationToken: "{{reservationToken}}",
  bookingId: "{{bookingId}}",
  paymentId: "pay_{{$guid}}",
};
/** Response fields that a script stores in a variable for later requests. */
const KEPT = {
  adminLogin: { adminToken: "data.token" },
  signup: { userToken: "data.token" },
  login: { userToken: "data.token" },
  listSeats: { seatId: "data.seats[0].seatId" },
  reserve: { reservationToken: "data.reservationToken" },
  confirm: { bookingId: "data.bookingId" },
};
/** Picks the example to use for an operation that has several. */
const PREFERRED = {
  reserve: (body) => body.seatIds && !body.reservationToken,
  confirm: (body) => body.paymentId,
};
/**
 * The collection's variables. Scripts set `adminToken` and those below it. Set the others by hand:
 * for `make dev`, `.local/dev.env` has them.
 */
const SETTINGS = {
  baseUrl: "http://127.0.0.1:9000",
  appId: "demo-event",
  apiKey: "",
  origin: "http://localhost:5173",
  entityId: "concert-2026",
  email: "asha@example.com",
  password: "a long enough one",
  adminEmail: "",
  adminPassword: "",
  adminToken: "",
  userToken: "",
  seatId: "",
  reservationToken: "",
  bookingId: "",
};

const resolve = (node) =>
  node?.$ref
    ? resolve(
        node.$ref
          .split("/")
          .slice(1)
          .reduce((at, key) => at[key], description),
      )
    : node;

function bodyOf(operation, isAdmin) {
  const json = resolve(operation.requestBody)?.content?.["application/json"];
  const examples = Object.values(json?.examples ?? {}).map((example) => resolve(example).value);
  const prefer = PREFERRED[operation.operationId] ?? (() => true);
  const value = examples.find(prefer) ?? examples[0] ?? json?.example;
  if (value === undefined) return undefined;
  const account = isAdmin ? ["{{adminEmail}}", "{{adminPassword}}"] : ["{{email}}", "{{password}}"];
  const filled = Object.entries(value).map(([name, given]) => {
    if (name === "email") return [name, account[0]];
    if (name === "password") return [name, account[1]];
    return [name, VARIABLES[name] ?? given];
  });
  const raw = JSON.stringify(Object.fromEntries(filled), null, 2);
  return { mode: "raw", raw, options: { raw: { language: "json" } } };
}

function headersOf(operation, schemes, hasBody) {
  const headers = [];
  const add = (key, value, disabled = false) =>
    headers.push({ key, value, ...(disabled && { disabled }) });
  if (schemes.some((name) => ["apiKey", "appId"].includes(name))) {
    add("x-app-id", "{{appId}}");
    add("x-api-key", "{{apiKey}}");
    add("origin", "{{origin}}");
  }
  if (schemes.includes("userToken")) add("authorization", "Bearer {{userToken}}");
  if (schemes.includes("adminToken")) add("authorization", "Bearer {{adminToken}}");
  if (hasBody) add("content-type", "application/json");
  const parameters = (operation.parameters ?? []).map(resolve);
  if (parameters.some(({ name }) => name === "Idempotency-Key"))
    add("idempotency-key", "{{$guid}}");
  return headers;
}

function requestOf(method, path, operation) {
  const schemes = (operation.security ?? []).flatMap((entry) => Object.keys(entry));
  const body = bodyOf(operation, path.startsWith("/admin/login"));
  const query = (operation.parameters ?? [])
    .map(resolve)
    .filter((parameter) => parameter.in === "query")
    .map(({ name, required }) => ({
      key: name,
      value: typeof VARIABLES[name] === "string" ? VARIABLES[name] : "",
      ...(!required && { disabled: true }),
    }));
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => `{{${name}}}`);
  const enabled = query.filter(({ disabled }) => !disabled);
  const search =
    enabled.length > 0 ? `?${enabled.map(({ key, value }) => `${key}=${value}`).join("&")}` : "";
  return {
    method: method.toUpperCase(),
    description: operation.description ?? operation.summary,
    header: headersOf(operation, schemes, body !== undefined),
    url: {
      raw: `{{baseUrl}}${filled}${search}`,
      host: ["{{baseUrl}}"],
      path: filled.split("/").slice(1),
      ...(query.length > 0 && { query }),
    },
    ...(body && { body }),
  };
}

function scriptOf(operationId) {
  const lines = Object.entries(KEPT[operationId] ?? {}).map(
    ([name, path]) =>
      `if (pm.response.code < 300) pm.collectionVariables.set("${name}", pm.response.json().${path});`,
  );
  return lines.length > 0
    ? [{ listen: "test", script: { type: "text/javascript", exec: lines } }]
    : [];
}

function folders() {
  const byTag = new Map();
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of ["get", "post", "put", "patch", "delete"]) {
      const operation = item[method];
      if (!operation) continue;
      const tag = operation.tags?.[0] ?? "Other";
      const event = scriptOf(operation.operationId);
      const request = requestOf(method, path, operation);
      const entry = { name: operation.summary, ...(event.length > 0 && { event }), request };
      byTag.set(tag, [...(byTag.get(tag) ?? []), entry]);
    }
  }
  return [...byTag].map(([name, item]) => ({ name, item }));
}

const collection = {
  info: {
    name: "Unified booking backend",
    description:
      "Made from openapi.yaml. Set the variables apiKey, adminEmail and adminPassword from .local/dev.env. " +
      "Then run: sign up, list the seats, hold one, confirm. Scripts keep token, seat, hold and booking.",
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  },
  item: folders(),
  variable: Object.entries(SETTINGS).map(([key, value]) => ({ key, value })),
};
const text = `${JSON.stringify(collection, null, 2)}\n`;

if (!process.argv.includes("--check")) {
  await writeFile(target, text);
} else if ((await readFile(target, "utf8").catch(() => "")) !== text) {
  console.error("clients/postman/collection.json differs from openapi.yaml: npm run generate");
  process.exitCode = 1;
}
