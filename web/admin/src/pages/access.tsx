import type { Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useKept, useLoad } from "../../../common/load.js";
import { useDashboard } from "../api.js";
import { dateTime } from "../format.js";
import { Empty, Failure, FormDialog, Input, Secret, Skeleton } from "../ui.js";
import { OriginsField } from "./apps.js";
import { SecretKeys } from "./secret-keys.js";

/** Who may use a tenant's app: its origins, servers and keys. Also switches the app off. */
export function Access({ appId }: { appId: string }) {
  const { client } = useDashboard();
  const [changes, setChanges] = useState(0);
  const loaded = useKept(
    useLoad(
      async (signal) => {
        for await (const app of client.items("listApps", {}, { signal }))
          if (app.appId === appId) return app;
        return undefined;
      },
      [appId, changes],
    ),
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
