import { type Schemas, isBookingError } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useModal } from "../../common/dialog.js";
import { useLoad } from "../../common/load.js";
import { money } from "./format.js";
import { useShop } from "./shop.js";
import { Failure, Problem, Skeleton } from "./ui.js";

type Booking = Schemas["Booking"];
type Quote = Schemas["CancellationQuote"];

const REFUSED: Record<NonNullable<Quote["reason"]>, string> = {
  NO_POLICY: "This booking cannot be cancelled here. Ask the organiser.",
  TOO_LATE: "It is too late to cancel this booking.",
  STARTED: "It has started, so the booking cannot be cancelled.",
  ALREADY_CANCELLED: "The booking is cancelled already.",
};

/** Shows what a cancellation gives back now, and cancels the booking. */
export function CancelDialog(props: {
  booking: Booking;
  onClose: () => void;
  onDone: (booking: Booking) => void;
}) {
  const { booking, onClose, onDone } = props;
  const { bookingId } = booking;
  const { client } = useShop();
  const dialog = useModal(onClose);
  const [attempt, setAttempt] = useState(0);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const quote = useLoad(
    (signal) => client.quoteCancellation({ bookingId }, { signal }),
    [bookingId, attempt],
  );
  const cancel = async ({ refund }: Quote) => {
    if (busy) return;
    setBusy(true);
    setProblem("");
    try {
      onDone(await client.cancelBooking({ bookingId, expectedRefund: refund }));
    } catch (error) {
      if (!isBookingError(error)) throw error;
      const changed = error.code === "REFUND_CHANGED" || error.code === "CANCELLATION_NOT_ALLOWED";
      setProblem(changed ? "What you get back has changed. Look again." : `${error.message}.`);
      if (changed) setAttempt(attempt + 1);
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class="payment" aria-labelledby="cancel-title">
      <h2 id="cancel-title">Cancel the booking?</h2>
      <p class="muted number">{bookingId}</p>
      {quote.state === "loading" && <Skeleton rows={1} />}
      {quote.state === "failed" && <Failure {...quote} />}
      {quote.state === "ready" && <Terms {...quote.value} />}
      <Problem>{problem}</Problem>
      {quote.state === "ready" && quote.value.allowed && (
        <button
          type="button"
          class="primary"
          aria-busy={busy}
          onClick={() => void cancel(quote.value)}
        >
          Cancel the booking
        </button>
      )}
      <button type="button" class="quiet" onClick={onClose}>
        Keep it
      </button>
    </dialog>
  );
}

function Terms({ allowed, reason, paid, fee, refund, currency }: Quote) {
  const { locale } = useShop().config;
  if (!allowed) return <p>{REFUSED[reason ?? "NO_POLICY"]}</p>;
  const shown = (amount: number) => money(amount, currency, locale);
  return (
    <p>
      You get back <b class="number">{shown(refund)}</b> of {shown(paid)}
      {fee > 0 && <>, after a fee of {shown(fee)}</>}.
    </p>
  );
}

const REFUNDS: Partial<Record<NonNullable<Booking["refundStatus"]>, string>> = {
  PENDING: "refund on its way",
  REFUNDED: "refunded",
  PARTIAL: "partly refunded",
  FAILED: "the refund needs the organiser",
};

/** The status of a booking in words, and of its refund if there is one. */
export function bookingWords({ status, refundStatus }: Booking): string {
  const words = { CONFIRMED: "Booked", FAILED: "Payment declined", CANCELLED: "Cancelled" };
  const refund = REFUNDS[refundStatus];
  if (status === "REFUND_DUE") {
    // No seat was sold for this payment, so only the refund matters.
    const due = refund ?? "refund on its way";
    return due[0]!.toUpperCase() + due.slice(1);
  }
  return refund ? `${words[status]}, ${refund}` : words[status];
}
