import type { Schemas } from "@unified-booking/client";
import { isBookingError } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { CancelDialog, bookingWords } from "../cancel.js";
import { type Entity, findEntity } from "../entities.js";
import { LONG_DATE, money, when } from "../format.js";
import { useLoad } from "../../../common/load.js";
import { usePages } from "../../../common/paging.js";
import { useSession, useShop } from "../shop.js";
import { Empty, Failure, ShowMore, Skeleton, Title } from "../ui.js";
import { SignInForm } from "./sign-in.js";

type Booking = Schemas["Booking"];

export function Bookings() {
  const session = useSession();
  return (
    <>
      <Title of="My bookings" />
      {session ? (
        <List key={session.user.userId} />
      ) : (
        <div class="narrow">
          <p class="lead">Sign in to see what you have booked.</p>
          <SignInForm />
        </div>
      )}
    </>
  );
}

function List() {
  const { client, sessions } = useShop();
  const loaded = usePages(client, "listBookings", { limit: 20 });
  if (loaded.state === "loading") return <Skeleton rows={3} />;
  if (loaded.state === "failed") {
    if (isBookingError(loaded.error) && loaded.error.status === 401) sessions.current = undefined;
    return <Failure {...loaded} />;
  }
  const bookings = loaded.value.items;
  if (bookings.length === 0) {
    return (
      <Empty title="No bookings yet">
        Pick seats you like, and they will be here. <a href="/">See what’s on.</a>
      </Empty>
    );
  }
  return (
    <>
      <ul class="tickets">
        {bookings.map((booking) => (
          <Ticket key={booking.bookingId} booking={booking} />
        ))}
      </ul>
      <ShowMore of={loaded} />
    </>
  );
}

/** Many bookings share an entity, so each entity is read once. */
const titles = new Map<string, Promise<Entity | undefined>>();

function useEntity(entityId: string): Entity | undefined {
  const { client } = useShop();
  const loaded = useLoad(() => {
    const known = titles.get(entityId);
    if (known) return known;
    // Without the signal: other tickets wait for the same request.
    const read = findEntity(client, entityId).catch(() => {
      // A failure is not kept: the next ticket tries again.
      titles.delete(entityId);
      return undefined;
    });
    titles.set(entityId, read);
    return read;
  }, [entityId]);
  return loaded.state === "ready" ? loaded.value : undefined;
}

function Ticket({ booking: listed }: { booking: Booking }) {
  const { config } = useShop();
  const [booking, setBooking] = useState(listed);
  const [cancelling, setCancelling] = useState(false);
  const entity = useEntity(booking.entityId);
  const { locale } = config;
  const numbers = booking.seats.map(({ seatNumber }) => seatNumber);
  const seats = new Intl.ListFormat(locale, { type: "unit", style: "short" }).format(numbers);
  return (
    <li class={`ticket ${booking.status.toLowerCase()}`}>
      <div>
        <h2>
          <a href={`/e/${encodeURIComponent(booking.entityId)}`}>
            {entity?.title ?? booking.entityId}
          </a>
        </h2>
        <p class="muted">
          {(entity &&
            [when(entity, LONG_DATE, locale), entity.venue].filter(Boolean).join(" · ")) ||
            " "}
        </p>
      </div>
      <dl>
        <div>
          <dt>{numbers.length === 1 ? "Seat" : "Seats"}</dt>
          <dd>{seats}</dd>
        </div>
        <div>
          <dt>Paid</dt>
          <dd>
            {booking.status === "FAILED" ? "–" : money(booking.amount, booking.currency, locale)}
          </dd>
        </div>
        <div>
          <dt>Booking</dt>
          <dd class="number">{booking.bookingId}</dd>
        </div>
      </dl>
      <p class="stub">
        <span class="tag">{bookingWords(booking)}</span>
        {booking.status === "CONFIRMED" && (
          <button type="button" class="quiet" onClick={() => setCancelling(true)}>
            Cancel
          </button>
        )}
      </p>
      {cancelling && (
        <CancelDialog
          booking={booking}
          onClose={() => setCancelling(false)}
          onDone={(cancelled) => {
            setBooking(cancelled);
            setCancelling(false);
          }}
        />
      )}
    </li>
  );
}
