import type { Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useAction } from "../action.js";
import { type Entity, useDashboard } from "../api.js";
import { count, minorUnits, money } from "../format.js";
import { usePages } from "../paging.js";
import { Empty, FormDialog, Input, LoadPages, Problem } from "../ui.js";
import { StatusChoice } from "./filters.js";

type Seat = Schemas["Seat"];
type Status = NonNullable<Seat["status"]>;

const MOST_NAMED = 5;
const STATUS: Record<Status, string> = {
  AVAILABLE: "Available",
  LOCKED: "Held",
  BOOKED: "Sold",
  NOT_FOR_SALE: "Off sale",
};
const SKIPPED = { BOOKED: "sold", LOCKED: "held" };

interface SeatsProps {
  appId: string;
  entity: Entity;
  changed: (words: string) => void;
}

/** The seats of an entity: listed, changed, taken off sale and removed. */
export function Seats({ appId, entity, changed }: SeatsProps) {
  const { entityId } = entity;
  const [status, setStatus] = useState<Status | "">("");
  const [section, setSection] = useState("");
  const [changes, setChanges] = useState(0);
  const filters = { ...(status && { status }), ...(section && { section }) };
  const loaded = usePages("listEntitySeats", { appId, entityId, ...filters }, changes);
  return (
    <section>
      <h2>Seats</h2>
      <div class="filters">
        <StatusChoice statuses={STATUS} value={status} onChoose={setStatus} />
        <Input
          label="Section"
          value={section}
          onChange={(event) => setSection(event.currentTarget.value.trim())}
        />
      </div>
      <LoadPages of={loaded} rows={3}>
        {(seats) =>
          seats.length === 0 ? (
            <Empty title="No seat matches">Choose another status or section.</Empty>
          ) : (
            <List
              // A new list begins with nothing picked.
              key={`${status} ${section} ${changes}`}
              appId={appId}
              entity={entity}
              changed={(words) => {
                setChanges(changes + 1);
                changed(words);
              }}
              seats={seats}
            />
          )
        }
      </LoadPages>
    </section>
  );
}

function List({ appId, entity, changed, seats }: SeatsProps & { seats: Seat[] }) {
  const { client } = useDashboard();
  const { entityId, currency } = entity;
  const [picked, setPicked] = useState<string[]>([]);
  const [asking, setAsking] = useState<"change" | "remove">();
  const { problem, run } = useAction();
  const where = { seatIds: picked };
  const close = () => setAsking(undefined);
  const set = async (values: Schemas["SetSeats"]) => {
    const done = await client.patchSeats({ appId, entityId, where, set: values });
    close();
    changed(`${count(done.changed)} changed${skippedWords(done.skipped)}.`);
  };
  const none = picked.length === 0;
  const act = (label: string, step: () => unknown, danger = false) => (
    <button
      type="button"
      disabled={none}
      class={danger ? "danger" : ""}
      // A failure does not call `changed`: the list would load again, with nothing picked.
      onClick={() => void run(step)}
    >
      {label}
    </button>
  );
  return (
    <>
      <div class="aside acts" role="group" aria-label={`${picked.length} seats are picked`}>
        {act("Change", () => setAsking("change"))}
        {act("Take off sale", () => set({ forSale: false }))}
        {act("Put on sale", () => set({ forSale: true }))}
        {act("Remove", () => setAsking("remove"), true)}
      </div>
      <Problem>{problem}</Problem>
      <Table seats={seats} picked={picked} pick={setPicked} />
      {asking === "change" && (
        <FormDialog
          title={`Change ${seatsWords(picked.length)}`}
          submit="Change them"
          onClose={close}
          onSubmit={(fields) => set(changesOf(fields, currency))}
        >
          <Input
            label={`Price in ${currency}`}
            name="price"
            inputMode="decimal"
            hint="What is empty stays as it is. Sold seats keep their price."
          />
          <Input label="Category" name="category" maxLength={64} />
        </FormDialog>
      )}
      {asking === "remove" && (
        <FormDialog
          title={`Remove ${seatsWords(picked.length)}?`}
          submit="Remove them"
          danger
          onClose={close}
          onSubmit={async () => {
            const done = await client.removeSeats({ appId, entityId, where });
            close();
            changed(`${count(done.removed)} removed${skippedWords(done.skipped)}.`);
          }}
        >
          <p>Seats that were ever sold, or are held now, stay.</p>
        </FormDialog>
      )}
    </>
  );
}

function seatsWords(picked: number): string {
  return picked === 1 ? "one seat" : `${count(picked)} seats`;
}

function changesOf(fields: FormData, currency: string): Schemas["SetSeats"] {
  const text = (name: string) => String(fields.get(name) ?? "").trim();
  const price = text("price") ? minorUnits(text("price"), currency) : null;
  if (price === undefined) throw new Error("The price is not an amount.");
  const category = text("category");
  if (price === null && !category) throw new Error("Fill in a price or a category.");
  return { ...(price !== null && { price }), ...(category && { category }) };
}

/** Such as ", 2 not: A1 is sold, A2 is held". */
function skippedWords(skipped: Schemas["SkippedSeat"][]): string {
  if (skipped.length === 0) return "";
  const named = skipped
    .slice(0, MOST_NAMED)
    .map(({ seatNumber, reason }) => `${seatNumber} is ${SKIPPED[reason]}`);
  const more = skipped.length > MOST_NAMED ? ", …" : "";
  return `, ${count(skipped.length)} not: ${named.join(", ")}${more}`;
}

function Table(props: { seats: Seat[]; picked: string[]; pick: (ids: string[]) => void }) {
  const { seats, picked, pick } = props;
  const all = picked.length === seats.length;
  const toggle = (id: string) =>
    pick(picked.includes(id) ? picked.filter((each) => each !== id) : [...picked, id]);
  return (
    <div class="scroll" role="region" aria-label="Seats" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label="All seats of the list"
                checked={all}
                onChange={() => pick(all ? [] : seats.map(({ seatId }) => seatId))}
              />
            </th>
            {["Seat", "Section", "Row", "Category"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col" class="number">
              Price
            </th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
          {seats.map((seat) => (
            <tr key={seat.seatId}>
              <td>
                <input
                  type="checkbox"
                  aria-label={`Pick ${seat.seatNumber}`}
                  checked={picked.includes(seat.seatId)}
                  onChange={() => toggle(seat.seatId)}
                />
              </td>
              <th scope="row">{seat.seatNumber}</th>
              <td>{seat.section ?? "–"}</td>
              <td>{seat.row ?? "–"}</td>
              <td>{seat.category ?? "–"}</td>
              <td class="number">{money(seat.price, seat.currency)}</td>
              <td>
                {seat.bookingId ? (
                  <a href={`/bookings?bookingId=${seat.bookingId}`}>{STATUS[seat.status!]}</a>
                ) : (
                  STATUS[seat.status!]
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
