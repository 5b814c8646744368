import { type Input as CallInput, newKey } from "@unified-booking/client";
import { useRef, useState } from "preact/hooks";
import { useDashboard } from "../api.js";
import { amountOf, money } from "../format.js";
import { FormDialog, Input } from "../ui.js";
import type { BookingDetails } from "./booking.js";

interface DialogProps {
  booking: BookingDetails;
  onClose: () => void;
  onDone: () => void;
}

const REFUNDS = [
  ["POLICY", "What the entity’s policy gives back now"],
  ["FULL", "All that was paid for them"],
  ["NONE", "Nothing"],
  ["AMOUNT", "Another amount"],
] as const;

export function Reason() {
  return (
    <Input
      label="Reason"
      name="reason"
      required
      maxLength={500}
      hint="It is kept in the history."
    />
  );
}

/** Cancels seats, even after the deadline. */
export function CancelDialog(props: DialogProps & { seats: BookingDetails["seats"] }) {
  const { booking, seats } = props;
  const { bookingId, currency } = booking;
  const { client } = useDashboard();
  const [refund, setRefund] = useState<string>("POLICY");
  const send = async (fields: FormData) => {
    const seatIds = fields.getAll("seat").map(String);
    if (seatIds.length === 0) throw new Error("Choose at least one seat.");
    const choice = refund === "AMOUNT" ? { amount: amountOf(fields, "amount", currency) } : refund;
    const reason = String(fields.get("reason"));
    const input = { bookingId, seatIds, refund: choice, reason };
    await client.cancelAnyBooking(input as CallInput<"cancelAnyBooking">);
    props.onDone();
  };
  return (
    <FormDialog
      title={`Cancel seats of ${bookingId}`}
      submit="Cancel the seats"
      dismiss="Keep them"
      danger
      onClose={props.onClose}
      onSubmit={send}
    >
      <fieldset class="choices">
        <legend>Seats</legend>
        {seats.map(({ seatId, seatNumber, price }) => (
          <label key={seatId} class="check">
            <input type="checkbox" name="seat" value={seatId} defaultChecked /> {seatNumber},{" "}
            {money(price, currency)}
          </label>
        ))}
      </fieldset>
      <fieldset class="choices lines">
        <legend>Give back</legend>
        {REFUNDS.map(([value, label]) => (
          <label key={value} class="check">
            <input
              type="radio"
              name="refund"
              value={value}
              checked={refund === value}
              onChange={() => setRefund(value)}
            />{" "}
            {label}
          </label>
        ))}
      </fieldset>
      {refund === "AMOUNT" && (
        <Input
          label={`Amount in ${currency}`}
          name="amount"
          inputMode="decimal"
          required
          hint="At most the price of these seats."
        />
      )}
      <Reason />
    </FormDialog>
  );
}

/** Refunds money without cancelling seats. */
export function RefundDialog(props: DialogProps & { left: number }) {
  const { bookingId, currency } = props.booking;
  const { client } = useDashboard();
  const last = useRef({ body: "", idempotencyKey: "" });
  const send = async (fields: FormData) => {
    const amount = amountOf(fields, "amount", currency);
    const reason = String(fields.get("reason"));
    // A repeated click must not refund twice, so it has the same key. Another amount or reason is
    // another refund.
    const body = JSON.stringify([amount, reason]);
    if (last.current.body !== body) last.current = { body, idempotencyKey: newKey() };
    const { idempotencyKey } = last.current;
    await client.refundBooking({ bookingId, amount, reason }, { idempotencyKey });
    props.onDone();
  };
  return (
    <FormDialog
      title={`Refund for ${bookingId}`}
      submit="Give it back"
      onClose={props.onClose}
      onSubmit={send}
    >
      <p>The seats stay booked. To give them up too, cancel them.</p>
      <Input
        label={`Amount in ${currency}`}
        name="amount"
        inputMode="decimal"
        required
        hint={`At most ${money(props.left, currency)}: what is left of the payment.`}
      />
      <Reason />
    </FormDialog>
  );
}
