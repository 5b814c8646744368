import type { Input as CallInput, Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useDashboard } from "../api.js";
import { dateTime, money } from "../format.js";
import { usePages } from "../paging.js";
import { Empty, FormDialog, Input, LoadPages, Table, Title } from "../ui.js";
import { Filters, NoMatch, queryOf, useFilters } from "./filters.js";

type Refund = Schemas["AdminRefund"];

const STATUS: Record<Refund["status"], string> = {
  PENDING: "On record",
  SUBMITTED: "At the provider",
  SUCCEEDED: "Paid back",
  FAILED: "Failed",
};
const TEXTS = [
  ["bookingId", "Booking id"],
  ["appId", "App"],
] as const;

/** Every refund, newest first. */
export function Refunds() {
  const [filters, apply] = useFilters("/refunds");
  const [changes, setChanges] = useState(0);
  const loaded = usePages("listRefunds", queryOf(filters) as CallInput<"listRefunds">, changes);
  return (
    <>
      <Title>Refunds</Title>
      <Filters label="Refunds" texts={TEXTS} statuses={STATUS} filters={filters} apply={apply} />
      <LoadPages of={loaded} rows={8}>
        {(refunds) =>
          refunds.length > 0 ? (
            <RefundTable refunds={refunds} again={() => setChanges(changes + 1)} />
          ) : Object.keys(filters).length > 0 ? (
            <NoMatch what="refund" clear={() => apply({})} />
          ) : (
            <Empty title="Nothing was given back yet">
              Refunds appear here when a booking is cancelled.{" "}
              <a href="/bookings">Find a booking</a> to give money back.
            </Empty>
          )
        }
      </LoadPages>
    </>
  );
}

interface RefundTableProps {
  refunds: Refund[];
  again: () => void;
  /** Whether a column shows the bookings. */
  withBooking?: boolean;
}

/** Refunds, and what can be done with those that failed. */
export function RefundTable({ refunds, again, withBooking = true }: RefundTableProps) {
  const { client } = useDashboard();
  const [asking, setAsking] = useState<{ refund: Refund; act: "retry" | "settle" }>();
  const close = () => setAsking(undefined);
  const done = () => {
    close();
    again();
  };
  const { refundId = "", amount = 0, currency = "USD" } = asking?.refund ?? {};
  const text = (fields: FormData, name: string) => String(fields.get(name)).trim();
  return (
    <>
      <Table
        label="Refunds"
        columns={[...(withBooking ? ["Booking"] : []), "When", "#Amount", "Status", "Actions"]}
      >
        {refunds.map((refund) => (
          <tr key={refund.refundId}>
            {withBooking && (
              <th scope="row">
                <a href={`/bookings/${refund.bookingId}`}>{refund.bookingId}</a>
              </th>
            )}
            <td>{dateTime(refund.createdAt)}</td>
            <td class="number">{money(refund.amount, refund.currency)}</td>
            <td class={refund.settled && "long"}>
              <span class={`tag ${toneOf(refund)}`}>{STATUS[refund.status]}</span> {noteOf(refund)}
            </td>
            <td>
              {needsSomebody(refund) && (
                <span class="aside">
                  <button type="button" onClick={() => setAsking({ refund, act: "retry" })}>
                    Try again
                  </button>
                  <button type="button" onClick={() => setAsking({ refund, act: "settle" })}>
                    Settle
                  </button>
                </span>
              )}
            </td>
          </tr>
        ))}
      </Table>
      {asking?.act === "retry" && (
        <FormDialog
          title={`Give ${money(amount, currency)} back again?`}
          submit="Try again"
          onClose={close}
          onSubmit={async (fields) => {
            const reason = text(fields, "reason");
            await client.retryRefund({ refundId, ...(reason && { reason }) });
            done();
          }}
        >
          <p>A new refund is made and linked to this one.</p>
          <Input label="Reason (optional)" name="reason" maxLength={500} />
        </FormDialog>
      )}
      {asking?.act === "settle" && (
        <FormDialog
          title={`Was ${money(amount, currency)} paid by hand?`}
          submit="It was paid"
          onClose={close}
          onSubmit={async (fields) => {
            await client.settleRefund({ refundId, note: text(fields, "note") });
            done();
          }}
        >
          <Input
            label="Note"
            name="note"
            required
            maxLength={500}
            hint="How it was paid, such as: bank transfer of 3 February."
          />
        </FormDialog>
      )}
    </>
  );
}

/** A failed refund that nobody has dealt with. */
const needsSomebody = ({ status, retriedBy }: Refund) => status === "FAILED" && !retriedBy;

function toneOf({ status, retriedBy }: Refund): string {
  if (status === "FAILED") return retriedBy ? "" : "failed";
  return status === "SUCCEEDED" ? "confirmed" : "";
}

function noteOf({ retriedBy, settled }: Refund): string {
  if (settled) return `by hand: ${settled.note}`;
  return retriedBy ? "and tried again" : "";
}
