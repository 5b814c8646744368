import { type AnyBookingError, type Client, createClient } from "@unified-booking/client";
import type { Checkout, Desk, Pay } from "./booking/checkout.js";
import type { Session } from "./booking/contact.js";
import { explain } from "./booking/messages.js";
import { MOST_SEATS, choosePanel } from "./booking/panels.js";
import { pickSeats } from "./booking/pick.js";
import { type SeatNews, followSeats } from "./booking/source.js";
import { BOOKING_STYLE } from "./booking/style.js";
import { BOOKING_TEXTS, type BookingTexts } from "./booking/texts.js";
import { h, sheet } from "./dom.js";
import type { Layout } from "./layout.js";
import { State } from "./paint.js";
import type { MapSeat } from "./plan.js";
import { SeatMap, type SeatPick } from "./seat-map.js";
import { type MapTexts, fill, money } from "./texts.js";

export type { BookingTexts, MapTexts, Pay, Session };
export { SeatMap };

/** For the simulated provider. A real one is a function of the page. */
const simulatedPay: Pay = async () => `pay_${crypto.getRandomValues(new Uint32Array(4)).join("")}`;
const SIGNED_OUT = ["UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_APP_MISMATCH"];

/**
 * Sells the seats of an entity: live map, contact, hold, timer, payment, booking.
 *
 * Attributes: `base-url`, `app-id`, `api-key`, `entity-id`, and where wanted `feed-key` and `plan-url`.
 * Properties, set before it is connected: `client`, `pay`, `texts`, `mapTexts`.
 * Events: `session` (signed in), `signed-out`, `held`, `booked`.
 */
export class SeatBooking extends HTMLElement {
  client: Client | undefined;
  pay: Pay = simulatedPay;
  texts: Partial<BookingTexts> = {};
  mapTexts: Partial<MapTexts> = {};

  #stop = new AbortController();
  #following: AbortController | undefined;
  #news: SeatNews | undefined;
  #indexById = new Map<string, number>();
  #plan: Layout | undefined;
  #selected = new Map<string, MapSeat>();
  #checkout: Checkout | undefined;
  #wish = { quantity: 2, category: "" };

  readonly #map = new SeatMap();
  readonly #panel = h("section", { class: "panel", part: "panel" });
  readonly #wait = h("div", { class: "wait" });
  readonly #notice = h("div", { class: "notice", hidden: true });
  readonly #live = h("p", { class: "hidden", role: "status" });
  readonly #urgent = h("p", { class: "hidden", role: "alert" });

  constructor() {
    super();
    this.#map.setAttribute("exportparts", "view, tip, tools, list");
    const place = h("div", { class: "place" }, this.#map, this.#wait, this.#notice);
    const frame = h("div", { class: "frame", part: "frame" }, place, this.#panel);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(BOOKING_STYLE)];
    root.append(frame, this.#live, this.#urgent);
    this.#map.addEventListener("seat-pick", (event) => {
      this.#picked((event as CustomEvent<SeatPick>).detail);
    });
  }

  connectedCallback(): void {
    this.#stop = new AbortController();
    this.client ??= createClient({
      baseUrl: this.getAttribute("base-url") ?? "",
      appId: this.getAttribute("app-id") ?? "",
      apiKey: this.getAttribute("api-key") ?? "",
    });
    this.client.userToken ??= this.#storage((store, name) => store.getItem(name)) ?? undefined;
    this.#map.texts = this.mapTexts;
    if (this.lang) this.#map.lang = this.lang;
    void this.#begin();
  }

  disconnectedCallback(): void {
    this.#stop.abort();
    this.#following?.abort();
    this.#checkout?.stop();
  }

  /** Reads the colours again, after the page has changed them. */
  refreshTheme(): void {
    this.#map.refreshTheme();
  }

  get #texts(): BookingTexts {
    return { ...BOOKING_TEXTS, ...this.texts };
  }

