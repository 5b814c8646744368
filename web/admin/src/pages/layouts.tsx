import type { Schemas } from "@unified-booking/client";
import { type Layout, placesOf } from "@unified-booking/seat-map/seat-map";
import { useState } from "preact/hooks";
import { useLoad } from "../../../common/load.js";
import { useDashboard } from "../api.js";
import { count, dateTime } from "../format.js";
import { collect } from "../paging.js";
import { type PlanFile, readPlan } from "../plans.js";
import { Empty, FormDialog, Input, Load, Problems, Table } from "../ui.js";
import { PlanPreview } from "./plan-preview.js";

type Version = Schemas["LayoutVersion"];

/** The seating plans of a tenant's venues. */
export function Layouts({ appId }: { appId: string }) {
  const { client } = useDashboard();
  const [asking, setAsking] = useState<"import" | Version>();
  const [note, setNote] = useState("");
  const loaded = useLoad(
    (signal) => collect(client.items("listLayouts", { appId }, { signal })),
    [appId, note],
  );
  const close = () => setAsking(undefined);
  return (
    <section>
      <header class="title">
        <h2>Seating plans</h2>
        <button type="button" onClick={() => setAsking("import")}>
          Import a plan
        </button>
      </header>
      <p class="muted note" role="status">
        {note}
      </p>
      <Load of={loaded} rows={2}>
        {(layouts) => <List layouts={layouts} show={setAsking} />}
      </Load>
      {asking === "import" && (
        <ImportDialog
          appId={appId}
          onClose={close}
          onDone={({ name, version, counts }) => {
            close();
            setNote(`${name}, version ${version}, has ${count(counts.seats)} seats.`);
          }}
        />
      )}
      {asking && asking !== "import" && <Shown appId={appId} layout={asking} onClose={close} />}
    </section>
  );
}

function List({ layouts, show }: { layouts: Version[]; show: (layout: Version) => void }) {
  if (layouts.length === 0) {
    return (
      <Empty title="There is no plan yet">
        Import one from a spreadsheet or from pretix. Then give its seats to an entity.
      </Empty>
    );
  }
  return (
    <Table
      label="Seating plans"
      columns={["Plan", "Id", "Stored", "#Version", "#Sections", "#Seats"]}
    >
      {layouts.map((layout) => (
        <tr key={layout.layoutId}>
          <th scope="row">
            <button type="button" class="link" onClick={() => show(layout)}>
              {layout.name}
            </button>
          </th>
          <td>{layout.layoutId}</td>
          <td>{dateTime(layout.createdAt)}</td>
          {[layout.version, layout.counts.sections, layout.counts.seats].map((value, column) => (
            <td key={column} class="number">
              {count(value)}
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

/** A stored plan, drawn. */
function Shown(props: { appId: string; layout: Version; onClose: () => void }) {
  const { client } = useDashboard();
  const { layoutId, name } = props.layout;
  const loaded = useLoad(
    (signal) => client.getLayout({ appId: props.appId, layoutId }, { signal }),
    [layoutId],
  );
  return (
    <FormDialog
      title={name}
      submit="Close"
      onClose={props.onClose}
      onSubmit={async () => props.onClose()}
    >
      <Load of={loaded} rows={3}>
        {(layout) => <PlanPreview layout={layout as unknown as Layout} />}
      </Load>
    </FormDialog>
  );
}

/** Reads a file, shows what it has or what is wrong with it, and stores it. */
function ImportDialog(props: {
  appId: string;
  onClose: () => void;
  onDone: (made: Version) => void;
}) {
  const { appId } = props;
  const { client } = useDashboard();
  const [file, setFile] = useState<PlanFile>();
  const [name, setName] = useState("");
  const read = async (chosen: File | undefined) => {
    setFile(chosen && readPlan(await chosen.arrayBuffer()));
    setName(chosen?.name.replace(/\.\w+$/, "") ?? "");
  };
  const send = async (fields: FormData) => {
    if (!file) throw new Error("Choose a file first.");
    if (!file.layout) throw new Error("Mend what is listed above first. Nothing was sent.");
    const layoutId = String(fields.get("layoutId")).trim();
    const { format, text } = file;
    const stored =
      format === "layout"
        ? await client.putLayout({ appId, layoutId, ...JSON.parse(text) })
        : await client.importLayout(
            { appId, layoutId, format, body: text },
            { contentType: format === "csv" ? "text/csv" : "application/json" },
          );
    props.onDone(stored);
  };
  const seats = file?.layout ? placesOf(file.layout).length : 0;
  const sections = file?.layout?.sections.length ?? 0;
  return (
    <FormDialog title="Import a plan" submit="Import it" onClose={props.onClose} onSubmit={send}>
      <Input
        label="File"
        type="file"
        accept=".csv,.json,text/csv,application/json"
        onChange={(event) => void read(event.currentTarget.files?.[0])}
        hint="CSV with section,row,number,x,y,category,flags, a plan of pretix, or a layout as JSON."
      />
      {file && <Problems problems={file.problems} />}
      {file?.layout && (
        <>
          <p class="muted">
            {count(seats)} {seats === 1 ? "seat" : "seats"} in {count(sections)}{" "}
            {sections === 1 ? "section" : "sections"}.
          </p>
          <PlanPreview layout={file.layout} />
        </>
      )}
      <Input
        key={name}
        label="Id of the plan"
        name="layoutId"
        required
        defaultValue={name.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 64)}
        hint="An id that exists gets a new version. Entities keep the version that they have."
      />
    </FormDialog>
  );
}
