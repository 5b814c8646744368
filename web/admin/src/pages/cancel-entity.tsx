import { useEffect } from "preact/hooks";
import { type Entity, useDashboard } from "../api.js";
import { count } from "../format.js";
import { Bar, FormDialog, Input } from "../ui.js";
import { Reason } from "./booking-dialogs.js";

/** How far the cancellation of an entity is. */
interface Cancelling {
  bookings: number;
  done: number;
  refundsFailed: number;
}

const LOOK_AGAIN_MS = 2000;

/** Cancels an entity with all its bookings, after its id was typed. */
export function CancelEntityDialog(props: {
  appId: string;
  entity: Entity;
  onClose: () => void;
  onDone: () => void;
}) {
  const { client } = useDashboard();
  const { entityId, title, seats } = props.entity;
  const send = async (fields: FormData) => {
    if (String(fields.get("typed")).trim() !== entityId)
      throw new Error(`Type ${entityId} to confirm.`);
    await client.call("POST /admin/apps/{appId}/entities/{entityId}/cancel sb", {
      appId: props.appId,
      entityId,
      refundPercent: Number(fields.get("percent")),
      reason: String(fields.get("reason")),
    });
    props.onDone();
  };
  return (
    <FormDialog
      title={`Cancel ${title}?`}
      submit="Cancel it"
      dismiss="Keep it"
      danger
      onClose={props.onClose}
      onSubmit={send}
    >
      <p>
        Sales end at once. {count(seats.booked)} sold seats are cancelled, and their buyers get
        money back. This cannot be undone.
      </p>
      <Input
        label="Percent of the price to give back"
        name="percent"
        type="number"
        min="0"
        max="100"
        required
        defaultValue="100"
      />
      <Reason />
      <Input
        label={`Type ${entityId} to confirm`}
        name="typed"
        required
        autocomplete="off"
        spellcheck={false}
      />
    </FormDialog>
  );
}

/** The progress of a cancellation. It looks again until all bookings are done. */
export function CancellingProgress({ entity, again }: { entity: Entity; again: () => void }) {
  const { cancelling } = entity as Entity & { cancelling?: Cancelling };
  const { bookings = 0, done = 0, refundsFailed = 0 } = cancelling ?? {};
  useEffect(() => {
    if (done >= bookings) return undefined;
    const timer = setTimeout(again, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  });
  if (!cancelling) return null;
  return (
    <section>
      <h2>Cancellation</h2>
      <p role="status">
        {count(done)} of {count(bookings)} bookings are cancelled.
      </p>
      <Bar share={bookings === 0 ? 1 : done / bookings} />
      {refundsFailed > 0 && (
        <p class="problem">
          {count(refundsFailed)} refunds failed. <a href="/refunds?status=FAILED">Look at them.</a>
        </p>
      )}
    </section>
  );
}
