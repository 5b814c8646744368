import { type Input as CallInput, isBookingError, newKey } from "@unified-booking/client";
import { useMemo, useRef, useState } from "preact/hooks";
import { useDashboard } from "../api.js";
import type { Entity } from "../api.js";
import { type SeatLine, readSeatLines } from "../csv.js";
import { minorUnits, money } from "../format.js";
import { Field, FormDialog, Input, Problems } from "../ui.js";

const MOST_SEATS_A_CALL = 1000;
const EXAMPLE = "seatNumber,price\nA1,450\nA2,450";

/** Adds seats from a list. Shows lines that it cannot read before it sends anything. */
export function SeatImport(props: {
  appId: string;
  entity: Entity;
  onDone: (words: string) => void;
}) {
  const { appId, entity } = props;
  const { entityId, currency } = entity;
  const { client } = useDashboard();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const read = useMemo(() => checked(text, currency), [text, currency]);
  // The API refuses a whole batch if one of its seats exists. So a retry sends each batch with the
  // key of its first attempt: a batch that is stored already then succeeds again.
  const keys = useRef(new Map<string, string>());
  const sendBatch = async (seats: CallInput<"createSeats">["seats"]) => {
    const batch = JSON.stringify({ currency, seats });
    const idempotencyKey = keys.current.get(batch) ?? newKey();
    keys.current.set(batch, idempotencyKey);
    try {
      await client.createSeats({ appId, entityId, currency, seats }, { idempotencyKey });
    } catch (error) {
      // The API would repeat a refusal for this key, even after its reason is gone.
      if (isRefusal(error)) keys.current.delete(batch);
      throw error;
    }
  };
  const send = async () => {
    if (read.problems.length > 0) throw new Error("Mend the lines above first. Nothing was sent.");
    if (read.seats.length === 0) throw new Error("Choose a file or write a list of seats first.");
    for (let from = 0; from < read.seats.length; from += MOST_SEATS_A_CALL) {
      const seats = read.seats.slice(from, from + MOST_SEATS_A_CALL);
      await sendBatch(seats as CallInput<"createSeats">["seats"]);
    }
    keys.current.clear();
    setOpen(false);
    setText("");
    props.onDone(`${read.seats.length} seats are on sale.`);
  };
  return (
    <>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        Add seats
      </button>
      {open && (
        <FormDialog
          title="Add seats"
          submit={read.seats.length === 1 ? "Add one seat" : `Add ${read.seats.length} seats`}
          onClose={() => setOpen(false)}
          onSubmit={send}
        >
          <Input
            label="File"
            type="file"
            accept=".csv,text/csv,text/plain"
            onChange={(event) => void event.currentTarget.files?.[0]?.text().then(setText)}
          />
          <Field
            label="Seats"
            hint={`CSV with seatNumber and price in ${currency}, and where wanted section, row, category.`}
          >
            {(id, hintId) => (
              <textarea
                id={id}
                rows={7}
                aria-describedby={hintId}
                placeholder={EXAMPLE}
                spellcheck={false}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            )}
          </Field>
          <Preview {...read} currency={currency} />
        </FormDialog>
      )}
    </>
  );
}

/** Whether the API has refused a call for good. After any other error it may have taken effect. */
function isRefusal(error: unknown): boolean {
  if (!isBookingError(error) || error.code === "IDEMPOTENCY_KEY_IN_USE") return false;
  return error.status >= 400 && error.status < 500 && error.status !== 429;
}

function checked(text: string, currency: string) {
  if (!text.trim()) return { seats: [], problems: [] };
  const { seats, problems } = readSeatLines(text);
  const priced = seats.map((seat) => ({ ...seat, price: amount(seat, currency) }));
  const unpriced = priced.filter(({ price }) => price === undefined);
  const more = unpriced.slice(0, 1).map(({ seatNumber }) => ({
    line: 0,
    reason: `The price of seat ${seatNumber} has more digits than ${currency}.`,
  }));
  return { seats: priced, problems: [...problems, ...more] };
}

function amount({ price }: SeatLine, currency: string): number | undefined {
  try {
    return minorUnits(price, currency);
  } catch {
    return undefined;
  }
}

interface PreviewProps {
  seats: { seatNumber: string; price: number | undefined }[];
  problems: { line: number; reason: string }[];
  currency: string;
}

function Preview({ seats, problems, currency }: PreviewProps) {
  if (problems.length > 0) return <Problems problems={problems} />;
  if (seats.length === 0) return null;
  const sum = seats.reduce((total, { price = 0 }) => total + price, 0);
  return (
    <p class="muted">
      {seats.length} seats, {seats[0]?.seatNumber} to {seats.at(-1)?.seatNumber}, worth{" "}
      {money(sum, currency)} in all.
    </p>
  );
}
