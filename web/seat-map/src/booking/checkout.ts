import {
  type AnyBookingError,
  type Client,
  type Schemas,
  isBookingError,
  secondsLeft,
  startTimer,
} from "@unified-booking/client";
import { sheet, h } from "../dom.js";
import type { MapSeat } from "../plan.js";
import { fill } from "../texts.js";
import { CHECKOUT_STYLE } from "./checkout-style.js";
import { type Session, contactForm } from "./contact.js";
import { explain } from "./messages.js";
import type { PanelContext } from "./panels.js";
import { donePanel, heldPanel } from "./steps.js";

type Hold = Schemas["Hold"];
type Booking = Schemas["Booking"];
type Confirmation = { reservationToken: string; paymentId?: string | null };

/** Pays for a hold. The id goes to `POST /confirm-booking`. */
export type Pay = (hold: Hold) => Promise<string | undefined>;

/** What the checkout needs of the element. */
export interface Desk {
  readonly client: Client;
  readonly entityId: string;
  readonly signal: AbortSignal;
  readonly pay: Pay;
  readonly root: ShadowRoot;
  context(): PanelContext;
  known(seatId: string): MapSeat | undefined;
  picked(): MapSeat[];
  select(seats: MapSeat[]): void;
  /** Shows the seats of the hold on the map. */
  mine(seatIds: string[]): void;
  show(nodes: HTMLElement[], moveFocus: boolean): void;
  showChoose(moveFocus: boolean): void;
  say(words: string, actions?: [string, () => void][], kind?: string): void;
  quiet(kind: string): void;
  announce(words: string, urgent: boolean): void;
  lost(seats: MapSeat[], sold: boolean): void;
  session(session: Session): void;
  signedOut(): void;
  emit(name: string, detail: unknown): void;
}

const ANNOUNCED_AT = [60, 30];
const ENDED = [
  "RESERVATION_EXPIRED",
  "RESERVATION_RELEASED",
  "RESERVATION_NOT_FOUND",
  "PAYMENT_FAILED",
];

/** From the picked seats to the booking: contact, hold, clock, payment. */
export class Checkout {
  hold: Hold | undefined;
  changing = false;
  busy = false;
  #wholeSeconds = 0;
  #stopTimer = () => {};

  constructor(private readonly desk: Desk) {
    desk.root.adoptedStyleSheets.push(sheet(CHECKOUT_STYLE));
  }

  stop(): void {
    this.#stopTimer();
  }

