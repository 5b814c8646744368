import { type Layout, type SeatMap, placesOf } from "@unified-booking/seat-map/seat-map";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLoad } from "../../../common/load.js";
import { explain, useDashboard } from "../api.js";
import { type Entity, routes } from "../contract.js";
import { count, dateTime, minorUnits } from "../format.js";
import { Empty, Failure, Field, FormDialog, Input, Skeleton, Title } from "../ui.js";
import { EntityFields, entityOf } from "./app.js";
import { SeatImport } from "./seat-import.js";

export function EntityPage({ appId, entityId }: { appId: string; entityId: string }) {
  const { client } = useDashboard();
  const [changes, setChanges] = useState(0);
  const loaded = useLoad(() => routes(client, appId).entity(entityId), [appId, entityId, changes]);
  return (
    <>
      <Title aside={<SeatImport appId={appId} entityId={entityId} />}>
        {loaded.state === "ready" ? loaded.value.title : entityId}
      </Title>
      {loaded.state === "loading" && <Skeleton />}
      {loaded.state === "failed" && <Failure {...loaded} />}
      {loaded.state === "ready" && (
        <Details appId={appId} entity={loaded.value} changed={() => setChanges(changes + 1)} />
      )}
    </>
  );
}

function Details({
  appId,
  entity,
  changed,
}: {
  appId: string;
  entity: Entity;
  changed: () => void;
}) {
  const { client } = useDashboard();
  const [asking, setAsking] = useState<"edit" | "plan">();
  const [problem, setProblem] = useState("");
  const { entityId, seats, state = "ON_SALE" } = entity;
  const api = routes(client, appId);
  const close = () => setAsking(undefined);
  const toggle = async () => {
    try {
      await api.patchEntity(entityId, { state: state === "PAUSED" ? "ON_SALE" : "PAUSED" });
      changed();
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <>
      <div class="aside">
        <button type="button" onClick={() => setAsking("edit")}>
          Change
        </button>
        <button type="button" onClick={() => setAsking("plan")}>
          Seats from a plan
        </button>
        {state !== "CANCELLED" && (
          <button type="button" onClick={() => void toggle()}>
            {state === "PAUSED" ? "Sell again" : "Pause sales"}
          </button>
        )}
      </div>
      <p class="problem" role="alert">
        {problem}
      </p>
      <dl class="figures">
        <div>
          <dt>Sold</dt>
          <dd>{count(seats?.booked ?? 0)}</dd>
        </div>
        <div>
          <dt>Held</dt>
          <dd>{count(seats?.held ?? 0)}</dd>
        </div>
        <div>
          <dt>Available</dt>
          <dd>{count(seats?.available ?? 0)}</dd>
        </div>
        <div>
          <dt>Seats</dt>
          <dd>{count(seats?.total ?? 0)}</dd>
        </div>
      </dl>
      <dl class="facts">
        <div>
          <dt>Starts</dt>
          <dd>{dateTime(entity.startsAt)}</dd>
        </div>
        <div>
          <dt>Venue</dt>
          <dd>{entity.venue ?? "–"}</dd>
        </div>
        <div>
          <dt>Sales</dt>
          <dd>{state === "ON_SALE" ? "on" : state.toLowerCase()}</dd>
        </div>
        <div>
          <dt>Window</dt>
          <dd>
            {dateTime(entity.salesOpenAt)} to {dateTime(entity.salesCloseAt)}
          </dd>
        </div>
      </dl>
      {seats?.total === 0 ? (
        <Empty title="It has no seats yet">Take them from a plan, or add a list.</Empty>
      ) : (
        entity.feedKey && <LiveMap feedKey={entity.feedKey} />
      )}
      {asking === "edit" && (
        <FormDialog
          title="Change it"
          submit="Save"
          onClose={close}
          onSubmit={async (fields) => {
            const { entityId: _same, ...settings } = entityOf(fields);
            await api.patchEntity(entityId, settings);
            close();
            changed();
          }}
        >
          <EntityFields entity={entity} />
        </FormDialog>
      )}
      {asking === "plan" && (
        <PlanDialog
          appId={appId}
          entity={entity}
          onClose={close}
          onDone={() => {
            close();
            changed();
          }}
        />
      )}
    </>
  );
}

/** The seats as buyers see them, followed live. */
function LiveMap({ feedKey }: { feedKey: string }) {
  const { client } = useDashboard();
  const place = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const map = document.createElement("seat-map") as SeatMap;
    place.current!.append(map);
    let version: number | undefined;
    const stop = client.watch(feedKey, {
      onError: (error) => setProblem(explain(error)),
      onChange: ({ list, states }) => {
        setProblem("");
        if (version !== list.seatsVersion) {
          map.layout = list.layout as Layout | undefined;
          map.currency = list.currency;
          map.seats = list.seats;
        }
        version = list.seatsVersion;
        map.states = states;
      },
    });
    return () => {
      stop();
      map.remove();
    };
  }, [feedKey]);
  return (
    <section>
      <h2>Live</h2>
      <p role="status" class="muted">
        {problem}
      </p>
      <div class="map" ref={place} />
    </section>
  );
}

