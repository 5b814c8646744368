import type { Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useAction } from "../action.js";
import { useDashboard } from "../api.js";
import { dateTime } from "../format.js";
import { usePages } from "../paging.js";
import { Empty, LoadPages, Problem, Table } from "../ui.js";
import { StatusChoice } from "./filters.js";

type Delivery = Schemas["Delivery"];
type Status = Delivery["status"];

const STATUS: Record<Status, string> = {
  PENDING: "Waiting",
  DELIVERED: "Delivered",
  FAILED: "Failed",
};
const TONES: Record<Status, string> = { PENDING: "", DELIVERED: "confirmed", FAILED: "failed" };

interface DeliveriesProps {
  appId: string;
  webhookId: string;
  changes: number;
  changed: (words?: string) => void;
}

/** What was sent to an endpoint in the last 30 days. */
export function Deliveries({ appId, webhookId, changes, changed }: DeliveriesProps) {
  const { client } = useDashboard();
  const [status, setStatus] = useState<Status | "">("");
  const { problem, run } = useAction();
  const input = { appId, webhookId, ...(status && { status }) };
  const loaded = usePages("listDeliveries", input, changes);
  const retry = (deliveryId: string) =>
    run(async () => {
      await client.retryDelivery({ appId, webhookId, deliveryId });
      changed("It is sent again.");
    });
  return (
    <section>
      <header class="title">
        <h2>Deliveries</h2>
        <button type="button" onClick={() => changed()}>
          Look again
        </button>
      </header>
      <div class="filters">
        <StatusChoice statuses={STATUS} value={status} onChoose={setStatus} />
      </div>
      <Problem>{problem}</Problem>
      <LoadPages of={loaded} rows={3}>
        {(deliveries) =>
          deliveries.length === 0 ? (
            <Empty title={status ? "No delivery matches" : "Nothing was sent yet"}>
              {status ? "Choose another status." : "“Send a test” shows whether it works."}
            </Empty>
          ) : (
            <Table label="Deliveries" columns={["Event", "When", "Status", "Attempts", "Actions"]}>
              {deliveries.map((delivery) => (
                <Row key={delivery.deliveryId} delivery={delivery} retry={retry} />
              ))}
            </Table>
          )
        }
      </LoadPages>
    </section>
  );
}

function Row({ delivery, retry }: { delivery: Delivery; retry: (id: string) => Promise<void> }) {
  const { attempts, deliveryId, nextAttemptAt, status } = delivery;
  return (
    <tr>
      <th scope="row">{delivery.type}</th>
      <td>{dateTime(delivery.createdAt)}</td>
      <td>
        <span class={`tag ${TONES[status]}`}>{STATUS[status]}</span>
        {nextAttemptAt && <div class="muted">next {dateTime(nextAttemptAt)}</div>}
      </td>
      <td>
        {attempts.length === 0 ? (
          "none yet"
        ) : (
          <details>
            <summary>
              {attempts.length}, last: {outcome(attempts.at(-1)!)}
            </summary>
            <ol class="attempts">
              {attempts.map((attempt) => (
                <li key={attempt.at}>
                  {dateTime(attempt.at)}: {outcome(attempt)}, {attempt.durationMs} ms
                  {attempt.response && <code>{attempt.response}</code>}
                </li>
              ))}
            </ol>
          </details>
        )}
      </td>
      <td>
        {status !== "DELIVERED" && (
          <button type="button" onClick={() => void retry(deliveryId)}>
            Send again
          </button>
        )}
      </td>
    </tr>
  );
}

function outcome({ status, error }: Delivery["attempts"][number]): string {
  return error ?? (status ? `HTTP ${status}` : "no response");
}