  async #begin(): Promise<void> {
    const { client } = this;
    this.#showWait(this.#texts.loading, true);
    const planUrl = this.getAttribute("plan-url");
    if (planUrl)
      this.#plan = await fetch(planUrl).then(
        (reply) => reply.json(),
        () => undefined,
      );
    if (!client?.userToken && !this.hasAttribute("feed-key")) return this.#askSignIn();
    this.#follow();
    const checkout = await this.#loaded();
    if (client?.userToken) await checkout.resume();
    // The seats came meanwhile, and nothing is to be resumed.
    if (this.#news && !this.#panel.firstChild) this.#showChoose(false);
  }

  /** What follows the choice is loaded while the user chooses. */
  async #loaded(): Promise<Checkout> {
    const { Checkout } = await import("./booking/checkout.js");
    return (this.#checkout ??= new Checkout(this.#desk()));
  }

  #desk(): Desk {
    return {
      client: this.client!,
      entityId: this.getAttribute("entity-id") ?? "",
      signal: this.#stop.signal,
      pay: (hold) => this.pay(hold),
      root: this.shadowRoot!,
      context: () => this.#context(),
      known: (seatId) => this.#news?.seats[this.#indexById.get(seatId) ?? -1],
      picked: () => [...this.#selected.values()],
      select: (seats) => this.#select(seats),
      mine: (seatIds) => (this.#map.mine = seatIds),
      show: (nodes, moveFocus) => this.#show(nodes, moveFocus),
      showChoose: (moveFocus) => this.#showChoose(moveFocus),
      say: (words, actions, kind) => this.#say(words, actions, kind),
      quiet: (kind) => this.#quiet(kind),
      announce: (words, urgent) => ((urgent ? this.#urgent : this.#live).textContent = words),
      lost: (seats, sold) => this.#offerOthers(seats, sold ? State.sold : State.held),
      session: (session) => this.#session(session),
      signedOut: () => void this.#signedOut(),
      emit: (name, detail) => this.#emit(name, detail),
    };
  }

  #follow(): void {
    this.#following?.abort();
    this.#following = new AbortController();
    followSeats({
      client: this.client!,
      entityId: this.getAttribute("entity-id") ?? "",
      feedKey: this.getAttribute("feed-key") || undefined,
      signal: this.#following.signal,
      onNews: (news) => this.#onNews(news),
      onError: (error) => this.#onFeedError(error),
    });
  }

  #onNews(news: SeatNews): void {
    const first = !this.#news;
    this.#news = news;
    if (first || !news.sameSeats) {
      this.#indexById = new Map(news.seats.map(({ seatId }, index) => [seatId, index]));
      this.#map.layout = this.#plan ?? news.layout;
      this.#map.currency = news.currency;
      this.#map.seats = news.seats;
    }
    this.#map.states = news.states;
    this.#quiet("stale");
    if (first) {
      if (news.seats.length === 0) this.#showWait(this.#texts.empty);
      else this.#wait.hidden = true;
      if (this.#checkout?.hold) this.#checkout.showHeld();
      else if (!this.#checkout?.busy) this.#showChoose(false);
    }
    this.#dropTaken();
  }

  #onFeedError(error: AnyBookingError): void {
    const texts = this.#texts;
    if (SIGNED_OUT.includes(error.code)) return void this.#signedOut();
    if (this.#news) return this.#say(texts.stale, [], "stale");
    this.#following?.abort();
    const again = () => void this.#begin();
    const retry = h("button", { type: "button", onclick: again }, texts.retry);
    this.#showWait(`${texts.loadFailed} ${explain(error, texts)}`, false, retry);
  }

  /** Picked seats that somebody else has taken meanwhile. */
  #dropTaken(): void {
    const held = this.#checkout?.hold?.seatIds ?? [];
    const lost = [...this.#selected.values()].filter(({ seatId }) => {
      const state = this.#stateOf(this.#indexById.get(seatId) ?? -1);
      return state !== State.free && !held.includes(seatId);
    });
    if (lost.length > 0 && !this.#checkout?.busy) this.#offerOthers(lost, State.held);
  }

  #picked({ seat, selected }: SeatPick): void {
    const { busy, hold, changing } = this.#checkout ?? {};
    if (busy || (hold && !changing)) return;
    if (!selected) this.#selected.delete(seat.seatId);
    else if (this.#selected.size < MOST_SEATS) this.#selected.set(seat.seatId, seat);
    else return this.#say(fill(this.#texts.SEAT_LIMIT_REACHED, { limit: MOST_SEATS }));
    this.#map.selected = this.#selected.keys();
    this.#showChoose(false);
  }

  #select(seats: MapSeat[]): void {
    this.#selected = new Map(seats.map((seat) => [seat.seatId, seat]));
    this.#map.selected = this.#selected.keys();
    if (seats.length === 0) return;
    this.#map.reveal(this.#selected.keys());
    this.#notice.hidden = true;
    this.#showChoose(false);
  }

  #context() {
    const currency = this.#news?.currency || this.#checkout?.hold?.currency || "USD";
    return {
      texts: this.#texts,
      plan: this.#map.plan,
      money: (amount: number) => money(amount, currency, this.lang || undefined),
      labelOf: (seat: MapSeat) => this.#map.labelOf(seat),
    };
  }

  #names(seats: MapSeat[]): string {
    const list = new Intl.ListFormat(this.lang || undefined);
    return list.format(seats.map((seat) => this.#map.labelOf(seat).name));
  }

  /** Changes the panel. The focus stays at what has the same name, or goes to the title. */
  #show(nodes: HTMLElement[], moveFocus: boolean): void {
    const active = this.shadowRoot!.activeElement as HTMLElement | null;
    const name = (element: HTMLElement) => element.ariaLabel ?? element.textContent;
    const wasInside = active && this.#panel.contains(active);
    this.#panel.replaceChildren(...nodes);
    const buttons = [...this.#panel.querySelectorAll("button")];
    const same = wasInside && !moveFocus && buttons.find((button) => name(button) === name(active));
    if (same) same.focus();
    else if (moveFocus || wasInside) this.#panel.querySelector("h2")?.focus();
  }

  #showChoose(moveFocus: boolean): void {
    const actions = {
      find: (quantity: number, category: string | undefined) => this.#find(quantity, category),
      remove: (seat: MapSeat) => this.#picked({ seat, selected: false }),
      proceed: () => void this.#loaded().then((checkout) => checkout.proceed()),
      ...(this.#checkout?.hold && { back: () => this.#keepHold() }),
    };
    const seats = [...this.#selected.values()];
    this.#show(choosePanel(this.#context(), this.#wish, seats, actions), moveFocus);
  }

  #keepHold(): void {
    this.#checkout!.changing = false;
    this.#select([]);
    this.#checkout!.showHeld();
  }

  /** Proposes seats. Whether they are free, the hold says. */
  #find(quantity: number, category: string | undefined): void {
    const stateOf = (index: number) => this.#stateOf(index);
    const found = pickSeats(this.#map.plan, stateOf, { quantity, category });
    if (found.length === 0) return this.#say(this.#texts.NOT_ENOUGH_SEATS);
    const seats = found.map((index) => this.#news!.seats[index]!);
    this.#select(seats);
    this.#live.textContent = this.#names(seats);
  }

  #stateOf(index: number): number {
    return this.#news?.states[index] ?? State.closed;
  }

  /** Says which seats are lost, and offers as many others near them. */
  #offerOthers(lost: MapSeat[], state: number): void {
    const texts = this.#texts;
    const news = this.#news!;
    const states = Array.from(news.states);
    const gone = lost.map(({ seatId }) => this.#indexById.get(seatId) ?? -1);
    for (const index of gone) states[index] = state;
    this.#map.states = news.states = states;
    for (const { seatId } of lost) this.#selected.delete(seatId);
    const near = this.#map.plan.spots[gone[0]!];
    const wish = { quantity: this.#selected.size + lost.length, category: near?.category, near };
    const found = pickSeats(this.#map.plan, (index) => this.#stateOf(index), wish);
    const others = found.map((index) => news.seats[index]!);
    this.#map.selected = this.#selected.keys();
    this.#showChoose(false);
    const taken = fill(lost.length === 1 ? texts.takenOne : texts.takenMany, {
      seats: this.#names(lost),
    });
    if (others.length === 0) return this.#say(taken);
    const offer = fill(texts.takenOffer, { seats: this.#names(others) });
    this.#say(`${taken} ${offer}`, [[texts.takeThese, () => this.#select(others)]]);
  }

  /** Without a feed only users see seats. */
  async #askSignIn(): Promise<void> {
    const texts = this.#texts;
    this.#showWait(texts.signInFirst);
    const checkout = await this.#loaded();
    const form = checkout.form(texts.continue, () => void this.#begin());
    this.#show([h("h2", { tabindex: -1 }, texts.signInFirst), form], false);
  }

  #session(session: Session): void {
    this.client!.userToken = session.token;
    this.#storage((store, name) => store.setItem(name, session.token));
    this.#emit("session", session);
  }

  async #signedOut(): Promise<void> {
    this.client!.userToken = undefined;
    this.#storage((store, name) => store.removeItem(name));
    this.#emit("signed-out", undefined);
    this.#say(this.#texts.UNAUTHENTICATED);
    if (this.hasAttribute("feed-key")) return (await this.#loaded()).askContact();
    this.#following?.abort();
    this.#news = undefined;
    await this.#askSignIn();
  }

  #showWait(words: string, loading = false, ...more: HTMLElement[]): void {
    const dots = Array.from({ length: 27 }, () => h("i"));
    this.#wait.hidden = false;
    this.#wait.replaceChildren(
      ...(loading ? [h("div", { class: "dots", "aria-hidden": "true" }, ...dots)] : []),
      h("p", { role: "status", class: "muted" }, words),
      ...more,
    );
    if (loading) this.#panel.replaceChildren();
  }

  #say(words: string, actions: [string, () => void][] = [], kind = ""): void {
    const close = () => (this.#notice.hidden = true);
    const label = this.#texts.dismiss;
    this.#notice.dataset.kind = kind;
    this.#notice.replaceChildren(
      h("p", { role: "alert" }, words),
      ...actions.map(([name, act]) => h("button", { type: "button", onclick: act }, name)),
      h("button", { type: "button", class: "close", "aria-label": label, onclick: close }, "×"),
    );
    this.#notice.hidden = false;
  }

  #quiet(kind: string): void {
    if (this.#notice.dataset.kind === kind) this.#notice.hidden = true;
  }

  #emit(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** The token is kept for this tab only, so that a reload finds the hold. Browsers may block it. */
  #storage<T>(use: (store: Storage, name: string) => T): T | undefined {
    try {
      return use(sessionStorage, `unified-booking:session:${this.getAttribute("app-id") ?? ""}`);
    } catch {
      return undefined;
    }
  }
}

if (!customElements.get("seat-booking")) customElements.define("seat-booking", SeatBooking);
