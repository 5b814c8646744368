import type { Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useKept, useLoad } from "../../../common/load.js";
import { useDashboard } from "../api.js";
import { count, money, percent } from "../format.js";
import { Bar, Empty, Load, Table, Title } from "../ui.js";
import { Attention } from "./attention.js";

type Report = Schemas["AppReport"];

const PERIODS = [
  ["1", "Today"],
  ["7", "7 days"],
  ["30", "30 days"],
  ["", "All time"],
] as const;
const DEFAULT_PERIOD = "7";

/** The period in the page's address, if it is one that can be chosen. */
function periodOfAddress(): string {
  const days = new URLSearchParams(location.search).get("days");
  return PERIODS.find(([value]) => value === days)?.[0] ?? DEFAULT_PERIOD;
}

/** Begins at midnight of this device, so that "Today" is the reader's. */
function since(days: string): { from?: string } {
  if (!days) return {};
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  // Not in hours: a day with a clock change has 23 or 25.
  midnight.setDate(midnight.getDate() - (Number(days) - 1));
  return { from: midnight.toISOString() };
}

export function Overview() {
  const { client } = useDashboard();
  const [days, setDays] = useState(periodOfAddress);
  const loaded = useKept(useLoad((signal) => client.analytics(since(days), { signal }), [days]));
  const choose = (value: string) => {
    setDays(value);
    // Not a new page: the focus stays at the choice.
    history.replaceState(null, "", `/?days=${value}`);
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
        {({ apps }) => <Figures apps={apps} />}
      </Load>
    </>
  );
}

function Figures({ apps }: { apps: Report[] }) {
  const { session } = useDashboard();
  if (apps.length === 0 && session.appId) {
    return (
      <Empty title="There are no figures yet">
        They appear with the first sale. <a href={`/apps/${session.appId}`}>Look at your app.</a>
      </Empty>
    );
  }
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
        appIds={apps.map(({ appId }) => appId)}
        declined={sum((app) => app.failedPayments)}
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
