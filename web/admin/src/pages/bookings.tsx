import type { Input, Schemas } from "@unified-booking/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { explain, useDashboard } from "../api.js";
import { download, toCsv } from "../csv.js";
import { dateTime, money } from "../format.js";
import { usePages } from "../paging.js";
import { Empty, LoadPages, Table, Title } from "../ui.js";
import { type FilterValues, Filters, NoMatch, queryOf, useFilters } from "./filters.js";

type Booking = Schemas["Booking"];

export const BOOKING_STATUS: Record<Booking["status"], string> = {
  CONFIRMED: "Booked",
  FAILED: "Payment declined",
  REFUND_DUE: "Refund due",
  CANCELLED: "Cancelled",
};
const TEXTS = [
  ["bookingId", "Booking id"],
  ["paymentId", "Payment id"],
  ["entityId", "Entity"],
  ["seatNumber", "Seat number"],
  ["appId", "App"],
] as const;
const MOST_CSV_ROWS = 10_000;

export function Bookings() {
  const [filters, apply] = useFilters("/bookings");
  const loaded = usePages("listAllBookings", queryOf(filters) as Input<"listAllBookings">);
  return (
    <>
      <Title aside={<ExportButton filters={filters} />}>Bookings</Title>
      <Filters
        label="Bookings"
        texts={TEXTS}
        statuses={BOOKING_STATUS}
        filters={filters}
        apply={apply}
      />
      <LoadPages of={loaded} rows={8}>
        {(bookings) => (
          <List
            bookings={bookings}
            filtered={Object.keys(filters).length > 0}
            clear={() => apply({})}
          />
        )}
      </LoadPages>
    </>
  );
}

function List({
  bookings,
  filtered,
  clear,
}: {
  bookings: Booking[];
  filtered: boolean;
  clear: () => void;
}) {
  const { session } = useDashboard();
  if (bookings.length === 0 && filtered) return <NoMatch what="booking" clear={clear} />;
  if (bookings.length === 0) {
    return (
      <Empty title="There are no bookings yet">
        The first sale appears here.{" "}
        <a href={session.appId ? `/apps/${session.appId}` : "/apps"}>
          {session.appId ? "Look at your app" : "Look at your apps"}
        </a>{" "}
        to see what is on sale.
      </Empty>
    );
  }
  return (
    <Table
      label="List of bookings"
      columns={["Booking", "When", "Entity", "Seats", "#Amount", "Status"]}
    >
      {bookings.map((booking) => (
        <Row key={booking.bookingId} booking={booking} />
      ))}
    </Table>
  );
}

function Row({ booking }: { booking: Booking }) {
  const { bookingId, status, seats } = booking;
  return (
    <tr>
      <th scope="row">
        <a href={`/bookings/${bookingId}`}>{bookingId}</a>
      </th>
      <td>{dateTime(booking.bookingDate)}</td>
      <td>{booking.entityId}</td>
      <td>{seats.map(({ seatNumber }) => seatNumber).join(", ")}</td>
      <td class="number">{money(booking.amount, booking.currency)}</td>
      <td>
        <span class={`tag ${status.toLowerCase()}`}>{BOOKING_STATUS[status]}</span>
      </td>
    </tr>
  );
}

function ExportButton({ filters }: { filters: FilterValues }) {
  const { client } = useDashboard();
  const [state, setState] = useState("");
  const left = useRef(new AbortController());
  useEffect(() => () => left.current.abort(), []);
  const run = async () => {
    const { signal } = left.current;
    setState("Collecting …");
    const header = [
      "bookingId",
      "bookingDate",
      "appId",
      "userId",
      "entityId",
      "seats",
      "amount",
      "currency",
      "status",
      "paymentId",
    ];
    const rows: (string | number | undefined)[][] = [header];
    try {
      const list = { ...(queryOf(filters) as Input<"listAllBookings">), limit: 100 };
      for await (const booking of client.items("listAllBookings", list, { signal })) {
        const seats = booking.seats.map(({ seatNumber }) => seatNumber).join(" ");
        rows.push([
          booking.bookingId,
          booking.bookingDate,
          booking.appId,
          booking.userId,
          booking.entityId,
          seats,
          booking.amount,
          booking.currency,
          booking.status,
          booking.paymentId,
        ]);
        if (rows.length > MOST_CSV_ROWS) break;
      }
      download("bookings.csv", toCsv(rows));
      const cut = rows.length > MOST_CSV_ROWS;
      setState(
        cut ? `The first ${MOST_CSV_ROWS} are in the file. Narrow the dates for the rest.` : "",
      );
    } catch (error) {
      if (!signal.aborted) setState(explain(error));
    }
  };
  return (
    <>
      <span role="status" class="muted">
        {state}
      </span>
      <button type="button" onClick={() => void run()}>
        Export CSV
      </button>
    </>
  );
}
