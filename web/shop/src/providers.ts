/** The providers' scripts. Providers do not allow a copy: load each from its provider. */
export const STRIPE = "https://js.stripe.com/v3/";
export const RAZORPAY = "https://checkout.razorpay.com/v1/checkout.js";

/** The part of Stripe.js that the shop uses. */
export interface Stripe {
  elements(options: { clientSecret: string }): {
    create(kind: "payment"): { mount(place: HTMLElement): void };
  };
  confirmPayment(options: object): Promise<{
    error?: { message?: string };
    paymentIntent?: { id: string; status: string };
  }>;
}

interface RazorpayCheckout {
  open(): void;
  on(event: "payment.failed", act: (failure: { error: { description: string } }) => void): void;
}
interface RazorpayOptions {
  key: string;
  order_id: string;
  amount: number;
  currency: string;
  name: string;
  handler(success: { razorpay_payment_id: string }): void;
}

declare global {
  interface Window {
    Stripe?: (publishableKey: string) => Stripe;
    Razorpay?: new (options: RazorpayOptions) => RazorpayCheckout;
  }
}

const loading = new Map<string, Promise<void>>();

/** Loads a script once. After a failure the next call tries again. */
export function loadScript(src: string): Promise<void> {
  const known = loading.get(src);
  if (known) return known;
  const made = new Promise<void>((resolve, reject) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = () => resolve();
    script.onerror = () => {
      loading.delete(src);
      script.remove();
      reject(new Error(`${src} did not load`));
    };
    document.head.append(script);
  });
  loading.set(src, made);
  return made;
}
