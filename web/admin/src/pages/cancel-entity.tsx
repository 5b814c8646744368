import { useEffect } from "preact/hooks";
import { type Entity, useDashboard } from "../api.js";
import { count } from "../format.js";
import { Bar, FormDialog, Input } from "../ui.js";
import { Reason } from "./booking-dialogs.js";

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
    await client.cancelEntity({
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
        Sales end at once. All bookings are cancelled, with {count(seats.booked)} sold{" "}
        {seats.booked === 1 ? "seat" : "seats"}, and their buyers get money back. This cannot be
        undone.
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

/** The progress of a cancellation. It is loaded again until all bookings are done. */
export function CancellingProgress(props: { appId: string; entity: Entity; again: () => void }) {
  const { appId, entity, again } = props;
  const { bookings = 0, done = 0, refundsFailed = 0 } = entity.cancelling ?? {};
  useEffect(() => {
    if (done >= bookings) return undefined;
    const timer = setTimeout(again, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  });
  if (!entity.cancelling) return null;
  return (
    <section class="progress">
      <h2>Cancellation</h2>
      <p role="status">
        {bookings === 0
          ? "There was no booking to cancel."
          : `${count(done)} of ${count(bookings)} bookings are cancelled.`}
      </p>
      {bookings > 0 && <Bar share={done / bookings} />}
      {refundsFailed > 0 && (
        <p class="problem">
          {count(refundsFailed)} {refundsFailed === 1 ? "refund" : "refunds"} failed.{" "}
          <a href={`/refunds?status=FAILED&appId=${appId}`}>Show them</a>
        </p>
      )}
    </section>
  );
}
