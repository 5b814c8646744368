import { type IncomingHttpHeaders, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Milliseconds since the server started. */
  at: number;
}

type Reply = (response: ServerResponse) => void;

/** A server that sends these replies in order, then repeats the last one. Records the requests. */
export async function serverThat(...replies: Reply[]) {
  const received: Received[] = [];
  const began = performance.now();
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      received.push({ method, url, headers, body, at: performance.now() - began });
      replies[Math.min(received.length, replies.length) - 1]?.(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}`, received };
}

export const cut: Reply = (response) => response.socket?.destroy();

export function success(status: number, data: unknown): Reply {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ success: true, data, message: "Done" }));
  };
}

export function failure(
  status: number,
  code: string,
  { details, retryAfter }: { details?: unknown; retryAfter?: number } = {},
): Reply {
  return (response) => {
    const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
    response.writeHead(status, { "content-type": "application/json", ...headers });
    const error = { code, message: code, details, requestId: "request-1" };
    response.end(JSON.stringify({ success: false, error }));
  };
}

/** A response without the envelope, as the feed sends it. */
export function plain(data: unknown): Reply {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(data));
  };
}
