import type { Output } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useDashboard } from "../api.js";
import { dateTime, money } from "../format.js";
import { usePages } from "../paging.js";
import { useRecord } from "../record.js";
import { Empty, Facts, Load, LoadPages, Table, Title } from "../ui.js";
import { CancelDialog, RefundDialog } from "./booking-dialogs.js";
import { BOOKING_STATUS } from "./bookings.js";
import { RefundTable } from "./refunds.js";

export type BookingDetails = Output<"getAnyBooking">;

const REFUND_SUMMARY: Record<BookingDetails["refundStatus"], string> = {
  NONE: "Nothing",
  PENDING: "On its way",
  PARTIAL: "A part",
  REFUNDED: "All of it",
  FAILED: "Failed: see the refunds",
};
const DISPUTE_STATUS = { OPEN: "Open", WON: "Won", LOST: "Lost" };
const CANCELLED_BY = { USER: "buyer", ADMIN: "admin", ENTITY: "cancellation of the entity" };
const ACTIONS: Record<BookingDetails["history"][number]["action"], string> = {
  CANCEL: "Cancelled seats",
  REFUND: "Gave money back",
  RETRY: "Tried a refund again",
  SETTLE: "Settled a refund by hand",
};

/** A booking with its seats, its money, and what was done to it. */
export function BookingPage({ bookingId }: { bookingId: string }) {
  const { client } = useDashboard();
  const { loaded, changes, changed } = useRecord(
    (signal) => client.getAnyBooking({ bookingId }, { signal }),
    [bookingId],
  );
  return (
    <>
      <p>
        <a href="/bookings">Bookings</a>
      </p>
      <Title>{bookingId}</Title>
      <Load of={loaded}>
        {(booking) => <Details booking={booking} changes={changes} again={changed} />}
      </Load>
    </>
  );
}

interface DetailsProps {
  booking: BookingDetails;
  changes: number;
  again: () => void;
}

function Details({ booking, changes, again }: DetailsProps) {
  const { currency, refundStatus, status } = booking;
  const refunds = usePages("listRefunds", { bookingId: booking.bookingId }, changes);
  const entity = `/apps/${booking.appId}/entities/${encodeURIComponent(booking.entityId)}`;
  return (
    <>
      <Actions booking={booking} again={again} />
      <Facts
        of={[
          ["Status", <span class={`tag ${status.toLowerCase()}`}>{BOOKING_STATUS[status]}</span>],
          ["Made", dateTime(booking.bookingDate)],
          ["Entity", <a href={entity}>{booking.entityId}</a>],
          ["App", booking.appId],
          ["User", booking.userId],
          ["Payment", booking.paymentId ?? "none needed"],
          ["Paid", money(booking.paidAmount, currency)],
          ["Given back", money(booking.refundedAmount, currency)],
          ["Refunds", REFUND_SUMMARY[refundStatus]],
        ]}
      />
      <h2>Seats</h2>
      <Seats booking={booking} />
      <h2>Refunds</h2>
      <LoadPages of={refunds} rows={1}>
        {(items) =>
          items.length === 0 ? (
            <Empty title="Nothing was given back">
              A cancellation makes a refund by itself. “Refund” gives money back without one.
            </Empty>
          ) : (
            <RefundTable refunds={items} again={again} withBooking={false} />
          )
        }
      </LoadPages>
      <Disputes booking={booking} />
      <h2>History</h2>
      <History booking={booking} />
    </>
  );
}

