import {
  type AnyBookingError,
  type CallOptions,
  type Client,
  type FeedSnapshot,
  type Input,
  type Schemas,
  isBookingError,
  startTimer,
} from "@unified-booking/client";
import { button, emit, h } from "../dom.js";
import type { Layout } from "../layout.js";
import type { MapSeat } from "../plan.js";
import { fill, money } from "../texts.js";
import { type Session, contactForm } from "./contact.js";
import type { Frame } from "./frame.js";
import { explain } from "./messages.js";
import { MOST_SEATS, type Wish, choosePanel, donePanel, heldPanel, title } from "./panels.js";
import type { BookingTexts } from "./texts.js";

type Hold = Schemas["Hold"];

/** Pays for a hold. Returns the payment's id, or undefined if the buyer has gone back. */
export type Pay = (hold: Hold) => Promise<string | undefined>;

/** What the sale needs from its element. */
export interface Desk extends HTMLElement {
  readonly client: Client;
  readonly frame: Frame;
  readonly entityId: string;
  readonly words: BookingTexts;
  readonly pay: Pay;
  /** Stores the signed-in user, or forgets them. */
  session(session: Session | undefined): void;
}

const ANNOUNCED_AT = [60, 30];
const SIGNED_OUT = /^(UNAUTHENTICATED|TOKEN_)/;
const NOT_ON_SALE = /^(SALES_|ENTITY_CANCELLED)/;
const ENDED = /^(RESERVATION_|PAYMENT_FAILED)/;

const indexIn = ({ list }: FeedSnapshot, id: string) =>
  list.seats.findIndex(({ seatId }) => seatId === id);

/** The steps of a purchase: choice of seats, contact, hold, payment, booking. */
export class Sale {
  /** Why no seats can be taken now. */
  refusal: string | undefined;
  #news: FeedSnapshot | undefined;
  #picked = new Map<string, MapSeat>();
  #wish: Wish = { quantity: 2, category: "", accessible: false };
  #hold: Hold | undefined;
  #changing = false;
  #busy = false;
  /** Whether the panel shows the finished booking. */
  #done = false;
  #stopTimer = () => {};
  /** The contact panel. Kept until the user is signed in, so that nothing typed is lost. */
  #contact: HTMLElement[] | undefined;
  /** What the buyer wants to do once signed in. */
  #next!: () => unknown;

  readonly #frame: Frame;
  readonly #texts: BookingTexts;
  readonly #signal: AbortSignal;
  readonly #desk: Desk;

  constructor(desk: Desk, signal: AbortSignal) {
    this.#desk = desk;
    this.#signal = signal;
    this.#frame = desk.frame;
    this.#texts = desk.words;
    signal.onabort = () => this.#stopTimer();
    // The monotonic clock may stop while a device sleeps, so ask the server afterwards.
    const wake = () =>
      !document.hidden && this.#hold && !this.#changing && !this.#busy && this.resume();
    document.addEventListener("visibilitychange", wake, { signal });
  }

