import { ConfirmJournal, type KeyValueStore, sessionStore } from "./confirms.js";
import { errorOf, isBookingError, networkError } from "./errors.js";
import { FeedWatch, type WatchOptions } from "./feed.js";
import { operationTable } from "./generated/operations.js";
import { isTemporary, withRetries, withTimeout } from "./retry.js";
import { noteSent } from "./timer.js";
import type {
  CallOptions,
  Input,
  Item,
  OperationId,
  Operations,
  Output,
  PagedId,
} from "./types.js";

/** A token, or a function that returns the current one. */
export type TokenSource = string | undefined | (() => string | undefined);

export interface ClientOptions {
  /** The API's address, such as `https://api.example.com/v1`. */
  baseUrl: string;
  /** The address of a cache in front of the feed, for `watch`. `/` is the page's origin. */
  feedUrl?: string | undefined;
  /** The tenant. Not needed for `/admin` operations. */
  appId?: string;
  apiKey?: string;
  /** The signed-in user's token. You can also set `client.userToken` later. */
  userToken?: TokenSource;
  /** The admin's token, or a tenant's secret key. Never put a secret key into a public page. */
  adminToken?: TokenSource;
  /** Where unfinished confirmations are kept; by default the tab's `sessionStorage`. */
  storage?: KeyValueStore;
  fetch?: typeof globalThis.fetch;
  /** Timeout of one attempt, and of one request for the feed; 31 s by default. */
  timeoutMs?: number;
}

export interface Client extends Operations {
  userToken: TokenSource;
  adminToken: TokenSource;
  /** The pages of a list, one after the other. */
  pages<Id extends PagedId>(
    id: Id,
    input: Input<Id>,
    options?: CallOptions,
  ): AsyncGenerator<Output<Id>>;
  /** The elements of all pages of a list. */
  items<Id extends PagedId>(
    id: Id,
    input: Input<Id>,
    options?: CallOptions,
  ): AsyncGenerator<Item<Id>>;
  /**
   * Calls an operation that this version of the client does not know. `row` has the format of
   * `generated/operations.ts`: `client.call("GET /entities/{entityId} a", { entityId })`.
   */
  call(row: string, input?: Record<string, unknown>, options?: CallOptions): Promise<unknown>;
  /** Confirmations without a final response. After a reload, pass each one to `confirm`. */
  unfinishedConfirms(): Input<"confirm">[];
  /** Follows the public feed of an entity's seats. Returns a function that stops it. */
  watch(feedKey: string, options: WatchOptions): () => void;
}

type Fields = Record<string, unknown>;

/** The gateway gives up after 30 s. Wait a second longer, so that its response arrives. */
const TIMEOUT_MS = 31_000;

export function createClient(options: ClientOptions): Client {
  const calls = new Calls(options);
  const methods = Object.keys(operationTable).map((id) => [
    id,
    (input?: Fields, callOptions?: CallOptions) => calls.call(id, input, callOptions),
  ]);
  const confirm = (input: Input<"confirm">, callOptions?: CallOptions) =>
    calls.confirmOnce(input, callOptions);
  return Object.assign(calls, Object.fromEntries(methods), { confirm }) as unknown as Client;
}

