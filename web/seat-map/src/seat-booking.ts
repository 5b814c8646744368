import {
  type AnyBookingError,
  type Client,
  type Schemas,
  createClient,
} from "@unified-booking/client";
import type { Session } from "./booking/contact.js";
import { Frame } from "./booking/frame.js";
import { explain } from "./booking/messages.js";
import { title } from "./booking/panels.js";
import { type Pay, Sale } from "./booking/sale.js";
import { BOOKING_TEXTS, type BookingTexts } from "./booking/texts.js";
import { button, define, emit, h } from "./dom.js";
import { SeatMap, type SeatPick } from "./seat-map.js";
import type { MapTexts } from "./texts.js";

export type { BookingTexts, MapTexts, Pay, Session };
export { SeatMap };

/**
 * Sells the seats of an entity: live map, contact, hold, timer, payment, booking.
 *
 * Attributes: `base-url`, `app-id`, `api-key`, `entity-id`.
 * Properties, set before it is connected: `client`, `entity`, `pay`, `texts`, `mapTexts`.
 * Events: `session` (signed in), `signed-out`, `held`, `booked`.
 */
export class SeatBooking extends HTMLElement {
  client!: Client;
  /** The response of `GET /entities/{entityId}`, if the page has it. Saves a request. */
  entity: Pick<Schemas["Entity"], "feedKey" | "liveUrl" | "sales"> | undefined;
  /** Pays with the simulated provider. For a real one, the page sets its own function. */
  pay: Pay = async () => `pay_${Date.now()}${Math.random()}`;
  texts: Partial<BookingTexts> = {};
  mapTexts: Partial<MapTexts> = {};
  /** @internal */
  readonly frame = new Frame(this);
  /** @internal */
  words = BOOKING_TEXTS;
  /** @internal */
  entityId = "";
  #stop = new AbortController();
  #sale: Sale | undefined;

  constructor() {
    super();
    this.frame.map.addEventListener("seat-pick", (event) => {
      const { seat, selected } = (event as CustomEvent<SeatPick>).detail;
      this.#sale?.pick(seat, selected);
    });
  }

  connectedCallback(): void {
    const { map } = this.frame;
    this.client ??= createClient({
      baseUrl: this.#attribute("base-url"),
      appId: this.#attribute("app-id"),
      apiKey: this.#attribute("api-key"),
    });
    this.client.userToken ??= this.#storage((store, name) => store.getItem(name)) || undefined;
    this.entityId = this.#attribute("entity-id");
    this.words = { ...BOOKING_TEXTS, ...this.texts };
    this.frame.closeLabel = this.words.dismiss;
    map.texts = this.mapTexts;
    map.lang = this.lang;
    void this.#begin();
  }

  #attribute(name: string): string {
    return this.getAttribute(name) ?? "";
  }

  disconnectedCallback(): void {
    this.#stop.abort();
  }

  /** Reads the colours again, after the page has changed them. */
  refreshTheme(): void {
    this.frame.map.refreshTheme();
  }

  async #begin(): Promise<void> {
    const { frame, client, words, entityId } = this;
    const { signal } = (this.#stop = new AbortController());
    const sale = (this.#sale = new Sale(this, signal));
    let loaded = false;
    const onError = (error: unknown) => {
      if (signal.aborted) return;
      if (loaded) return frame.say(words.stale, "stale");
      this.#stop.abort();
      const why = explain(error as AnyBookingError, words);
      const retry = button(words.retry, () => this.#begin());
      frame.show([title(words.loadFailed), h("p", {}, why), retry]);
    };
    frame.show([title(words.loading)]);
    try {
      const { feedKey, liveUrl, sales } =
        this.entity ?? (await client.getEntity({ entityId }, { signal }));
      sale.refusal = words[sales as keyof BookingTexts];
      client.watch(feedKey ?? "", {
        signal,
        liveUrl,
        onError,
        onChange: (snapshot) => {
          loaded = true;
          frame.quiet("stale");
          sale.update(snapshot);
        },
      });
      if (client.userToken) await sale.resume();
    } catch (error) {
      onError(error);
    }
  }

  /**
   * Stores or removes the session. If the client is the element's own, the tab's storage keeps the
   * token, so that a reload finds the hold.
   * @internal
   */
  session(session: Session | undefined): void {
    this.client.userToken = session?.token;
    this.#storage((store, name) => store.setItem(name, session?.token ?? ""));
    emit(this, session ? "session" : "signed-out", session);
  }

  /**
   * Uses the tab's storage, unless the browser blocks it. Does nothing without `app-id`: a page
   * with its own client keeps the session itself.
   */
  #storage<T>(use: (store: Storage, name: string) => T): T | undefined {
    const app = this.#attribute("app-id");
    try {
      return (app && use(sessionStorage, `unified-booking:session:${app}`)) as T;
    } catch {
      return undefined;
    }
  }
}

define("seat-booking", SeatBooking);
