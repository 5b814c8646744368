import { type Server, createServer } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/**
 * Serves a folder. `extra` has the responses of single paths: a string is a page, anything else is
 * sent as JSON. `route` maps a path to a file.
 */
export async function serve(
  folder: string,
  {
    port = 0,
    extra = {},
    route = (path) => (path.endsWith("/") ? `${path}index.html` : path),
    headers = {},
  }: {
    port?: number;
    extra?: Record<string, unknown>;
    route?: (path: string) => string;
    headers?: Record<string, string>;
  } = {},
): Promise<{ origin: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname));
    const send = (type: string, body: string | Buffer) =>
      response.writeHead(200, { "content-type": type, ...headers }).end(body);
    const made = extra[path];
    if (typeof made === "string") return send(TYPES[".html"]!, made);
    if (made) return send("application/json", JSON.stringify(made));
    const file = route(path);
    const found = await readFile(join(folder, file)).catch(() => undefined);
    if (!found) return response.writeHead(404).end();
    return send(TYPES[extname(file)] ?? "application/octet-stream", found);
  });
  await new Promise<void>((resolve) => server.listen(port, "localhost", resolve));
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, server };
}
