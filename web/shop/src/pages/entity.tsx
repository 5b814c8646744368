import type { SeatBooking } from "@unified-booking/seat-map/seat-booking";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Entity, findEntity } from "../entities.js";
import { LONG_DATE, when } from "../format.js";
import { Legend } from "../../../common/legend.js";
import { useKept, useLoad } from "../../../common/load.js";
import { PaymentDialog, type Purchase, isPaid, startPurchase } from "../payments.js";
import type { Session } from "../session.js";
import { useShop } from "../shop.js";
import { Empty, Failure, Skeleton, Title } from "../ui.js";

const NOT_ON_SALE = {
  NOT_YET: "Sales have not started.",
  CLOSED: "Sales are closed.",
  PAUSED: "Sales are paused.",
  CANCELLED: "This has been cancelled.",
};

export function EntityPage({ entityId }: { entityId: string }) {
  const { client } = useShop();
  const [checks, setChecks] = useState(0);
  const loaded = useKept(
    useLoad((signal) => findEntity(client, entityId, signal), [entityId, checks]),
  );
  const entity = loaded.state === "ready" ? loaded.value : undefined;
  const title = loaded.state === "ready" ? (entity?.title ?? "Not found") : "Seats";
  return (
    <>
      {/* In every state: the router moves the focus to this title before there is data. */}
      <header class="entity">
        <Title of={title} />
        {entity && <About entity={entity} />}
      </header>
      {loaded.state === "failed" && <Failure {...loaded} />}
      {loaded.state === "loading" && (
        <>
          <Skeleton rows={1} />
          <div class="booking-place" />
        </>
      )}
      {loaded.state === "ready" && !entity && (
        <Empty title="There is no such date">
          It may be over. <a href="/">See what else is on.</a>
        </Empty>
      )}
      {entity && <Sale entity={entity} check={() => setChecks(checks + 1)} />}
    </>
  );
}

function About({ entity }: { entity: Entity }) {
  const { config } = useShop();
  const { venue, description } = entity;
  const date = when(entity, LONG_DATE, config.locale);
  return (
    <>
      <p class="muted">{[date, venue].filter(Boolean).join(" · ")}</p>
      {description && <p class="description">{description}</p>}
    </>
  );
}

function Sale({ entity, check }: { entity: Entity; check: () => void }) {
  const { sales } = entity;
  return (
    <>
      {sales !== "OPEN" && (
        <div class="banner">
          <p role="status">{NOT_ON_SALE[sales]}</p>
          {(sales === "NOT_YET" || sales === "PAUSED") && (
            <button type="button" onClick={check}>
              Check again
            </button>
          )}
        </div>
      )}
      {sales !== "CANCELLED" && (
        <>
          {entity.seats.total > 0 && <Legend buyer />}
          {/* The element reads `entity` once, so a change of `sales` needs a new element. */}
          <Booking key={sales} entity={entity} />
        </>
      )}
    </>
  );
}

/** The `<seat-booking>` element, connected to the shop's session and payment. */
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
    booking.entity = entity;
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
