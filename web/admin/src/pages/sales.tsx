import { useLoad } from "../../../common/load.js";
import { useDashboard } from "../api.js";
import { count, money } from "../format.js";
import { Bar, Failure, Table } from "../ui.js";

/** Revenue, occupancy and conversion of each entity since its first sale. */
export function Sales({ appId }: { appId: string }) {
  const { client } = useDashboard();
  const loaded = useLoad((signal) => client.analytics({ appId }, { signal }), [appId]);
  if (loaded.state === "failed") return <Failure {...loaded} />;
  const { entities = [] } = loaded.state === "ready" ? loaded.value : {};
  if (entities.length === 0) return null;
  return (
    <section>
      <header class="title">
        <h2>Sales</h2>
      </header>
      <Table
        label="Sales by entity"
        columns={["Entity", "#Revenue", "#Bookings", "#Sold", "#Conversion"]}
      >
        {entities.map(({ entityId, revenue, bookings, seats, conversion }) => (
          <tr key={entityId}>
            <th scope="row">
              <a href={`/bookings?appId=${appId}&entityId=${encodeURIComponent(entityId)}`}>
                {entityId}
              </a>
            </th>
            <td class="number">
              {revenue.map(({ currency, amount }) => money(amount, currency)).join(" + ") || "–"}
            </td>
            <td class="number">{count(bookings)}</td>
            <td class="number">
              <Bar share={seats.total === 0 ? 0 : seats.booked / seats.total} />
            </td>
            <td class="number">
              <Bar share={conversion} />
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
