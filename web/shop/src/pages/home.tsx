import type { Entity } from "../entities.js";
import { money, when } from "../format.js";
import { usePages } from "../../../common/paging.js";
import { useShop } from "../shop.js";
import { Empty, Failure, ShowMore, Skeleton, Title } from "../ui.js";

const HEADINGS = { EVENT: "What’s on", BUS: "Departures", MOVIE: "Now showing" };
const CLOSED = {
  NOT_YET: "On sale soon",
  CLOSED: "Sales closed",
  PAUSED: "Sales paused",
  CANCELLED: "Cancelled",
};
const FEW_LEFT = 0.15;
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

export function Home() {
  const { client, config } = useShop();
  const loaded = usePages(client, "listEntities", { limit: 50 });
  return (
    <>
      <Title of={HEADINGS[config.domain ?? "EVENT"]} />
      {config.tagline && <p class="lead">{config.tagline}</p>}
      {loaded.state === "loading" && <Skeleton rows={4} />}
      {loaded.state === "failed" && <Failure {...loaded} />}
      {loaded.state === "ready" && <Listing entities={loaded.value.items} />}
      <ShowMore of={loaded} />
    </>
  );
}

function Listing({ entities }: { entities: Entity[] }) {
  if (entities.length === 0) {
    return (
      <Empty title="Nothing is on sale yet">
        New dates appear here as soon as they are announced.
      </Empty>
    );
  }
  return (
    <ol class="listing">
      {entities.map((entity) => (
        <Row key={entity.entityId} entity={entity} />
      ))}
    </ol>
  );
}

function Row({ entity }: { entity: Entity }) {
  const { config } = useShop();
  const { locale, domain } = config;
  const { entityId, title, venue, sales } = entity;
  const time = when(entity, { weekday: "short", hour: "numeric", minute: "2-digit" }, locale);
  const rides = domain === "BUS";
  return (
    <li>
      <a href={`/e/${encodeURIComponent(entityId)}`} class={sales === "OPEN" ? "" : "closed"}>
        <span class="date">
          {entity.startsAt ? (
            <>
              <b>{when(entity, rides ? CLOCK : { day: "numeric" }, locale)}</b>
              <span>
                {when(
                  entity,
                  rides ? { day: "numeric", month: "short" } : { month: "short" },
                  locale,
                )}
              </span>
            </>
          ) : (
            <b aria-hidden="true">·</b>
          )}
        </span>
        <span class="what">
          <strong>{title}</strong>
          <span class="muted">{[!rides && time, venue].filter(Boolean).join(" · ")}</span>
        </span>
        <span class="offer">
          <Offer entity={entity} />
        </span>
      </a>
    </li>
  );
}

/** Price and what is left, or why nothing is sold. */
function Offer({ entity }: { entity: Entity }) {
  const { config } = useShop();
  const { sales, seats, priceFrom, priceTo, currency } = entity;
  if (sales !== "OPEN") return <span class="tag">{CLOSED[sales]}</span>;
  if (seats.total === 0) return <span class="tag">On sale soon</span>;
  if (seats.available === 0) return <span class="tag">Sold out</span>;
  const few = seats.available <= seats.total * FEW_LEFT;
  const from = priceFrom !== undefined && money(priceFrom, currency, config.locale);
  return (
    <>
      {from && <span>{priceFrom === priceTo ? from : `from ${from}`}</span>}
      <span class={few ? "few" : "muted"}>
        {few ? `Only ${seats.available} left` : `${seats.available} seats`}
      </span>
    </>
  );
}
