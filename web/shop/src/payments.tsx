import { type Schemas, startTimer } from "@unified-booking/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { money } from "./format.js";
import { useShop } from "./shop.js";

type Hold = Schemas["Hold"];

/** A hold that is to be paid. `done` without an id: the buyer has gone back. */
export interface Purchase {
  hold: Hold;
  done: (paymentId: string | undefined) => void;
}

/** An id as the simulated provider knows it: it declines those that begin with `pay_fail`. */
export function simulatedPaymentId(declined: boolean): string {
  const random = crypto.getRandomValues(new Uint32Array(4)).join("");
  return `${declined ? "pay_fail" : "pay"}_${random}`;
}

/**
 * The simulated payment. This is the place for a provider's own form: `POST /payments` says which
 * provider the tenant has, and what its script needs.
 */
export function PaymentDialog({ hold, done }: Purchase) {
  const { config } = useShop();
  const dialog = useRef<HTMLDialogElement>(null);
  const [seconds, setSeconds] = useState(hold.expiresIn);
  useEffect(() => dialog.current!.showModal(), []);
  useEffect(() => startTimer(hold, setSeconds), []);
  useEffect(() => {
    if (seconds === 0) done(undefined);
  }, [seconds]);
  const amount = money(hold.price, hold.currency, config.locale);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <dialog
      ref={dialog}
      class="payment"
      aria-labelledby="payment-title"
      onCancel={() => done(undefined)}
    >
      <h2 id="payment-title">Pay {amount}</h2>
      <p class="muted">
        This is a test shop: no money moves. Your seats are held for <b class="number">{clock}</b>.
      </p>
      <button type="button" class="primary" onClick={() => done(simulatedPaymentId(false))}>
        Pay {amount}
      </button>
      <button type="button" onClick={() => done(simulatedPaymentId(true))}>
        Let the payment be declined
      </button>
      <button type="button" class="quiet" onClick={() => done(undefined)}>
        Back to the seats
      </button>
    </dialog>
  );
}
