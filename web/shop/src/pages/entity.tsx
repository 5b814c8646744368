import type { SeatBooking } from "@unified-booking/seat-map/seat-booking";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Entity, findEntity } from "../entities.js";
import { LONG_DATE, when } from "../format.js";
import { useLoad } from "../../../common/load.js";
import { PaymentDialog, type Purchase, isPaid, startPurchase } from "../payments.js";
import type { Session } from "../session.js";
import { useShop } from "../shop.js";
import { Empty, Failure, Skeleton, Title } from "../ui.js";

const NOT_ON_SALE = {
  NOT_YET: "Sales have not started yet",
  CLOSED: "Sales are closed",
  PAUSED: "Sales are paused",
  CANCELLED: "This has been cancelled",
};

export function EntityPage({ entityId }: { entityId: string }) {
  const { client } = useShop();
  const loaded = useLoad((signal) => findEntity(client, entityId, signal), [entityId]);
  if (loaded.state === "failed") {
    return (
      <>
        <Title of="Seats" />
        <Failure {...loaded} />
      </>
    );
  }
  if (loaded.state === "loading") {
    return (
      <>
        <Title of="Seats" />
        <Skeleton rows={1} />
        <div class="booking-place" />
      </>
    );
  }
  if (!loaded.value) {
    return (
      <>
        <Title of="Not found" />
        <Empty title="There is no such date">
          It may be over. <a href="/">See what else is on.</a>
        </Empty>
      </>
    );
  }
  return <Sale key={entityId} entity={loaded.value} />;
}

function Sale({ entity }: { entity: Entity }) {
  const { config } = useShop();
  const { title, venue, description, sales } = entity;
  const date = when(entity, LONG_DATE, config.locale);
  return (
    <>
      <header class="entity">
        <Title of={title} />
        <p class="muted">{[date, venue].filter(Boolean).join(" · ")}</p>
        {description && <p class="description">{description}</p>}
      </header>
      {sales !== "OPEN" && (
        <p class="banner" role="status">
          {NOT_ON_SALE[sales]}.
        </p>
      )}
      {sales !== "CANCELLED" && <Booking entity={entity} />}
    </>
  );
}

/** The element, wired to the shop's session and its payment. */
function Booking({ entity }: { entity: Entity }) {
  const { client, config, sessions } = useShop();
  const place = useRef<HTMLDivElement>(null);
  const [purchase, setPurchase] = useState<Purchase>();
  useEffect(() => {
    const booking = document.createElement("seat-booking") as SeatBooking;
    booking.client = client;
    booking.pay = async (hold) => {
      const started = await startPurchase(client, hold);
      if (isPaid(started.payment)) return started.payment.paymentId;
      return new Promise((resolve) => {
        const done = (paymentId: string | undefined) => {
          setPurchase(undefined);
          resolve(paymentId);
        };
        setPurchase({ ...started, done });
      });
    };
    booking.setAttribute("entity-id", entity.entityId);
    if (entity.feedKey) booking.setAttribute("feed-key", entity.feedKey);
    if (entity.liveUrl) booking.setAttribute("live-url", entity.liveUrl);
    if (config.locale) booking.lang = config.locale;
    booking.addEventListener("session", (event) => {
      sessions.current = (event as CustomEvent<Session>).detail;
    });
    booking.addEventListener("signed-out", () => {
      sessions.current = undefined;
    });
    const link = document.createElement("a");
    Object.assign(link, { slot: "done", href: "/bookings", textContent: "See all my bookings" });
    booking.append(link);
    place.current!.append(booking);
    return () => booking.remove();
  }, []);
  return (
    <>
      <div class="booking-place" ref={place} />
      {purchase && <PaymentDialog {...purchase} />}
    </>
  );
}