/** A plan from a file, with a preview and a price for each of its categories. */
function PlanDialog(props: {
  appId: string;
  entity: Entity;
  onClose: () => void;
  onDone: () => void;
}) {
  const { appId, entity } = props;
  const { client } = useDashboard();
  const [layout, setLayout] = useState<Layout>();
  const [problem, setProblem] = useState("");
  const categories = layout
    ? [...new Set(placesOf(layout).map(({ category = "" }) => category))]
    : [];
  const read = async (file: File | undefined) => {
    setProblem("");
    setLayout(undefined);
    try {
      const made = JSON.parse((await file?.text()) ?? "") as Layout;
      if (placesOf(made).length === 0) throw new Error("it has no seats");
      setLayout(made);
    } catch (error) {
      setProblem(`This is not a plan: ${error instanceof Error ? error.message : error}`);
    }
  };
  const send = async (fields: FormData) => {
    if (!layout) throw new Error("Choose a plan first.");
    const layoutId = String(fields.get("layoutId")).trim();
    const prices: Record<string, number> = {};
    for (const category of categories) {
      const price = minorUnits(String(fields.get(`price ${category}`)), entity.currency);
      if (price === undefined) throw new Error(`The price of ${category} is not an amount.`);
      prices[category] = price;
    }
    const api = routes(client, appId);
    await api.putLayout(layoutId, layout);
    // Large plans take several calls: repeated until all seats exist.
    for (;;) {
      const { created, total } = await api.makeSeats(entity.entityId, layoutId, prices);
      if (created === 0 || created === total) break;
    }
    props.onDone();
  };
  return (
    <FormDialog
      title="Seats from a plan"
      submit="Make the seats"
      onClose={props.onClose}
      onSubmit={send}
    >
      <Input
        label="Plan"
        type="file"
        accept=".json,application/json"
        onChange={(event) => void read(event.currentTarget.files?.[0])}
        hint="A layout as JSON."
      />
      <p class="problem" role="alert">
        {problem}
      </p>
      {layout && (
        <>
          <PlanPreview layout={layout} />
          <Input
            label="Id of the plan"
            name="layoutId"
            required
            defaultValue={entity.layoutId ?? entity.entityId}
          />
          {categories.map((category) => (
            <Field
              key={category}
              label={`Price of ${layout.categories?.find(({ key }) => key === category)?.label ?? category} in ${entity.currency}`}
            >
              {(id) => <input id={id} name={`price ${category}`} inputMode="decimal" required />}
            </Field>
          ))}
        </>
      )}
    </FormDialog>
  );
}

function PlanPreview({ layout }: { layout: Layout }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const map = document.createElement("seat-map") as SeatMap;
    place.current!.replaceChildren(map);
    map.layout = layout;
    map.seats = placesOf(layout).map(({ number, section, row, category }, index) => ({
      seatId: String(index),
      seatNumber: number,
      section,
      row,
      price: 0,
      ...(category && { category }),
    }));
  }, [layout]);
  return <div class="map small" ref={place} />;
}
