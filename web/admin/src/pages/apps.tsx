import type { Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useLoad } from "../../../common/load.js";
import { useDashboard } from "../api.js";
import { collect } from "../paging.js";
import { Empty, Field, FormDialog, Input, Load, Secret, Select, Table, Title } from "../ui.js";

const DOMAINS = { EVENT: "Events", BUS: "Buses", MOVIE: "Cinema" } as const;

export function Apps() {
  const { client } = useDashboard();
  const [changes, setChanges] = useState(0);
  const [creating, setCreating] = useState(false);
  const [apiKey, setApiKey] = useState<string>();
  const loaded = useLoad((signal) => collect(client.items("listApps", {}, { signal })), [changes]);
  const create = async (fields: FormData) => {
    const text = (name: string) => String(fields.get(name) ?? "").trim();
    const origins = text("origins").split(/\s+/).filter(Boolean);
    const made = await client.registerApp({
      name: text("name"),
      domain: text("domain") as keyof typeof DOMAINS,
      allowedDomains: origins,
      allowServerRequests: fields.get("server") === "on",
      ...(text("appId") && { appId: text("appId") }),
    });
    setCreating(false);
    setApiKey(made.apiKey);
    setChanges(changes + 1);
  };
  const add = (
    <button type="button" class="primary" onClick={() => setCreating(true)}>
      New app
    </button>
  );
  return (
    <>
      <Title aside={add}>Apps</Title>
      <Load of={loaded}>{(apps) => <List apps={apps} />}</Load>
      {creating && (
        <FormDialog
          title="New app"
          submit="Create the app"
          onClose={() => setCreating(false)}
          onSubmit={create}
        >
          <Input label="Name" name="name" required maxLength={100} />
          <Select label="What it sells" name="domain" options={Object.entries(DOMAINS)} />
          <Input
            label="App id"
            name="appId"
            pattern="[a-z0-9][a-z0-9\-]{1,62}"
            hint="Small letters, digits and hyphens. Leave it empty to get one."
          />
          <OriginsField value="" />
          <label class="check">
            <input type="checkbox" name="server" /> Accept requests from the tenant’s servers
          </label>
        </FormDialog>
      )}
      {apiKey && <Secret name="The API key" value={apiKey} onClose={() => setApiKey(undefined)} />}
    </>
  );
}

export function OriginsField({ value }: { value: string }) {
  return (
    <Field label="Origins" hint="One a line, such as https://event.com or https://*.event.com.">
      {(id, hintId) => (
        <textarea
          id={id}
          name="origins"
          rows={3}
          aria-describedby={hintId}
          spellcheck={false}
          defaultValue={value}
        />
      )}
    </Field>
  );
}

function List({ apps }: { apps: Schemas["App"][] }) {
  if (apps.length === 0) {
    return (
      <Empty title="There is no app yet">
        An app is one tenant’s frontend with its own key. Make the first with “New app”.
      </Empty>
    );
  }
  return (
    <Table label="List of apps" columns={["App", "Id", "Sells", "Origins", "State"]}>
      {apps.map((app) => (
        <tr key={app.appId}>
          <th scope="row">
            <a href={`/apps/${app.appId}`}>{app.name}</a>
          </th>
          <td>{app.appId}</td>
          <td>{DOMAINS[app.domain]}</td>
          <td>{app.allowedDomains.join(", ") || "servers only"}</td>
          <td>
            <span class={`tag ${app.isActive ? "confirmed" : "failed"}`}>
              {app.isActive ? "Active" : "Off"}
            </span>
          </td>
        </tr>
      ))}
    </Table>
  );
}
