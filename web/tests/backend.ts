import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = ".local/browser";
const START_MS = 240_000;

/** What the tests need from the stack. */
export interface Backend {
  baseUrl: string;
  adminEmail: string;
  adminPassword: string;
  redisPid: number;
}

/** Starts a stack for the browser tests, with a Redis that a test may stop. */
export default async function startBackend(): Promise<() => Promise<void>> {
  const redisPort = await freePort();
  const redis = start(redisServer(), [
    ...["--port", String(redisPort), "--bind", "127.0.0.1", "--save", ""],
    ...["--maxmemory-policy", "noeviction"],
  ]);
  await rm(join(root, FOLDER, "dev.env"), { force: true });
  const stack = start(
    join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/stack"),
    ["dev", join(root, FOLDER)],
    {
      PORT: String(await freePort()),
      REDIS_URL: `redis://127.0.0.1:${redisPort}`,
      HOLD_TTL_SECONDS: "60",
      CONCURRENCY: "2",
      RATE_LIMIT_SIGNUP: "1000/60",
      RATE_LIMIT_LOGIN: "1000/60",
      RATE_LIMIT_ADMIN_LOGIN: "1000/60",
      ADMIN_ORIGINS: ADMIN_ORIGINS.join(),
    },
  );
  const env = await ready(stack).catch(async (error: unknown) => {
    await Promise.all([end(stack), end(redis)]);
    throw error;
  });
  const backend: Backend = {
    baseUrl: env.BASE_URL ?? "",
    adminEmail: env.ADMIN_EMAIL ?? "",
    adminPassword: env.ADMIN_PASSWORD ?? "",
    redisPid: redis.pid ?? 0,
  };
  process.env.BACKEND = JSON.stringify(backend);
  return async () => {
    await end(stack);
    redis.kill("SIGCONT");
    await end(redis);
  };
}

/** The dashboard's origins: one for each test file, because files run at the same time. */
export const ADMIN_ORIGINS = [
  "http://localhost:5189",
  "http://localhost:5190",
  "http://localhost:5191",
  "http://localhost:5192",
] as const;

function redisServer(): string {
  const own = join(root, ".local/tools/bin/redis-server");
  return existsSync(own) ? own : "redis-server";
}

function start(
  program: string,
  parameters: string[],
  env: Record<string, string> = {},
): ChildProcess {
  const child = spawn(program, parameters, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  child.on("error", (error) => {
    throw new Error(`${program}: ${error.message}. Build first: cargo build --workspace --bins`);
  });
  return child;
}

/** Waits for the file that says that the stack is ready. */
async function ready(stack: ChildProcess): Promise<Record<string, string>> {
  for (const began = Date.now(); Date.now() - began < START_MS; ) {
    const text = await readFile(join(root, FOLDER, "dev.env"), "utf8").catch(() => "");
    if (text) return parsed(text);
    if (stack.exitCode !== null) throw new Error(`the stack ended with ${stack.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the stack is not ready after four minutes");
}

function parsed(text: string): Record<string, string> {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => /^([A-Z_]+)='?(.*?)'?$/.exec(line));
  return Object.fromEntries(lines.flatMap((line) => (line ? [[line[1], line[2]]] : [])));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
