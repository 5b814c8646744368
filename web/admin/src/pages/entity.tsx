import type { Layout, SeatMap } from "@unified-booking/seat-map/seat-map";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Legend } from "../../../common/legend.js";
import { navigate } from "../../../common/router.js";
import { useAction } from "../action.js";
import { explain, useDashboard } from "../api.js";
import type { Entity } from "../api.js";
import { count, dateTime } from "../format.js";
import { useRecord } from "../record.js";
import { Empty, Facts, FormDialog, Load, PageTop, Problem } from "../ui.js";
import { CancelEntityDialog, CancellingProgress } from "./cancel-entity.js";
import { STATES } from "./entities.js";
import { EntityFields, settingsOf } from "./entity-form.js";
import { PlanDialog } from "./plan-dialog.js";
import { policyWords } from "./policy-fields.js";
import { SeatImport } from "./seat-import.js";
import { Seats } from "./seats.js";

export function EntityPage({ appId, entityId }: { appId: string; entityId: string }) {
  const { client } = useDashboard();
  const { loaded, note, changed } = useRecord(
    (signal) => client.getEntitySettings({ appId, entityId }, { signal }),
    [appId, entityId],
  );
  return (
    <>
      <PageTop
        appId={appId}
        title={loaded.state === "ready" ? loaded.value.title : entityId}
        note={note}
      />
      <Load of={loaded}>
        {(entity) => <Details appId={appId} entity={entity} changed={changed} />}
      </Load>
    </>
  );
}

interface DetailsProps {
  appId: string;
  entity: Entity;
  changed: (words?: string) => void;
}

function Details({ appId, entity, changed }: DetailsProps) {
  const { cancelling, entityId, seats, state, timeZone } = entity;
  const isCancelling = cancelling && cancelling.done < cancelling.bookings;
  return (
    <>
      <Actions appId={appId} entity={entity} changed={changed} />
      <CancellingProgress appId={appId} entity={entity} again={changed} />
      <dl class="figures">
        {(
          [
            ["Sold", seats.booked],
            ["Held", seats.held],
            ["Available", seats.available],
            ["Not for sale", seats.notForSale],
            ["Seats", seats.total],
          ] as const
        ).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{count(value)}</dd>
          </div>
        ))}
      </dl>
      <Facts
        of={[
          ["Id", entityId],
          ["Starts", dateTime(entity.startsAt, timeZone)],
          ["Ends", dateTime(entity.endsAt, timeZone)],
          ["Time zone", timeZone ?? "–"],
          ["Venue", entity.venue ?? "–"],
          ["State", STATES[state]],
          ["Sales open", dateTime(entity.salesOpenAt, timeZone)],
          ["Sales close", dateTime(entity.salesCloseAt, timeZone)],
          ["Most seats per user", entity.maxSeatsPerUser ?? "any number"],
          ["Cancellation", policyWords(entity.cancellationPolicy, entity.currency)],
        ]}
      />
      {seats.total === 0 ? (
        <Empty title="It has no seats yet">Take them from a plan, or add a list.</Empty>
      ) : (
        <>
          {entity.feedKey && (
            <LiveMap feedKey={entity.feedKey}>
              <NewFeedKey appId={appId} entityId={entityId} changed={changed} />
            </LiveMap>
          )}
          {/* The key changes when a cancellation ends, so that the seats load again. */}
          <Seats key={`${isCancelling}`} appId={appId} entity={entity} changed={changed} />
        </>
      )}
    </>
  );
}

/** What can be done with an entity. */
function Actions({ appId, entity, changed }: DetailsProps) {
  const { client } = useDashboard();
  const [asking, setAsking] = useState<"edit" | "plan" | "cancel" | "delete">();
  const { problem, run } = useAction();
  const { entityId, state, title, version } = entity;
  const close = () => setAsking(undefined);
  const done = () => {
    close();
    changed();
  };
  const toggle = () =>
    run(async () => {
      const next = state === "PAUSED" ? "ON_SALE" : "PAUSED";
      await client.patchEntity({ appId, entityId, state: next });
      changed();
    });
  return (
    <>
      <div class="aside acts">
        <SeatImport appId={appId} entity={entity} onDone={changed} />
        <button type="button" onClick={() => setAsking("plan")}>
          Seats from a plan
        </button>
        <button type="button" onClick={() => setAsking("edit")}>
          Change
        </button>
        {state !== "CANCELLED" && (
          <button type="button" onClick={() => void toggle()}>
            {state === "PAUSED" ? "Sell again" : "Pause sales"}
          </button>
        )}
        {!entity.cancelling && (
          <button type="button" class="danger" onClick={() => setAsking("cancel")}>
            Cancel
          </button>
        )}
        <button type="button" class="danger" onClick={() => setAsking("delete")}>
          Delete
        </button>
      </div>
      <Problem>{problem}</Problem>
      {asking === "edit" && (
        <FormDialog
          title={`Change ${title}`}
          submit="Save"
          onClose={close}
          onSubmit={async (fields) => {
            // The version makes this fail if somebody else has changed the entity meanwhile.
            await client.putEntity({ appId, ...settingsOf(fields) }, { ifMatch: `"${version}"` });
            done();
          }}
        >
          <EntityFields entity={entity} />
        </FormDialog>
      )}
      {asking === "plan" && (
        <PlanDialog appId={appId} entity={entity} onClose={close} onDone={done} />
      )}
      {asking === "cancel" && (
        <CancelEntityDialog appId={appId} entity={entity} onClose={close} onDone={done} />
      )}
      {asking === "delete" && (
        <FormDialog
          title={`Delete ${title}?`}
          submit="Delete"
          danger
          onClose={close}
          onSubmit={async () => {
            await client.deleteEntity({ appId, entityId });
            navigate(`/apps/${appId}`);
          }}
        >
          <p>Its seats go too. Only an entity without a hold or a sale can be deleted.</p>
        </FormDialog>
      )}
    </>
  );
}

/** Replaces the key of the public feed. */
function NewFeedKey(props: { appId: string; entityId: string; changed: (note: string) => void }) {
  const { appId, entityId, changed } = props;
  const { client } = useDashboard();
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  return (
    <>
      <button type="button" onClick={() => setAsking(true)}>
        New feed key
      </button>
      {asking && (
        <FormDialog
          title="Make a new feed key?"
          submit="Make it"
          onClose={close}
          onSubmit={async () => {
            await client.rotateFeedKey({ appId, entityId });
            close();
            changed("The feed has a new key.");
          }}
        >
          <p>
            Pages that are open now no longer show changes. After a reload they have the new key.
          </p>
        </FormDialog>
      )}
    </>
  );
}

/** The seats as buyers see them, followed live. */
function LiveMap({ feedKey, children }: { feedKey: string; children: ComponentChildren }) {
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
      <header class="title">
        <h2>Live</h2>
        {children}
      </header>
      <p role="status" class="muted">
        {problem}
      </p>
      <Legend />
      <div class="map" ref={place} />
    </section>
  );
}