/** The state and the calls behind the client's methods. */
class Calls {
  userToken: TokenSource;
  adminToken: TokenSource;
  readonly #options: ClientOptions;
  readonly #baseUrl: string;
  readonly #feedUrl: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #timeoutMs: number;
  readonly #journal: ConfirmJournal;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.userToken = options.userToken;
    this.adminToken = options.adminToken;
    this.#baseUrl = options.baseUrl.replace(/\/+$/, "");
    this.#feedUrl = options.feedUrl?.replace(/\/+$/, "") ?? this.#baseUrl;
    // A browser's `fetch` throws if it is called as a method of another object.
    this.#fetch = (...request) => (options.fetch ?? globalThis.fetch)(...request);
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const name = `unified-booking:confirms:${options.appId ?? ""}`;
    this.#journal = new ConfirmJournal(name, options.storage ?? sessionStore());
  }

  async call(id: string, input: Fields = {}, options: CallOptions = {}): Promise<unknown> {
    const [method, path, flags = "", query] = row(id).split(" ");
    const { url, rest } = this.#address(path ?? "", method === "GET", query, input);
    const headers = this.#headers(flags, options);
    let body: BodyInit | undefined;
    if (flags.includes("b")) body = JSON.stringify(rest);
    if (flags.includes("t"))
      body = typeof rest.body === "string" ? rest.body : JSON.stringify(rest.body);
    if (body !== undefined) headers["content-type"] = options.contentType ?? "application/json";
    const init: RequestInit = {
      method: method ?? "GET",
      headers,
      credentials: "omit",
      cache: "no-store",
    };
    if (body !== undefined) init.body = body;
    let final: Response | undefined;
    const attempt = () => this.#attempt(url, init, options, (response) => (final = response));
    const onRetry: CallOptions["onRetry"] = (error, waitMs) => {
      final = undefined;
      options.onRetry?.(error, waitMs);
    };
    try {
      return await withRetries(attempt, { ...options, onRetry });
    } finally {
      if (final) options.onResponse?.(final);
    }
  }

  /** Sends the first call for this hold again, unchanged, until there is a final response. */
  async confirmOnce(input: Input<"confirm">, options: CallOptions = {}): Promise<unknown> {
    const confirm = this.#journal.begin({
      key: options.idempotencyKey ?? newKey(),
      body: input,
    });
    const { key, body } = confirm;
    try {
      const booking = await this.call("confirm", body, { ...options, idempotencyKey: key });
      this.#journal.end(body.reservationToken);
      return booking;
    } catch (error) {
      if (isFinal(error)) this.#journal.end(body.reservationToken);
      else if (isPending(error)) this.#journal.leaveOpen(confirm);
      throw error;
    }
  }

  unfinishedConfirms(): Input<"confirm">[] {
    return Object.values(this.#journal.all()).map(({ body }) => body);
  }

  async *pages(id: PagedId, input: Fields, options?: CallOptions): AsyncGenerator<Fields> {
    let { cursor } = input;
    do {
      const page = (await this.call(id, { ...input, cursor }, options)) as Fields;
      yield page;
      cursor = page.nextCursor;
    } while (cursor);
  }

  async *items(id: PagedId, input: Fields, options?: CallOptions): AsyncGenerator<unknown> {
    for await (const page of this.pages(id, input, options)) {
      yield* Object.values(page).find(Array.isArray) ?? [];
    }
  }

  watch(feedKey: string, options: WatchOptions): () => void {
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const url = `${this.#feedUrl}/feed/${encodeURIComponent(feedKey)}`;
    const feed = new FeedWatch(url, this.#fetch, options, signal, this.#timeoutMs);
    feed.run().catch((error: unknown) => {
      // The page's own callback threw. Report it, so that its developer sees it.
      if (!signal.aborted) (globalThis.reportError ?? console.error)(error);
    });
    return () => stop.abort();
  }

  #address(path: string, isGet: boolean, query: string | undefined, input: Fields) {
    const rest = { ...input };
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = rest[name];
      delete rest[name];
      return encodeURIComponent(String(value));
    });
    const search = new URLSearchParams();
    for (const name of isGet ? Object.keys(rest) : (query?.split(",") ?? [])) {
      const value = rest[name];
      delete rest[name];
      if (value !== undefined && value !== null) search.set(name, String(value));
    }
    const suffix = search.size > 0 ? `?${search}` : "";
    return { url: this.#baseUrl + filled + suffix, rest };
  }

  #headers(flags: string, options: CallOptions): Record<string, string> {
    const headers: Record<string, string> = {};
    const { appId, apiKey } = this.#options;
    const isTenant = flags.startsWith("a") || flags.startsWith("u");
    if (isTenant && appId) headers["x-app-id"] = appId;
    if (isTenant && apiKey) headers["x-api-key"] = apiKey;
    const source = flags.startsWith("s") ? this.adminToken : this.userToken;
    const token = typeof source === "function" ? source() : source;
    if (/^[su]/.test(flags) && token) headers.authorization = `Bearer ${token}`;
    const key = options.idempotencyKey ?? (flags.includes("i") ? newKey() : undefined);
    if (key) headers["idempotency-key"] = key;
    if (options.ifMatch) headers["if-match"] = options.ifMatch;
    return headers;
  }

  async #attempt(
    url: string,
    init: RequestInit,
    options: CallOptions,
    onResponse: (response: Response) => void,
  ): Promise<unknown> {
    options.signal?.throwIfAborted();
    const signal = withTimeout(this.#timeoutMs, options.signal);
    const sentAt = performance.now();
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(url, { ...init, signal });
      text = await response.text();
    } catch (error) {
      options.signal?.throwIfAborted();
      throw networkError(error);
    }
    const body = parsed(text) as { success?: boolean; data?: unknown } | undefined;
    onResponse(response);
    if (!response.ok || body?.success !== true) throw errorOf(response, body);
    noteSent(body.data, sentAt);
    return body.data;
  }
}

/** The operation's row in the table. An unknown `id` is a row already: see `Client.call`. */
function row(id: string): string {
  return operationTable[id as OperationId] ?? id;
}

/** Whether the payment may still succeed. The user may also pay for the hold in another way. */
function isPending(error: unknown): boolean {
  return isBookingError(error) && error.code === "PAYMENT_PENDING";
}

/**
 * Whether a confirmation is over. After a 401 or 403 it is repeated once the user signed in. A
 * proxy's response has no code, and says nothing about the booking.
 */
function isFinal(error: unknown): boolean {
  if (!isBookingError(error) || isTemporary(error) || isPending(error)) return false;
  if (error.code === "UNREADABLE_RESPONSE") return false;
  return error.status >= 400 && error.status < 500 && ![401, 403].includes(error.status);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An idempotency key: 128 random bits. `crypto.randomUUID` is missing on pages without https. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
