import type { Schemas } from "@unified-booking/client";
import { isBookingError } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useLoad } from "../../../common/load.js";
import { navigate } from "../../../common/router.js";
import { useDashboard } from "../api.js";
import { type Entity, type SecretKey, routes } from "../contract.js";
import { dateTime } from "../format.js";
import { Empty, Failure, FormDialog, Input, Secret, Skeleton, Title } from "../ui.js";
import { OriginsField } from "./apps.js";
import { SeatImport } from "./seat-import.js";

/** A tenant: what it sells and, for the admin, its keys and origins. */
export function AppPage({ appId }: { appId: string }) {
  const { session } = useDashboard();
  return (
    <>
      <Title aside={<SeatImport appId={appId} />}>{appId}</Title>
      <Entities appId={appId} />
      {!session.appId && <Settings appId={appId} />}
    </>
  );
}

function Entities({ appId }: { appId: string }) {
  const { client } = useDashboard();
  const [creating, setCreating] = useState(false);
  const loaded = useLoad(async () => {
    try {
      return (await routes(client, appId).entities()).entities;
    } catch (error) {
      // An API from before entities: seats can be added, but not listed.
      if (isBookingError(error) && error.code === "ROUTE_NOT_FOUND") return undefined;
      throw error;
    }
  }, [appId]);
  const create = async (fields: FormData) => {
    const entity = entityOf(fields);
    await routes(client, appId).putEntity(entity);
    navigate(`/apps/${appId}/entities/${encodeURIComponent(entity.entityId)}`);
  };
  if (loaded.state === "loading") return <Skeleton rows={3} />;
  if (loaded.state === "failed") return <Failure {...loaded} />;
  if (!loaded.value) {
    return (
      <Empty title="This API lists no entities">
        Seats of an event, a ride or a show can be added with “Add seats”. They are on sale at once.
      </Empty>
    );
  }
  return (
    <section>
      <header class="title">
        <h2>What is sold</h2>
        <button type="button" onClick={() => setCreating(true)}>
          New entity
        </button>
      </header>
      {loaded.value.length === 0 ? (
        <Empty title="Nothing is on sale yet">
          Make an entity, then give it seats from a plan or a list.
        </Empty>
      ) : (
        <EntityTable appId={appId} entities={loaded.value} />
      )}
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

function EntityTable({ appId, entities }: { appId: string; entities: Entity[] }) {
  return (
    <div class="scroll" role="region" aria-label="Entities" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Title</th>
            <th scope="col">Starts</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Sold
            </th>
            <th scope="col" class="number">
              Held
            </th>
            <th scope="col" class="number">
              Seats
            </th>
          </tr>
        </thead>
        <tbody>
          {entities.map((entity) => (
            <tr key={entity.entityId}>
              <th scope="row">
                <a href={`/apps/${appId}/entities/${encodeURIComponent(entity.entityId)}`}>
                  {entity.title}
                </a>
              </th>
              <td>{dateTime(entity.startsAt)}</td>
              <td>
                <span class="tag">
                  {entity.state === "PAUSED"
                    ? "Paused"
                    : entity.state === "CANCELLED"
                      ? "Cancelled"
                      : "On sale"}
                </span>
              </td>
              <td class="number">{entity.seats?.booked ?? "–"}</td>
              <td class="number">{entity.seats?.held ?? "–"}</td>
              <td class="number">{entity.seats?.total ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The form of an entity's settings. Times are this device's, stored with its zone. */
export function EntityFields({ entity }: { entity?: Entity }) {
  const local = (value: string | undefined) => {
    if (!value) return "";
    const date = new Date(value);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  };
  return (
    <>
      {entity ? (
        <input type="hidden" name="entityId" value={entity.entityId} />
      ) : (
        <Input
          label="Id"
          name="entityId"
          required
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,63}"
          hint="Letters, digits, dots, hyphens. It cannot change."
        />
      )}
      <Input
        label="Title"
        name="title"
        required
        maxLength={200}
        defaultValue={entity?.title ?? ""}
      />
      <Input label="Venue" name="venue" maxLength={200} defaultValue={entity?.venue ?? ""} />
      <div class="pair">
        <Input
          label="Starts"
          name="startsAt"
          type="datetime-local"
          defaultValue={local(entity?.startsAt)}
        />
        <Input
          label="Currency"
          name="currency"
          required
          pattern="[A-Z]{3}"
          defaultValue={entity?.currency ?? ""}
          hint="Such as INR."
        />
      </div>
      <div class="pair">
        <Input
          label="Sales open"
          name="salesOpenAt"
          type="datetime-local"
          defaultValue={local(entity?.salesOpenAt)}
        />
        <Input
          label="Sales close"
          name="salesCloseAt"
          type="datetime-local"
          defaultValue={local(entity?.salesCloseAt)}
        />
      </div>
    </>
  );
}

export function entityOf(fields: FormData): Entity {
  const text = (name: string) => String(fields.get(name) ?? "").trim();
  const time = (name: string) => text(name) && new Date(text(name)).toISOString();
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    entityId: text("entityId"),
    title: text("title"),
    currency: text("currency"),
    ...(text("venue") && { venue: text("venue") }),
    ...(time("startsAt") && { startsAt: time("startsAt"), timeZone }),
    ...(time("salesOpenAt") && { salesOpenAt: time("salesOpenAt") }),
    ...(time("salesCloseAt") && { salesCloseAt: time("salesCloseAt") }),
  };
}

function Settings({ appId }: { appId: string }) {
  const { client } = useDashboard();
  const [changes, setChanges] = useState(0);
  const loaded = useLoad(
    async (signal) => {
      for await (const app of client.items("listApps", {}, { signal }))
        if (app.appId === appId) return app;
      return undefined;
    },
    [appId, changes],
  );
  if (loaded.state === "loading") return <Skeleton rows={2} />;
  if (loaded.state === "failed") return <Failure {...loaded} />;
  if (!loaded.value) return <Empty title="There is no such app">It may have another id.</Empty>;
  return <AppSettings app={loaded.value} changed={() => setChanges(changes + 1)} />;
}

type Asking = "edit" | "off" | "on" | "rotate" | undefined;

function AppSettings({ app, changed }: { app: Schemas["App"]; changed: () => void }) {
  const { client } = useDashboard();
  const { appId } = app;
  const [asking, setAsking] = useState<Asking>();
  const [apiKey, setApiKey] = useState<string>();
  const close = () => setAsking(undefined);
  const done = () => {
    close();
    changed();
  };
  const edit = async (fields: FormData) => {
    const origins = String(fields.get("origins")).split(/\s+/).filter(Boolean);
    const server = fields.get("server") === "on";
    await client.updateApp({
      appId,
      name: String(fields.get("name")),
      allowedDomains: origins,
      allowServerRequests: server,
    });
    done();
  };
  const rotate = async (fields: FormData) => {
    const made = await client.rotateKey({
      appId,
      overlapSeconds: Number(fields.get("hours")) * 3600,
    });
    close();
    setApiKey(made.apiKey);
  };
  return (
    <section>
      <header class="title">
        <h2>Access</h2>
        <div class="aside">
          <button type="button" onClick={() => setAsking("edit")}>
            Change
          </button>
          <button type="button" onClick={() => setAsking("rotate")}>
            New API key
          </button>
          <button
            type="button"
            class={app.isActive ? "danger" : "primary"}
            onClick={() => setAsking(app.isActive ? "off" : "on")}
          >
            {app.isActive ? "Switch off" : "Switch on"}
          </button>
        </div>
      </header>
      <dl class="facts">
        <div>
          <dt>Name</dt>
          <dd>{app.name}</dd>
        </div>
        <div>
          <dt>State</dt>
          <dd>{app.isActive ? "Active" : "Off: every request is refused"}</dd>
        </div>
        <div>
          <dt>Origins</dt>
          <dd>{app.allowedDomains.join(", ") || "none"}</dd>
        </div>
        <div>
          <dt>Servers</dt>
          <dd>{app.allowServerRequests ? "may call" : "may not call"}</dd>
        </div>
        <div>
          <dt>Since</dt>
          <dd>{dateTime(app.createdAt)}</dd>
        </div>
      </dl>
      <SecretKeys appId={appId} />
      {asking === "edit" && (
        <FormDialog title="Change the app" submit="Save" onClose={close} onSubmit={edit}>
          <Input label="Name" name="name" required maxLength={100} defaultValue={app.name} />
          <OriginsField value={app.allowedDomains.join("\n")} />
          <label class="check">
            <input type="checkbox" name="server" defaultChecked={app.allowServerRequests} /> Accept
            requests from the tenant’s servers
          </label>
        </FormDialog>
      )}
      {(asking === "off" || asking === "on") && (
        <FormDialog
          title={asking === "off" ? `Switch ${app.name} off?` : `Switch ${app.name} on?`}
          submit={asking === "off" ? "Switch off" : "Switch on"}
          danger={asking === "off"}
          onClose={close}
          onSubmit={async () => {
            await client.updateApp({ appId, isActive: asking === "on" });
            done();
          }}
        >
          <p>
            {asking === "off"
              ? "Its shop stops within 5 seconds. Bookings stay."
              : "Its shop sells again within 5 seconds."}
          </p>
        </FormDialog>
      )}
      {asking === "rotate" && (
        <FormDialog title="New API key" submit="Make the key" onClose={close} onSubmit={rotate}>
          <Input
            label="Hours that the old key still works"
            name="hours"
            type="number"
            min="0"
            max="24"
            required
            defaultValue="1"
            hint="0 ends it at once: for a key that leaked."
          />
        </FormDialog>
      )}
      {apiKey && (
        <Secret name="The new API key" value={apiKey} onClose={() => setApiKey(undefined)} />
      )}
    </section>
  );
}

function SecretKeys({ appId }: { appId: string }) {
  const { client } = useDashboard();
  const api = routes(client, appId);
  const [changes, setChanges] = useState(0);
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [removing, setRemoving] = useState<SecretKey>();
  const loaded = useLoad(async () => {
    try {
      return (await api.secretKeys()).secretKeys;
    } catch (error) {
      if (isBookingError(error) && error.code === "ROUTE_NOT_FOUND") return undefined;
      throw error;
    }
  }, [appId, changes]);
  if (loaded.state === "failed") return <Failure {...loaded} />;
  if (loaded.state === "loading" || !loaded.value) return null;
  const again = () => setChanges(changes + 1);
  return (
    <>
      <header class="title">
        <h2>Secret keys</h2>
        <button type="button" onClick={() => setCreating(true)}>
          New secret key
        </button>
      </header>
      {loaded.value.length === 0 && (
        <Empty title="No secret key">
          The tenant’s own server and this dashboard use one. Make it, and hand it over safely.
        </Empty>
      )}
      <ul class="rows">
        {loaded.value.map((key) => (
          <li key={key.keyId}>
            <b>{key.name}</b>
            <span class="muted">
              made {dateTime(key.createdAt)},{" "}
              {key.lastUsedAt ? `last used ${dateTime(key.lastUsedAt)}` : "never used"}
            </span>
            <button type="button" onClick={() => setRemoving(key)}>
              Delete
            </button>
          </li>
        ))}
      </ul>
      {creating && (
        <FormDialog
          title="New secret key"
          submit="Make the key"
          onClose={() => setCreating(false)}
          onSubmit={async (fields) => {
            setSecret((await api.createSecretKey(String(fields.get("name")))).secretKey);
            setCreating(false);
            again();
          }}
        >
          <Input label="Name" name="name" required hint="Who will use it." />
        </FormDialog>
      )}
      {removing && (
        <FormDialog
          title={`Delete ${removing.name}?`}
          submit="Delete"
          danger
          onClose={() => setRemoving(undefined)}
          onSubmit={async () => {
            await api.deleteSecretKey(removing.keyId);
            setRemoving(undefined);
            again();
          }}
        >
          <p>It stops working within 5 seconds.</p>
        </FormDialog>
      )}
      {secret && (
        <Secret name="The secret key" value={secret} onClose={() => setSecret(undefined)} />
      )}
    </>
  );
}
