import type { Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { navigate } from "../../../common/router.js";
import { useDashboard } from "../api.js";
import { count, dateTime } from "../format.js";
import { usePages } from "../paging.js";
import { Empty, FormDialog, LoadPages, Table } from "../ui.js";
import { EntityFields, settingsOf } from "./entity-form.js";

export const STATES: Record<Schemas["EntityState"], string> = {
  ON_SALE: "On sale",
  PAUSED: "Paused",
  CANCELLED: "Cancelled",
};

/** What a tenant sells, in the order of its start. */
export function Entities({ appId }: { appId: string }) {
  const { client } = useDashboard();
  const [creating, setCreating] = useState(false);
  const loaded = usePages("listEntitySettings", { appId });
  const create = async (fields: FormData) => {
    const settings = settingsOf(fields);
    // A PUT without a condition would replace an entity that exists.
    const taken = await client
      .getEntitySettings({ appId, entityId: settings.entityId })
      .catch((error: { code?: string }) => {
        if (error.code !== "ENTITY_NOT_FOUND") throw error;
      });
    if (taken) throw new Error(`${taken.entityId} exists: ${taken.title}. Choose another id.`);
    await client.putEntity({ appId, ...settings });
    navigate(`/apps/${appId}/entities/${encodeURIComponent(settings.entityId)}`);
  };
  return (
    <section>
      <header class="title">
        <h2>What is sold</h2>
        <button type="button" class="primary" onClick={() => setCreating(true)}>
          New entity
        </button>
      </header>
      <LoadPages of={loaded} rows={3}>
        {(entities) => <List appId={appId} entities={entities} />}
      </LoadPages>
      {creating && (
        <FormDialog
          title="New entity"
          submit="Create it"
          onClose={() => setCreating(false)}
          onSubmit={create}
        >
          <EntityFields />
        </FormDialog>
      )}
    </section>
  );
}

function List({ appId, entities }: { appId: string; entities: Schemas["EntitySettings"][] }) {
  if (entities.length === 0) {
    return (
      <Empty title="Nothing is on sale yet">
        Make an entity (an event, a ride, a show), then give it seats.
      </Empty>
    );
  }
  return (
    <Table
      label="Entities"
      columns={["Title", "Starts", "State", "#Sold", "#Held", "#Available", "#Seats"]}
    >
      {entities.map(({ entityId, title, startsAt, timeZone, state, seats }) => (
        <tr key={entityId}>
          <th scope="row">
            <a href={`/apps/${appId}/entities/${encodeURIComponent(entityId)}`}>{title}</a>
          </th>
          <td>{dateTime(startsAt, timeZone)}</td>
          <td>
            <span class={`tag ${state.toLowerCase()}`}>{STATES[state]}</span>
          </td>
          {[seats.booked, seats.held, seats.available, seats.total].map((seatCount, column) => (
            <td key={column} class="number">
              {count(seatCount)}
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}
