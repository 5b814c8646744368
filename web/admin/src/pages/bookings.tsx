import type { Input, Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useLoad } from "../../../common/load.js";
import { explain, useDashboard } from "../api.js";
import { download, toCsv } from "../csv.js";
import { dateTime, money } from "../format.js";
import { Empty, Failure, Input as TextInput, Field, Skeleton, Title } from "../ui.js";

type Booking = Schemas["Booking"];

const STATUSES = ["CONFIRMED", "FAILED", "REFUND_DUE", "CANCELLED"] as const;
const TEXTS = [
  ["bookingId", "Booking id"],
  ["paymentId", "Payment id"],
  ["entityId", "Entity"],
  ["seatNumber", "Seat number"],
  ["appId", "App"],
] as const;
const MOST_CSV_ROWS = 10_000;

/** The filters are the address: it can be kept and sent. */
function filtersOf(search: string): Record<string, string> {
  const entries = [...new URLSearchParams(search)].filter(([, value]) => value !== "");
  return Object.fromEntries(entries);
}

/** Days of this device as the API's half-open period. */
function queryOf({ from, to, ...filters }: Record<string, string>): Input<"listAllBookings"> {
  const start = from && new Date(`${from}T00:00`).toISOString();
  const end = to && new Date(new Date(`${to}T00:00`).getTime() + 86_400_000).toISOString();
  return {
    ...filters,
    ...(start && { from: start }),
    ...(end && { to: end }),
  } as Input<"listAllBookings">;
}

export function Bookings() {
  const { client, session } = useDashboard();
  const [filters, setFilters] = useState(filtersOf(location.search));
  const [pages, setPages] = useState(1);
  const key = JSON.stringify(filters);
  const loaded = useLoad(
    async (signal) => {
      const bookings: Booking[] = [];
      let left = pages;
      const input = { ...queryOf(filters), limit: 50 };
      for await (const page of client.pages("listAllBookings", input, { signal })) {
        bookings.push(...page.bookings);
        if (--left === 0) return { bookings, more: page.nextCursor !== undefined };
      }
      return { bookings, more: false };
    },
    [key, pages],
  );
  const apply = (next: Record<string, string>) => {
    history.replaceState(null, "", `/bookings?${new URLSearchParams(next)}`);
    setPages(1);
    setFilters(next);
  };
  return (
    <>
      <Title aside={<ExportButton filters={filters} />}>Bookings</Title>
      <Filters filters={filters} apply={apply} ownApp={session.appId !== undefined} />
      {loaded.state === "loading" && <Skeleton rows={8} />}
      {loaded.state === "failed" && <Failure {...loaded} />}
      {loaded.state === "ready" && (
        <List bookings={loaded.value.bookings} filtered={key !== "{}"} clear={() => apply({})} />
      )}
      {loaded.state === "ready" && loaded.value.more && (
        <button type="button" onClick={() => setPages(pages + 1)}>
          Show more
        </button>
      )}
    </>
  );
}

function Filters(props: {
  filters: Record<string, string>;
  apply: (next: Record<string, string>) => void;
  ownApp: boolean;
}) {
  const { filters, apply, ownApp } = props;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const entries = [...fields].map(([name, value]) => [name, String(value).trim()] as const);
    apply(Object.fromEntries(entries.filter(([, value]) => value !== "")));
  };
  return (
    <form
      class="filters"
      role="search"
      aria-label="Bookings"
      onSubmit={submit}
      key={JSON.stringify(filters)}
    >
      {TEXTS.filter(([name]) => name !== "appId" || !ownApp).map(([name, label]) => (
        <TextInput
          key={name}
          label={label}
          name={name}
          defaultValue={filters[name] ?? ""}
          autocomplete="off"
        />
      ))}
      <Field label="Status">
        {(id) => (
          <select id={id} name="status" defaultValue={filters.status ?? ""}>
            <option value="">Any</option>
            {STATUSES.map((status) => (
              <option key={status} value={status} selected={filters.status === status}>
                {label(status)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <TextInput label="From" name="from" type="date" defaultValue={filters.from ?? ""} />
      <TextInput label="To" name="to" type="date" defaultValue={filters.to ?? ""} />
      <button type="submit" class="primary">
        Search
      </button>
    </form>
  );
}

function label(status: Booking["status"]): string {
  return {
    CONFIRMED: "Booked",
    FAILED: "Payment declined",
    REFUND_DUE: "Refund due",
    CANCELLED: "Cancelled",
  }[status];
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
  if (bookings.length === 0 && filtered) {
    return (
      <Empty title="No booking matches">
        <button type="button" onClick={clear}>
          Clear the filters
        </button>
      </Empty>
    );
  }
  if (bookings.length === 0) {
    return (
      <Empty title="There are no bookings yet">
        The first sale appears here. <a href="/apps">Look at your apps</a> to see what is on sale.
      </Empty>
    );
  }
  return (
    <div class="scroll" role="region" aria-label="List of bookings" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Booking</th>
            <th scope="col">When</th>
            <th scope="col">Entity</th>
            <th scope="col">Seats</th>
            <th scope="col" class="number">
              Amount
            </th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
          {bookings.map((booking) => (
            <Row key={booking.bookingId} booking={booking} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A row, and under it what else is known. Part 4 of the API adds the history to it. */
function Row({ booking }: { booking: Booking }) {
  const [open, setOpen] = useState(false);
  const { bookingId, status, seats } = booking;
  return (
    <>
      <tr>
        <th scope="row">
          <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
            {bookingId}
          </button>
        </th>
        <td>{dateTime(booking.bookingDate)}</td>
        <td>{booking.entityId}</td>
        <td>{seats.map(({ seatNumber }) => seatNumber).join(", ")}</td>
        <td class="number">{money(booking.amount, booking.currency)}</td>
        <td>
          <span class={`tag ${status.toLowerCase()}`}>{label(status)}</span>
        </td>
      </tr>
      {open && (
        <tr class="detail">
          <td colSpan={6}>
            <dl>
              {(
                [
                  ["App", booking.appId],
                  ["User", booking.userId],
                  ["Payment", booking.paymentId ?? "none needed"],
                  ["Payment status", booking.paymentStatus],
                  ["Hold", booking.reservationToken],
                ] as const
              ).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </td>
        </tr>
      )}
    </>
  );
}

function ExportButton({ filters }: { filters: Record<string, string> }) {
  const { client } = useDashboard();
  const [state, setState] = useState("");
  const run = async () => {
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
      for await (const booking of client.items("listAllBookings", {
        ...queryOf(filters),
        limit: 100,
      })) {
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
      setState(explain(error));
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