  /** Shows a snapshot of the feed: the first one, and each change. */
  update(news: FeedSnapshot): void {
    const { map } = this.#frame;
    const { list, states } = news;
    const before = this.#news;
    this.#news = news;
    // The prices of held seats are fixed, and their states are the buyer's own.
    const others = [...this.#picked.values()].filter(
      ({ seatId }) => !this.#hold?.seatIds.includes(seatId),
    );
    map.states = states;
    if (before?.list !== list) {
      if (list.layout) map.layout = list.layout as Layout;
      map.currency = list.currency;
      map.seats = list.seats;
      for (const seat of others)
        this.#picked.set(seat.seatId, list.seats[indexIn(news, seat.seatId)] ?? seat);
      if (this.#hold && !this.#changing) {
        if (!before) this.#take(this.#hold);
      } else if (!this.#busy && !this.#done) this.#showChoose();
    }
    // A seat of a hold that has just ended may look held for a moment, so only changes count.
    const taken = others.filter(
      // A seat that is no longer listed is lost, too.
      ({ seatId: id }) =>
        before?.states[indexIn(before, id)] === 0 && states[indexIn(news, id)] !== 0,
    );
    if (taken.length && !this.#busy) this.#lost(taken);
  }

  /**
   * Asks the server for the buyer's hold and shows it. Repeats an unfinished confirmation. For a
   * reload, and whenever the hold may have ended.
   */
  async resume(): Promise<void> {
    const { client, entityId } = this.#desk;
    const gone = this.#hold;
    await this.#during(async (options) => {
      const { reservations } = await client.listReservations({}, options);
      const hold = reservations.find((held) => held.entityId === entityId);
      const token = (hold ?? gone)?.reservationToken;
      const begun = client
        .unfinishedConfirms()
        .find((each) => !token || each.reservationToken === token);
      if (hold) this.#take(hold);
      if (begun) await this.#confirm(begun);
      else if (!hold && gone) this.#ranOut(gone);
    });
    // Even after an error: a snapshot that came meanwhile is not shown yet.
    const isIdle = this.#news && !this.#hold && !this.#done;
    if (isIdle && !this.#signal.aborted) this.#showChoose();
  }

  /** Called when the user picks a seat on the map, or puts it back. */
  pick(seat: MapSeat, selected: boolean): void {
    if (this.#busy || (this.#hold ? !this.#changing : this.refusal)) return;
    if (!selected) this.#picked.delete(seat.seatId);
    else if (this.#picked.size < MOST_SEATS) this.#picked.set(seat.seatId, seat);
    else return this.#frame.say(fill(this.#texts.SEAT_LIMIT_REACHED, { limit: MOST_SEATS }));
    this.#choose();
  }

  /** Calls `next` with a signed-in user: shows the contact form first if nobody is signed in. */
  #asUser(next: () => unknown): void {
    const texts = this.#texts;
    const desk = this.#desk;
    if (this.#busy) return;
    if (desk.client.userToken) return void next();
    this.#next = next;
    this.#contact ??= [
      title(texts.contactTitle),
      h("p", { class: "muted" }, texts.contactHint),
      contactForm(desk.client, texts, (session) => {
        this.#contact = undefined;
        desk.session(session);
        this.#next();
      }),
      button(texts.back, () => this.#showChoose(true), { class: "link" }),
    ];
    this.#frame.show(this.#contact, true);
  }

  #pick(seats: Iterable<MapSeat>): void {
    this.#picked = new Map([...seats].map((seat) => [seat.seatId, seat]));
    this.#frame.map.selected = this.#picked.keys();
  }

  #choose(seats: Iterable<MapSeat> = this.#picked.values(), moveFocus = false): void {
    this.#pick(seats);
    this.#frame.quiet();
    this.#showChoose(moveFocus);
  }

  get #context() {
    const currency = this.#news?.list.currency || this.#hold?.currency;
    return {
      texts: this.#texts,
      map: this.#frame.map,
      money: (amount: number) => money(amount, currency, this.#desk.lang),
    };
  }

  #showChoose(moveFocus = false): void {
    const hold = this.#hold;
    this.#done = false;
    if (this.#news?.list.seats.length === 0)
      return this.#frame.show([title(this.#texts.empty)], moveFocus);
    const nodes = choosePanel(this.#context, this.#wish, [...this.#picked.values()], {
      find: () => this.#find(this.#wish),
      remove: (seat) => this.pick(seat, false),
      proceed: () => {
        const input = {
          reservationToken: hold?.reservationToken,
          seatIds: [...this.#picked.keys()],
        };
        this.#asUser(() => this.#reserve(input as Input<"reserve">));
      },
      refusal: this.refusal,
      ...(hold && { back: () => this.#take(hold) }),
    });
    this.#frame.show(nodes, moveFocus);
  }

  /** The server chooses the best seats, and holds them at once. */
  #find({ category, section, ...wish }: Wish & { section?: string | undefined }): void {
    const { entityId } = this.#desk;
    const bestAvailable = { entityId, ...wish, section, category: category || undefined };
    this.#asUser(() => this.#reserve({ bestAvailable } as Input<"reserve">));
  }

  async #reserve(input: Input<"reserve">): Promise<void> {
    const texts = this.#texts;
    const desk = this.#desk;
    const reserve = async (options: CallOptions) => {
      const hold = await desk.client.reserve(input, options);
      this.#frame.quiet();
      this.#take(hold);
      if (hold.adjacent === false) this.#frame.say(texts.apart);
      emit(desk, "held", hold);
    };
    await this.#during(reserve, (error) => {
      const { conflicts } = (error.details ?? {}) as { conflicts?: Schemas["Conflict"][] };
      if (NOT_ON_SALE.test(error.code)) this.refusal = explain(error, texts);
      if (!this.#hold) this.#choose(this.refusal ? [] : undefined);
      if (!conflicts || !/^SEAT_ALREADY/.test(error.code)) return undefined;
      // The buyer holds the seats already, in another tab: show that hold.
      if (conflicts.some(({ mine }) => mine)) void this.resume();
      else this.#lost(conflicts.flatMap(({ seatId }) => this.#picked.get(seatId) ?? []));
      return true;
    });
  }

