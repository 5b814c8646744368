import { type Client, type Schemas, isBookingError } from "@unified-booking/client";
import { type Loaded, useLoad } from "../../../common/load.js";
import { explain, useDashboard } from "../api.js";
import { count } from "../format.js";
import { mapParallel } from "../parallel.js";

/** Each app's payment setup is one request. At most this many run at once. */
const MOST_AT_ONCE = 6;
/** So many apps without a provider have their own line. The others share one. */
const MOST_NAMED = 5;
/** Lists are counted up to this many items: ten pages. */
const MOST_SEEN = 1000;

interface Item {
  words: string;
  href?: string;
  link?: string;
}

/** What needs attention now, whatever period the figures have. Each part is loaded separately. */
export function Attention({ appIds, declined }: { appIds: string[]; declined: number }) {
  const { client } = useDashboard();
  const parts = [
    useLoad((signal) => unhealthy(client, signal), []),
    useLoad((signal) => failedRefunds(client, signal), []),
    useLoad((signal) => refundsDue(client, signal), []),
    useLoad((signal) => withoutProvider(client, appIds, signal), [appIds.join()]),
  ];
  const items = parts.flatMap(itemsOf);
  if (declined > 0) {
    const words = declined === 1 ? "A payment was" : `${count(declined)} payments were`;
    items.push({ words: `${words} declined.`, href: "/bookings?status=FAILED" });
  }
  if (items.length > 0)
    return (
      <ul class="attention" aria-label="Needs attention">
        {items.map(({ words, href, link = "Show them" }) => (
          <li key={words}>
            {words} {href && <a href={href}>{link}</a>}
          </li>
        ))}
      </ul>
    );
  const isLoading = parts.some(({ state }) => state === "loading");
  return (
    <p class="calm" role="status">
      {isLoading ? "Looking for what needs your attention …" : "Nothing needs your attention."}
    </p>
  );
}

function itemsOf(part: Loaded<Item[]>): Item[] {
  if (part.state === "ready") return part.value;
  return part.state === "failed"
    ? [{ words: `Not everything was read: ${explain(part.error)}` }]
    : [];
}

/**
 * The details of a 503 name what is down. Other errors, such as 429, say nothing about MongoDB. The
 * API may also hide its health from browsers.
 */
async function unhealthy(client: Client, signal: AbortSignal): Promise<Item[]> {
  const health: Partial<Schemas["Health"]> = await client
    .health({}, { signal })
    .catch((error: unknown) => {
      if (!isBookingError(error) || error.status === 0) return {};
      const details = error.details as Partial<Schemas["Health"]> | undefined;
      if (!details?.mongo) throw error;
      return details;
    });
  return [
    ...(health.mongo === "down"
      ? [{ words: "MongoDB does not respond. Nothing can be sold." }]
      : []),
    ...(health.redis === "down"
      ? [{ words: "Redis does not respond. Everything works, but slower." }]
      : []),
  ];
}

async function failedRefunds(client: Client, signal: AbortSignal): Promise<Item[]> {
  const refunds = client.items("listRefunds", { status: "FAILED", limit: 100 }, { signal });
  const found = await tally(refunds, ({ retriedBy }) => !retriedBy);
  if (!found) return [];
  const words =
    found === "1"
      ? "A refund failed: try it again, or pay by hand."
      : `${found} refunds failed: try them again, or pay by hand.`;
  return [{ words, href: "/refunds?status=FAILED" }];
}

async function refundsDue(client: Client, signal: AbortSignal): Promise<Item[]> {
  const list = { status: "REFUND_DUE", limit: 100 } as const;
  const bookings = client.items("listAllBookings", list, { signal });
  const found = await tally(bookings, ({ refundStatus }) => refundStatus !== "REFUNDED");
  if (!found) return [];
  const words =
    found === "1"
      ? "A payment was taken but nothing was sold. It will be refunded."
      : `${found} payments were taken but nothing was sold. They will be refunded.`;
  return [{ words, href: "/bookings?status=REFUND_DUE" }];
}

async function withoutProvider(
  client: Client,
  appIds: string[],
  signal: AbortSignal,
): Promise<Item[]> {
  const setups = await mapParallel(appIds, MOST_AT_ONCE, (appId) =>
    client.getPayments({ appId }, { signal }),
  );
  const without = appIds.filter((_, index) => setups[index]?.provider === "none");
  const named = without.slice(0, MOST_NAMED).map((appId) => ({
    words: `${appId} has no payment provider: only what is free can be booked.`,
    href: `/apps/${appId}`,
    link: "Set one",
  }));
  const more = without.length - named.length;
  if (more === 0) return named;
  const words = more === 1 ? "One more app has" : `${count(more)} more apps have`;
  return [...named, { words: `${words} no payment provider.`, href: "/apps" }];
}

/** Counts which of a list's first `MOST_SEEN` items need attention. Undefined if none does. */
async function tally<T>(
  list: AsyncIterable<T>,
  needs: (item: T) => boolean,
): Promise<string | undefined> {
  let found = 0;
  let seen = 0;
  for await (const item of list) {
    if (needs(item)) found++;
    if (++seen === MOST_SEEN) break;
  }
  if (found === 0) return undefined;
  return seen === MOST_SEEN ? `At least ${count(found)}` : count(found);
}
