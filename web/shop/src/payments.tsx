import { type Client, type Schemas, newKey, startTimer } from "@unified-booking/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { money } from "./format.js";
import { RAZORPAY, STRIPE, type Stripe, loadScript } from "./providers.js";
import { useShop } from "./shop.js";
import { Problem } from "./ui.js";

type Hold = Schemas["Hold"];
type Payment = Schemas["Payment"];

/** With so many seconds left, a screen reader says so: it does not read the clock. */
const ANNOUNCED_AT = [60, 30];

/** A hold that is being paid. `done` without an id means that the buyer has gone back. */
export interface Purchase {
  hold: Hold;
  payment: Payment;
  done: (paymentId: string | undefined) => void;
}

/** Starts the payment. That extends the hold, so the hold is read again. */
export async function startPurchase(client: Client, hold: Hold): Promise<Omit<Purchase, "done">> {
  const { reservationToken } = hold;
  const payment = await client.startPayment({ reservationToken });
  const { reservations } = await client.listReservations();
  const extended = reservations.find((each) => each.reservationToken === reservationToken);
  return { hold: extended ?? hold, payment };
}

/** Whether the buyer has paid already, for example before a reload. */
export function isPaid({ status, paymentId }: Payment): boolean {
  return ["succeeded", "processing"].includes(status) && paymentId !== undefined;
}

/** The page around the dialog. Not `body`: providers append their own windows to it. */
const BEHIND = "body > :is(.skip, header, footer), main > :not(.payment)";

/** A dialog with the payment form of the app's provider, and the time that is left. */
export function PaymentDialog({ hold, payment, done }: Purchase) {
  const { config } = useShop();
  const dialog = useRef<HTMLDialogElement>(null);
  const [seconds, setSeconds] = useState(hold.expiresIn);
  useEffect(() => {
    const shown = dialog.current!;
    // Not `showModal`: a modal dialog covers and disables what providers append to `body`, like
    // Stripe's 3-D Secure or Razorpay's checkout. So disable only the shop's own page.
    shown.show();
    const behind = [...document.querySelectorAll<HTMLElement>(BEHIND)];
    for (const each of behind) each.inert = true;
    // Browsers close only a modal dialog at Escape. In a provider's window, Escape is not ours.
    const leave = (event: KeyboardEvent) => {
      const target = event.target as Node;
      if (event.key !== "Escape" || !(target === document.body || shown.contains(target))) return;
      event.preventDefault();
      done(undefined);
    };
    document.addEventListener("keydown", leave);
    return () => {
      document.removeEventListener("keydown", leave);
      for (const each of behind) each.inert = false;
      // `close` gives the focus back only from an element inside the dialog.
      shown.querySelector("button")?.focus();
      shown.close();
    };
  }, []);
  const [said, say] = useState("");
  const tick = (left: number) => {
    setSeconds(left);
    if (ANNOUNCED_AT.includes(left)) say(`${left} seconds left to pay.`);
  };
  useEffect(() => startTimer(hold, tick), []);
  useEffect(() => {
    if (seconds === 0) done(undefined);
  }, [seconds]);
  const amount = money(hold.price, hold.currency, config.locale);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const Form = FORMS[payment.provider];
  return (
    <dialog
      ref={dialog}
      class="payment"
      tabIndex={-1}
      aria-labelledby="payment-title"
      closedby="closerequest"
      onCancel={() => done(undefined)}
    >
      <h2 id="payment-title">Pay {amount}</h2>
      <p class="muted">
        Your seats are held for <b class="number">{clock}</b>.
      </p>
      <p class="hidden" role="alert">
        {said}
      </p>
      <Form payment={payment} amount={amount} done={done} />
      <button type="button" class="quiet" onClick={() => done(undefined)}>
        Back to the seats
      </button>
    </dialog>
  );
}

interface FormProps {
  payment: Payment;
  amount: string;
  done: (paymentId: string) => void;
}

const FORMS = { simulated: SimulatedForm, stripe: StripeForm, razorpay: RazorpayForm };

/** The simulated provider declines ids that begin with `pay_fail`. */
function SimulatedForm({ payment, amount, done }: FormProps) {
  return (
    <>
      <p class="muted">This is a test shop: no money moves.</p>
      <button
        type="button"
        class="primary"
        onClick={() => done(payment.paymentId ?? `pay_${newKey()}`)}
      >
        Pay {amount}
      </button>
      <button type="button" onClick={() => done(`pay_fail_${newKey()}`)}>
        Let the payment be declined
      </button>
    </>
  );
}

const NOT_PAID = "The payment did not go through. Try again.";

/** Stripe's own fields, in Stripe's iframe: card numbers never reach this page. */
function StripeForm({ payment, amount, done }: FormProps) {
  const place = useRef<HTMLDivElement>(null);
  const ready = useRef<{ stripe: Stripe; elements: ReturnType<Stripe["elements"]> }>();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const mount = async () => {
      await loadScript(STRIPE);
      const stripe = window.Stripe!(payment.publishableKey!);
      const elements = stripe.elements({ clientSecret: payment.clientSecret! });
      elements.create("payment").mount(place.current!);
      ready.current = { stripe, elements };
    };
    mount().catch(() => setProblem("The payment form did not load. Try again in a moment."));
  }, []);
  const pay = async () => {
    if (!ready.current || busy) return;
    const { stripe, elements } = ready.current;
    setBusy(true);
    setProblem("");
    try {
      const { error, paymentIntent } = await stripe.confirmPayment({
        elements,
        redirect: "if_required",
        confirmParams: { return_url: location.href },
      });
      if (paymentIntent) return done(paymentIntent.id);
      setProblem(error?.message ?? NOT_PAID);
    } catch {
      setProblem(NOT_PAID);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div ref={place} />
      <Problem>{problem}</Problem>
      <button type="button" class="primary" aria-busy={busy} onClick={() => void pay()}>
        Pay {amount}
      </button>
    </>
  );
}

/** A button that opens Razorpay's own checkout. */
function RazorpayForm({ payment, amount, done }: FormProps) {
  const { config } = useShop();
  const [problem, setProblem] = useState("");
  const pay = async () => {
    setProblem("");
    try {
      await loadScript(RAZORPAY);
      const checkout = new window.Razorpay!({
        key: payment.keyId!,
        order_id: payment.orderId!,
        amount: payment.amount,
        currency: payment.currency,
        name: config.name,
        handler: ({ razorpay_payment_id }) => done(razorpay_payment_id),
      });
      checkout.on("payment.failed", ({ error }) => setProblem(error.description));
      checkout.open();
    } catch {
      setProblem("The payment window did not load. Try again in a moment.");
    }
  };
  return (
    <>
      <Problem>{problem}</Problem>
      <button type="button" class="primary" onClick={() => void pay()}>
        Pay {amount}
      </button>
    </>
  );
}