  /** Says which seats others have taken, and offers the best seats nearby. */
  #lost(seats: MapSeat[]): void {
    const texts = this.#texts;
    const quantity = this.#picked.size;
    const names = seats.map((seat) => this.#frame.map.labelOf(seat).name).join(", ");
    const { section, category = "" } = seats[0] ?? {};
    for (const { seatId } of seats) this.#picked.delete(seatId);
    this.#choose();
    const offer = () => this.#find({ quantity, section, category, accessible: false });
    this.#frame.say(
      fill(texts.taken, { seats: names }),
      "",
      !this.#hold && button(texts.takeNear, offer),
    );
  }

  /** Shows a hold in the panel and on the map, and starts its timer. */
  #take(hold: Hold): void {
    const { map } = this.#frame;
    // The focus moves only if another panel was shown.
    const moveFocus = this.#changing || this.#hold?.reservationToken !== hold.reservationToken;
    this.#hold = hold;
    this.#changing = false;
    this.#pick([]);
    map.mine = hold.seatIds;
    map.reveal(hold.seatIds);
    const seats = this.#seatsOf(hold);
    const view = heldPanel(this.#context, seats, hold.price, {
      pay: () => this.#asUser(() => this.#payFor(hold)),
      change: () => {
        this.#changing = true;
        this.#choose(seats, true);
      },
      giveBack: () => this.#asUser(() => this.#giveBack(hold)),
    });
    this.#frame.show(view.nodes, moveFocus);
    // If the time runs out during a step, ask the server afterwards whether the hold has ended.
    const ask = () => this.#hold === hold && (this.#busy ? setTimeout(ask, 500) : this.resume());
    this.#stopTimer();
    this.#stopTimer = startTimer(hold, (seconds) => {
      view.tick(seconds);
      if (ANNOUNCED_AT.includes(seconds))
        this.#frame.announce(fill(this.#texts.secondsLeft, { seconds }));
      if (!seconds) this.#busy ? ask() : this.#ranOut(hold);
    });
  }

  #seatsOf({ seats }: { seats: Schemas["HeldSeat"][] }): MapSeat[] {
    return seats.map((held) => ({
      ...this.#news?.list.seats[indexIn(this.#news, held.seatId)],
      ...held,
    }));
  }

  /**
   * Ends a hold whose time has run out. Not called during a confirmation: there the server decides
   * whether the payment was in time.
   */
  #ranOut(hold: Hold): void {
    const texts = this.#texts;
    if (this.#hold !== hold) return;
    this.#end();
    const again = () => this.#choose(this.#seatsOf(hold), true);
    this.#frame.say(texts.RESERVATION_EXPIRED, "", !this.refusal && button(texts.sameAgain, again));
  }

  #end(): void {
    this.#stopTimer();
    this.#hold = undefined;
    this.#changing = false;
    this.#frame.map.mine = [];
    this.#choose([], true);
  }

  #giveBack({ reservationToken }: Hold): Promise<void> {
    return this.#during(async (options) => {
      await this.#desk.client.release({ reservationToken }, options);
      this.#end();
    });
  }

  async #payFor(hold: Hold): Promise<void> {
    const { reservationToken, price } = hold;
    await this.#during(async () => {
      const paymentId = price ? await this.#desk.pay(hold) : null;
      if (paymentId !== undefined) await this.#confirm({ reservationToken, paymentId });
    });
    // Not booked. Paying may have extended the hold, or it has ended: ask the server.
    if (this.#hold === hold) await this.resume();
  }

  #confirm(input: Input<"confirm">): Promise<void> {
    const desk = this.#desk;
    const frame = this.#frame;
    return this.#during(async (options) => {
      const booking = await desk.client.confirm(input, options);
      // A confirmation that another entity's page left unfinished.
      if (booking.entityId !== desk.entityId) return;
      this.#end();
      this.#done = true;
      const again = () => this.#showChoose(true);
      frame.show(donePanel(this.#context, booking, this.#seatsOf(booking), again), true);
      emit(desk, "booked", booking);
    });
  }

  /** Runs a step while the panel is busy. Shows its error, unless `handle` returns true for it. */
  async #during(
    step: (options: CallOptions) => Promise<void>,
    handle?: (error: AnyBookingError) => unknown,
  ): Promise<void> {
    const desk = this.#desk;
    const frame = this.#frame;
    const outer = this.#busy;
    const onRetry = (error: unknown) =>
      frame.say(explain(error as AnyBookingError, this.#texts), "retry");
    // Not `inert`: that would remove the focus.
    const busy = (is: boolean) => (frame.panel.ariaBusy = String((this.#busy = is)));
    busy(true);
    try {
      await step({ signal: this.#signal, onRetry }).finally(() => busy(outer));
      frame.quiet("retry");
    } catch (error) {
      if (this.#signal.aborted) return;
      // The page's own `pay` may throw any error: show it too, and report it.
      const failure = error as AnyBookingError;
      if (SIGNED_OUT.test(failure.code)) desk.session(undefined);
      if (ENDED.test(failure.code)) this.#end();
      if (!handle?.(failure)) frame.say(explain(failure, this.#texts));
      if (!isBookingError(error)) throw error;
    }
  }
}
