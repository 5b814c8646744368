import { type Schemas, eventTypes } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useLoad } from "../../../common/load.js";
import { useDashboard } from "../api.js";
import { Empty, FormDialog, Input, Load, Secret, Table } from "../ui.js";

export type Webhook = Schemas["Webhook"];
type EventType = Schemas["EventType"];

const MOST_ENDPOINTS = 10;
/** A test event is sent on demand to any endpoint, so it cannot be chosen. */
const TYPES: EventType[] = eventTypes.filter((type) => type !== "webhook.test");

/** The addresses of a tenant's servers that get its events. */
export function Webhooks({ appId }: { appId: string }) {
  const { client } = useDashboard();
  const [changes, setChanges] = useState(0);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string>();
  const loaded = useLoad((signal) => client.listWebhooks({ appId }, { signal }), [appId, changes]);
  const isFull = loaded.state === "ready" && loaded.value.webhooks.length >= MOST_ENDPOINTS;
  const add = async (fields: FormData) => {
    const made = await client.createWebhook({ appId, ...endpointOf(fields) });
    setAdding(false);
    setSecret(made.secret);
    setChanges(changes + 1);
  };
  return (
    <section>
      <header class="title">
        <h2>Webhooks</h2>
        <button type="button" disabled={isFull} onClick={() => setAdding(true)}>
          New endpoint
        </button>
      </header>
      <Load of={loaded} rows={1}>
        {({ webhooks }) => <List appId={appId} webhooks={webhooks} />}
      </Load>
      {adding && (
        <FormDialog
          title="New endpoint"
          submit="Add it"
          onClose={() => setAdding(false)}
          onSubmit={add}
        >
          <EndpointFields />
        </FormDialog>
      )}
      {secret && (
        <Secret
          name="The endpoint’s secret"
          hint="The receiver checks signatures with it. It is shown only this once."
          value={secret}
          onClose={() => setSecret(undefined)}
        />
      )}
    </section>
  );
}

function List({ appId, webhooks }: { appId: string; webhooks: Webhook[] }) {
  if (webhooks.length === 0) {
    return (
      <Empty title="No endpoint">
        Add the address of the tenant’s server. It then hears of each hold, sale and refund.
      </Empty>
    );
  }
  return (
    <Table label="Webhook endpoints" columns={["Address", "Description", "Events", "State"]}>
      {webhooks.map((webhook) => (
        <tr key={webhook.webhookId}>
          <th scope="row">
            <a href={`/apps/${appId}/webhooks/${webhook.webhookId}`}>{webhook.url}</a>
          </th>
          <td>{webhook.description ?? "–"}</td>
          <td>{eventsOf(webhook)}</td>
          <td>
            <EndpointState of={webhook} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

export function EndpointState({ of }: { of: Webhook }) {
  return (
    <span class={`tag ${of.enabled ? "confirmed" : "failed"}`}>{of.enabled ? "On" : "Off"}</span>
  );
}

export function eventsOf({ types }: Webhook): string {
  return TYPES.every((type) => types.includes(type)) ? "all" : types.join(", ");
}

/** The endpoint from the form. `types: null` means all types, also types of later versions. */
export function endpointOf(fields: FormData) {
  const types = fields.getAll("type") as EventType[];
  if (types.length === 0) throw new Error("Choose at least one event.");
  return {
    url: String(fields.get("url")).trim(),
    description: String(fields.get("description")).trim() || null,
    types: types.length === TYPES.length ? null : types,
  };
}

export function EndpointFields({ webhook }: { webhook?: Webhook }) {
  return (
    <>
      <Input
        label="Address"
        name="url"
        type="url"
        required
        defaultValue={webhook?.url ?? ""}
        placeholder="https://shop.example/hooks"
        hint="https on port 443 or 8443, at a public address."
      />
      <Input
        label="Description (optional)"
        name="description"
        maxLength={200}
        defaultValue={webhook?.description ?? ""}
      />
      <fieldset class="choices">
        <legend>Events</legend>
        {TYPES.map((type) => (
          <label key={type} class="check">
            <input
              type="checkbox"
              name="type"
              value={type}
              defaultChecked={!webhook || webhook.types.includes(type)}
            />{" "}
            {type}
          </label>
        ))}
      </fieldset>
    </>
  );
}
