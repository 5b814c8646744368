import type { Schemas } from "@unified-booking/client";
import { isBookingError } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useLoad } from "../../../common/load.js";
import { navigate } from "../../../common/router.js";
import { useDashboard } from "../api.js";
import { count, money, percent } from "../format.js";
import { Bar, Empty, Load, Table, Title } from "../ui.js";

type Report = Schemas["AppReport"];

const PERIODS = [
  ["1", "Today"],
  ["7", "7 days"],
  ["30", "30 days"],
  ["", "All time"],
] as const;
/** Each app's payments are one request. */
const MOST_SETUPS = 20;
const DAY_MS = 86_400_000;

/** Begins at midnight of this device, so that "Today" is the reader's. */
function since(days: string): { from?: string } {
  if (!days) return {};
  const midnight = new Date().setHours(0, 0, 0, 0);
  return { from: new Date(midnight - (Number(days) - 1) * DAY_MS).toISOString() };
}

export function Overview() {
  const { client } = useDashboard();
  const [days, setDays] = useState(new URLSearchParams(location.search).get("days") ?? "7");
  const loaded = useLoad((signal) => client.analytics(since(days), { signal }), [days]);
  // Apart from the figures: a health that nobody may read must not delay them.
  const health = useLoad(
    (signal) => client.health({}, { signal }).catch((error: unknown) => healthOf(error)),
    [],
  );
  const failedRefunds = useLoad(
    (signal) => client.listRefunds({ status: "FAILED", limit: 100 }, { signal }),
    [],
  );
  const choose = (value: string) => {
    setDays(value);
    navigate(value ? `/?days=${value}` : "/?days=");
  };
  const periods = (
    <fieldset class="tabs">
      <legend class="hidden">Period</legend>
      {PERIODS.map(([value, label]) => (
        <label key={value}>
          <input type="radio" name="days" checked={days === value} onChange={() => choose(value)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
  return (
    <>
      <Title aside={periods}>Overview</Title>
      <Load of={loaded} rows={6}>
        {({ apps }) => (
          <Figures
            apps={apps}
            health={health.state === "ready" ? health.value : {}}
            failedRefunds={failedRefunds.state === "ready" ? failedRefunds.value.refunds : []}
          />
        )}
      </Load>
    </>
  );
}

/** The API says in the details of a 503 what is down. It may also hide its health from browsers. */
function healthOf(error: unknown): Partial<Schemas["Health"]> {
  if (!isBookingError(error) || error.status === 0) return {};
  return { status: "down", mongo: "down", ...(error.details as Partial<Schemas["Health"]>) };
}

function Figures(props: {
  apps: Report[];
  health: Partial<Schemas["Health"]>;
  failedRefunds: Schemas["AdminRefund"][];
}) {
  const { apps, health, failedRefunds } = props;
  const unpaid = useUnpaid(apps);
  if (apps.length === 0) {
    return (
      <Empty title="There is no tenant yet">
        Figures appear with the first sale. <a href="/apps">Register an app</a> to begin.
      </Empty>
    );
  }
  const sum = (of: (report: Report) => number) =>
    apps.reduce((total, report) => total + of(report), 0);
  const all = sum(({ reservations: r }) => r.active + r.confirmed + r.released + r.expired);
  const sold = sum(({ reservations }) => reservations.confirmed);
  return (
    <>
      <Attention
        health={health}
        refundsDue={sum((app) => app.refundsDue)}
        failed={sum((app) => app.failedPayments)}
        unpaid={unpaid}
        failedRefunds={failedRefunds.filter(({ retriedBy }) => !retriedBy).length}
      />
      <dl class="figures">
        <Figure name="Revenue">
          {revenues(apps).map(([currency, amount]) => (
            <span key={currency}>{money(amount, currency)}</span>
          ))}
          {revenues(apps).length === 0 && "–"}
        </Figure>
        <Figure name="Bookings">{count(sum((app) => app.bookings))}</Figure>
        <Figure name="Conversion">{all === 0 ? "–" : percent(sold / all)}</Figure>
        <Figure name="Held right now">
          {count(sum(({ reservations }) => reservations.active))}
        </Figure>
      </dl>
      <h2>By app</h2>
      <Table
        label="Figures by app"
        columns={["App", "#Bookings", "#Revenue", "#Conversion", "#Given back", "#Ran out"]}
      >
        {apps.map((app) => (
          <tr key={app.appId}>
            <th scope="row">
              <a href={`/apps/${app.appId}`}>{app.appId}</a>
            </th>
            <td class="number">{count(app.bookings)}</td>
            <td class="number">
              {app.revenue.map(({ currency, amount }) => money(amount, currency)).join(" + ") ||
                "–"}
            </td>
            <td class="number">
              <Bar share={app.conversion} />
            </td>
            <td class="number">{count(app.reservations.released)}</td>
            <td class="number">{count(app.reservations.expired)}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** The apps without a payment provider, among the first ones. */
function useUnpaid(apps: Report[]): string[] {
  const { client } = useDashboard();
  const ids = apps.slice(0, MOST_SETUPS).map(({ appId }) => appId);
  const loaded = useLoad(
    async (signal) => {
      const setups = ids.map((appId) => client.getPayments({ appId }, { signal }));
      const providers = (await Promise.all(setups)).map(({ provider }) => provider);
      return ids.filter((_, index) => providers[index] === "none");
    },
    [ids.join()],
  );
  return loaded.state === "ready" ? loaded.value : [];
}

function revenues(apps: Report[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const { currency, amount } of apps.flatMap(({ revenue }) => revenue)) {
    sums.set(currency, (sums.get(currency) ?? 0) + amount);
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}

function Figure({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What cannot wait comes first. */
function Attention(props: {
  health: Partial<Schemas["Health"]>;
  refundsDue: number;
  failed: number;
  failedRefunds: number;
  unpaid: string[];
}) {
  const { health, refundsDue, failed, failedRefunds, unpaid } = props;
  const items = [
    health.mongo === "down" && ["MongoDB does not respond. Nothing can be sold.", ""],
    health.redis === "down" && ["Redis does not respond. Everything works, but slower.", ""],
    failedRefunds > 0 && [
      failedRefunds === 1
        ? "A refund failed: try it again, or pay by hand."
        : `${count(failedRefunds)} refunds failed: try them again, or pay by hand.`,
      "/refunds?status=FAILED",
    ],
    refundsDue > 0 && [
      `${count(refundsDue)} payments were taken and nothing was sold: they go back.`,
      "/bookings?status=REFUND_DUE",
    ],
    failed > 0 && [`${count(failed)} payments were declined.`, "/bookings?status=FAILED"],
    ...unpaid.map((appId) => [
      `${appId} has no payment provider: only what is free can be booked.`,
      `/apps/${appId}`,
    ]),
  ].filter((item) => item !== false);
  if (items.length === 0) return <p class="calm">Nothing needs your attention.</p>;
  return (
    <ul class="attention" aria-label="Needs attention">
      {items.map(([words, href]) => (
        <li key={words}>
          {words} {href && <a href={href}>Show them</a>}
        </li>
      ))}
    </ul>
  );
}