function Seats({ booking }: { booking: BookingDetails }) {
  const { status } = booking;
  const gone = status === "FAILED" || status === "REFUND_DUE" ? "Not sold" : "Cancelled";
  return (
    <Table label="Seats" columns={["Seat", "Section", "Row", "#Price", "Status"]}>
      {booking.seats.map((seat) => (
        <tr key={seat.seatId}>
          <th scope="row">{seat.label ?? seat.seatNumber}</th>
          <td>{seat.section ?? "–"}</td>
          <td>{seat.row ?? "–"}</td>
          <td class="number">{money(seat.price, booking.currency)}</td>
          <td>
            <span class={`tag ${seat.status?.toLowerCase()}`}>
              {seat.status === "CONFIRMED" ? "Booked" : gone}
            </span>
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Disputes({ booking: { currency, disputes } }: { booking: BookingDetails }) {
  if (disputes.length === 0) return null;
  const isOpen = disputes.some(({ status }) => status === "OPEN");
  return (
    <>
      <h2>Disputes</h2>
      {isOpen && (
        <p class="note">
          The buyer’s bank asks for the money back. Respond at the payment provider. The payment
          cannot be refunded meanwhile.
        </p>
      )}
      <Table label="Disputes" columns={["Dispute", "Status", "#Amount", "Since", "Last change"]}>
        {disputes.map(({ disputeId, amount, status, createdAt, updatedAt }) => (
          <tr key={disputeId}>
            <th scope="row">{disputeId}</th>
            <td>
              <span class={`tag ${status === "WON" ? "confirmed" : "failed"}`}>
                {DISPUTE_STATUS[status]}
              </span>
            </td>
            <td class="number">{money(amount, currency)}</td>
            <td>{dateTime(createdAt)}</td>
            <td>{dateTime(updatedAt)}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** What happened after the sale: cancellations, and what admins did. */
function History({ booking }: { booking: BookingDetails }) {
  const { currency, seats } = booking;
  const numbers = (ids: string[] = []) =>
    seats
      .flatMap(({ seatId, seatNumber }) => (ids.includes(seatId) ? [seatNumber] : []))
      .join(", ");
  // `history` has the admins' cancellations too, with their reason.
  const others = booking.cancellations.filter(({ by }) => by !== "ADMIN");
  const rows = [
    ...others.map(({ at, by, seatIds, refund }) => ({
      at,
      what: [ACTIONS.CANCEL, numbers(seatIds), money(refund, currency)].join(" · "),
      who: CANCELLED_BY[by],
      why: "",
    })),
    ...booking.history.map(({ at, action, actor, amount, reason = "", seatIds }) => ({
      at,
      what: [ACTIONS[action], numbers(seatIds), amount && money(amount, currency)]
        .filter(Boolean)
        .join(" · "),
      who: actor,
      why: reason,
    })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  if (rows.length === 0)
    return <Empty title="Nothing happened since">Cancellations and refunds appear here.</Empty>;
  return (
    <Table label="History" columns={["When", "What", "By", "Why"]}>
      {rows.map(({ at, what, who, why }, index) => (
        <tr key={index}>
          <th scope="row">{dateTime(at)}</th>
          <td class="long">{what}</td>
          <td>{who}</td>
          <td class="long">{why}</td>
        </tr>
      ))}
    </Table>
  );
}

function Actions({ booking, again }: { booking: BookingDetails; again: () => void }) {
  const [asking, setAsking] = useState<"cancel" | "refund">();
  const held = booking.seats.filter(({ status }) => status === "CONFIRMED");
  const underway = booking.refunds.filter(({ status }) => status !== "FAILED");
  const left = underway.reduce((rest, { amount }) => rest - amount, booking.paidAmount);
  const disputed = booking.disputes.some(({ status }) => status !== "WON");
  const close = () => setAsking(undefined);
  const done = () => {
    close();
    again();
  };
  const dialog = { booking, onClose: close, onDone: done };
  return (
    <div class="aside acts">
      {booking.status === "CONFIRMED" && held.length > 0 && (
        <button type="button" class="danger" onClick={() => setAsking("cancel")}>
          Cancel seats
        </button>
      )}
      {left > 0 && !disputed && (
        <button type="button" onClick={() => setAsking("refund")}>
          Refund
        </button>
      )}
      {asking === "cancel" && <CancelDialog {...dialog} seats={held} />}
      {asking === "refund" && <RefundDialog {...dialog} left={left} />}
    </div>
  );
}