  /** After a reload: a confirmation that has begun, or a hold that lives. */
  async resume(): Promise<void> {
    const { client, entityId } = this.desk;
    await this.#during(async (options) => {
      const { reservations } = await client.listReservations({}, options);
      const hold = reservations.find((held) => held.entityId === entityId);
      const unfinished = client.unfinishedConfirms();
      const begun = unfinished.find((each) => each.reservationToken === hold?.reservationToken);
      if (hold) this.#take(hold);
      const last = begun ?? (hold ? undefined : unfinished[0]);
      if (last) await this.#confirm(last);
    });
  }

  proceed(): void {
    if (this.busy) return;
    if (this.desk.client.userToken) void this.#reserve();
    else this.askContact();
  }

  askContact(): void {
    const { texts } = this.desk.context();
    const leave = () => this.desk.showChoose(true);
    const form = this.form(texts.hold, () => void this.#reserve());
    const back = h("button", { type: "button", class: "link", onclick: leave }, texts.back);
    const title = h("h2", { tabindex: -1 }, texts.contactTitle);
    this.desk.show([title, h("p", { class: "muted" }, texts.contactHint), form, back], true);
  }

  form(submitLabel: string, done: () => void): HTMLFormElement {
    const { desk } = this;
    const { client } = desk;
    const { texts } = desk.context();
    return contactForm({
      client,
      texts,
      submitLabel,
      explain: (error) => explain(error, texts),
      onSession: (session) => {
        desk.session(session);
        done();
      },
    });
  }

  showHeld(): void {
    const { desk } = this;
    const hold = this.hold!;
    const context = desk.context();
    this.#stopTimer();
    const view = heldPanel(context, this.#seatsOf(hold), hold.price, this.#wholeSeconds, {
      pay: () => this.busy || void this.#payFor(hold),
      change: () => this.busy || this.#change(hold),
      giveBack: () => this.busy || void this.#giveBack(hold),
    });
    desk.show(view.nodes, true);
    this.#stopTimer = startTimer(hold, (seconds) => {
      view.tick(seconds);
      const words = fill(context.texts.secondsLeft, { seconds });
      if (ANNOUNCED_AT.includes(seconds)) desk.announce(words, true);
      if (seconds === 0) this.#ranOut(hold);
    });
  }

  async #reserve(): Promise<void> {
    const { desk } = this;
    const seats = desk.picked();
    const seatIds = seats.map(({ seatId }) => seatId);
    const token = this.hold?.reservationToken;
    await this.#during(
      async (options) => {
        const input = token ? { reservationToken: token, seatIds } : { seatIds };
        this.#take(await desk.client.reserve(input, options));
        desk.emit("held", this.hold);
      },
      (error) => {
        const sold = error.code === "SEAT_ALREADY_BOOKED";
        if (!sold && error.code !== "SEAT_ALREADY_LOCKED") return false;
        const { conflicts } = error.details;
        // A hold of our own, made in another tab: show that one.
        if (conflicts.some(({ mine }) => mine)) void this.resume();
        else
          desk.lost(
            seats.filter(({ seatId }) => conflicts.some((each) => each.seatId === seatId)),
            sold,
          );
        return true;
      },
    );
    if (!this.hold && !token) desk.showChoose(false);
  }

  #take(hold: Hold): void {
    this.#wholeSeconds = Math.max(this.hold ? this.#wholeSeconds : 0, hold.expiresIn);
    this.hold = hold;
    this.changing = false;
    this.desk.select([]);
    this.desk.mine(hold.seatIds);
    this.showHeld();
  }

  #seatsOf(hold: { seats: Schemas["HeldSeat"][] }): MapSeat[] {
    return hold.seats.map((held) => ({ ...this.desk.known(held.seatId), ...held }));
  }

  #change(hold: Hold): void {
    this.changing = true;
    this.desk.select(this.#seatsOf(hold));
    this.desk.showChoose(true);
  }

  /** While a payment is confirmed, the server decides whether it came in time. */
  #ranOut(hold: Hold): void {
    if (this.busy || this.hold !== hold) return;
    const { desk } = this;
    const { texts } = desk.context();
    const seats = this.#seatsOf(hold);
    this.#end();
    desk.showChoose(true);
    desk.say(texts.RESERVATION_EXPIRED, [[texts.sameAgain, () => desk.select(seats)]]);
  }

  #end(): void {
    this.#stopTimer();
    this.hold = undefined;
    this.changing = false;
    this.desk.mine([]);
    this.desk.select([]);
  }

  async #giveBack({ reservationToken }: Hold): Promise<void> {
    await this.#during(async (options) => {
      await this.desk.client.release({ reservationToken }, options);
      this.#end();
      this.desk.showChoose(true);
    });
  }

  async #payFor(hold: Hold): Promise<void> {
    const { reservationToken } = hold;
    await this.#during(async () => {
      const paymentId = hold.price === 0 ? undefined : await this.desk.pay(hold);
      await this.#confirm({ reservationToken, ...(paymentId && { paymentId }) });
    });
    if (secondsLeft(hold) === 0) this.#ranOut(hold);
  }

  async #confirm(input: Confirmation): Promise<void> {
    const { desk } = this;
    await this.#during(
      async (options) => {
        desk.announce(desk.context().texts.confirming, false);
        const booking = await desk.client.confirm(input, options);
        this.#end();
        this.#showDone(booking);
        desk.emit("booked", booking);
      },
      (error) => {
        if (ENDED.includes(error.code)) {
          this.#end();
          desk.showChoose(true);
        }
        return false;
      },
    );
  }

  #showDone(booking: Booking): void {
    const again = () => this.desk.showChoose(true);
    this.desk.show(donePanel(this.desk.context(), booking, this.#seatsOf(booking), again), true);
  }

  /** Runs one step at a time, and tells what goes wrong unless `handle` has. */
  async #during(
    step: (options: { signal: AbortSignal; onRetry: (error: unknown) => void }) => Promise<void>,
    handle: (error: AnyBookingError) => boolean = () => false,
  ): Promise<void> {
    const { desk } = this;
    const outer = this.busy;
    this.#setBusy(true);
    const onRetry = (error: unknown) => {
      if (isBookingError(error)) desk.say(explain(error, desk.context().texts), [], "retry");
    };
    try {
      await step({ signal: desk.signal, onRetry });
      desk.quiet("retry");
    } catch (error) {
      if (!desk.signal.aborted && !(isBookingError(error) && handle(error))) this.#problem(error);
    } finally {
      this.#setBusy(outer);
    }
  }

  #setBusy(busy: boolean): void {
    this.busy = busy;
    // Not inert: that would take the focus away.
    this.desk.root.querySelector(".panel")!.ariaBusy = String(busy);
  }

  #problem(error: unknown): void {
    const { desk } = this;
    if (!isBookingError(error)) {
      desk.say(desk.context().texts.failed);
      throw error;
    }
    if (["UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_APP_MISMATCH"].includes(error.code))
      desk.signedOut();
    else desk.say(explain(error, desk.context().texts));
  }
}
