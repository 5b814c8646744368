import { h, sheet } from "./dom.js";
import { type GestureTarget, listen } from "./gestures.js";
import type { Layout } from "./layout.js";
import type { ListView } from "./list-view.js";
import { Stage } from "./stage.js";
import { sectionName, seatName, ticketLabel } from "./names.js";
import { State } from "./paint.js";
import { type MapSeat, Plan, type PlanSection } from "./plan.js";
import { MAP_TEXTS, type MapTexts } from "./texts.js";
import { STYLE } from "./theme.js";
import { ZOOM_STEP, toolbar } from "./toolbar.js";
import { fit, zoomAround } from "./view.js";

export { type Layout, placesOf } from "./layout.js";
export type { MapSeat, Plan } from "./plan.js";
export type { MapTexts } from "./texts.js";

export interface SeatPick {
  seat: MapSeat;
  selected: boolean;
}

/** Above this number of seats, sections are shown first. */
const SECTIONS_FIRST = 2000;
/** A seat that is smaller cannot be hit: a tap zooms in first. */
const TARGET_PX = 24;
const COMFORTABLE_PX = 34;
const KEYS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;
const EMPTY = new Plan([]);

/**
 * Draws seats, and tells what the user picks. It does no network.
 * Set `seats`, then `states`, `selected` and `mine` as they change. Event: `seat-pick`.
 */
export class SeatMap extends HTMLElement {
  #seats: readonly MapSeat[] = [];
  #layout: Layout | undefined;
  #states: ArrayLike<number> = [];
  #selected = new Set<string>();
  #mine = new Set<string>();
  #texts = MAP_TEXTS;
  #plan = EMPTY;
  #currency = "";
  #floor = "";
  #cursor = 0;
  #sectionCursor = 0;
  #turn = 0;
  #ready = false;
  #asList = false;

  readonly #canvas = h("canvas");
  readonly #options = [0, 1].map((n) => h("div", { id: `o${n}`, role: "option", class: "cursor" }));
  readonly #view = h("div", { class: "view", part: "view", role: "listbox", tabindex: 0 });
  readonly #tip = h("div", { class: "tip", part: "tip" });
  readonly #tools = h("div", { class: "tools", part: "tools" });
  readonly #listRoot = h("div", { class: "list", part: "list" });
  #list: ListView | undefined;
  readonly #stage: Stage;

  constructor() {
    super();
    const probe = h("span", { hidden: true });
    this.#view.append(this.#canvas, ...this.#options);
    const help = h("p", { id: "help", class: "hidden" });
    this.#view.setAttribute("aria-describedby", "help");
    this.#view.setAttribute("aria-multiselectable", "true");
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(STYLE)];
    root.append(probe, help, this.#tools, this.#view, this.#tip, this.#listRoot);
    this.#stage = new Stage(this.#view, this.#canvas, probe, (drawn) => this.#drawn(drawn));
    this.#stage.source = {
      plan: () => this.#plan,
      stateOf: (index) => this.#stateOf(index),
      floor: () => this.#floor || undefined,
      overview: () => this.#overview(),
      captionOf: (section, free) => [section.label, String(free)],
    };
    listen(this.#view, this.#gestures());
    this.#view.addEventListener("keydown", (event) => this.#key(event));
    this.#view.addEventListener("focus", () => this.#showCursor());
  }

  connectedCallback(): void {
    this.#stage.connect();
    this.#label();
  }

  disconnectedCallback(): void {
    this.#stage.disconnect();
  }

  get seats(): readonly MapSeat[] {
    return this.#seats;
  }
  set seats(seats: readonly MapSeat[]) {
    this.#seats = seats;
    this.#rebuild();
  }
  get layout(): Layout | undefined {
    return this.#layout;
  }
  set layout(layout: Layout | undefined) {
    this.#layout = layout;
    this.#rebuild();
  }
  /** By the order of `seats`: 0 free, 1 held, 2 sold, 3 not for sale. */
  set states(states: ArrayLike<number>) {
    this.#states = states;
    this.#changed();
  }
  /** The ids of the seats that the user has picked. */
  set selected(ids: Iterable<string>) {
    this.#selected = new Set(ids);
    this.#changed();
  }
  /** The ids of the seats of the user's own hold. */
  set mine(ids: Iterable<string>) {
    this.#mine = new Set(ids);
    this.#changed();
  }
  set currency(currency: string) {
    this.#currency = currency;
    this.#changed();
  }
  set texts(texts: Partial<MapTexts>) {
    this.#texts = { ...MAP_TEXTS, ...texts };
    this.#rebuild();
  }
  get plan(): Plan {
    return this.#plan;
  }
  /** How often the canvas was painted: for tests. */
  get draws(): number {
    return this.#stage.draws;
  }

  /** What a screen reader says: "Stalls, row C, seat 12, Gold, ₹450.00, available". */
  nameOf(index: number): string {
    const state = this.#stateOf(index);
    return seatName(this.#plan, index, state, this.#texts, this.#currency, this.lang);
  }

  /** What stands on a ticket: "Stalls C 12", and its category. */
  labelOf(seat: MapSeat): { name: string; category: string | undefined } {
    return ticketLabel(this.#plan, seat);
  }

  /** Reads the colours again, after the page has changed them. */
  refreshTheme(): void {
    this.#stage.refreshTheme();
  }

  /** Where the middle of a seat is in the window, for tips of the page's own. */
  pointOf(index: number): { x: number; y: number } {
    const { left, top } = this.#view.getBoundingClientRect();
    const { at } = this.#stage;
    const spot = this.#plan.spots[index]!;
    return { x: left + spot.x * at.scale + at.x, y: top + spot.y * at.scale + at.y };
  }

  /** Shows seats in the middle, large enough to be told apart. */
  reveal(ids: Iterable<string>): void {
    const wanted = new Set(ids);
    const index = this.#plan.spots.findIndex(({ seat }) => wanted.has(seat.seatId));
    if (index >= 0) this.#bringIntoView(index);
  }

  #rebuild(): void {
    this.#plan = new Plan(this.#seats, this.#layout);
    this.#floor = "";
    this.#cursor = Math.min(this.#cursor, Math.max(0, this.#plan.spots.length - 1));
    this.#ready = this.#seats.length > 0;
    this.#stage.home();
    this.#buildTools();
    this.#list?.reset();
    this.#label();
    this.#changed();
  }

  #label(): void {
    this.#view.setAttribute("aria-label", this.getAttribute("label") ?? this.#texts.map);
    this.shadowRoot!.getElementById("help")!.textContent = this.#texts.help;
    this.#name();
  }

  #changed(): void {
    this.#stage.request();
    if (this.#asList) this.#list?.update();
    else this.#name();
  }

  #stateOf(index: number): number {
    const id = this.#seats[index]!.seatId;
    if (this.#selected.has(id)) return State.selected;
    return this.#mine.has(id) ? State.mine : (this.#states[index] ?? State.free);
  }

  #overview(): boolean {
    const small = this.#plan.pitch * this.#stage.at.scale < 11;
    return this.#plan.spots.length > SECTIONS_FIRST && this.#plan.sections.length > 1 && small;
  }

  #buildTools(): void {
    const toggle = async () => {
      this.#asList = this.toggleAttribute("list");
      if (this.#asList) (await this.#listView()).update();
      else this.#stage.request();
      return this.#asList;
    };
    this.#tools.replaceChildren(
      ...toolbar(this.#texts, this.#plan.floors, {
        zoom: (factor) => this.#zoom(factor),
        whole: () => this.#stage.glide(this.#stage.whole()),
        floor: (floor) => this.#showFloor(floor),
        toggle,
      }),
    );
    this.#tools.hidden = !this.#ready;
  }

  #showFloor(floor: string): void {
    this.#floor = floor;
    const box = floor && this.#plan.boxOfFloor(floor);
    const { width, height } = this.#stage;
    this.#stage.glide(box ? fit(box, width, height) : this.#stage.whole());
  }

  #zoom(factor: number): void {
    const { at, width, height } = this.#stage;
    this.#stage.glide(zoomAround(at, at.scale * factor, width / 2, height / 2));
  }

  #gestures(): GestureTarget {
    return {
      current: () => this.#stage.at,
      move: (to) => this.#stage.move(to),
      settle: () => this.#stage.settle(),
      hover: (x, y) => this.#hover(x, y),
      leave: () => this.#tip.classList.remove("on"),
      tap: (x, y, twice) => this.#tap(x, y, twice),
    };
  }

  #tap(x: number, y: number, twice: boolean): void {
    const [px, py] = this.#stage.toPlan(x, y);
    const size = this.#plan.pitch * this.#stage.at.scale;
    if (this.#overview()) {
      const section = this.#plan.sectionAt(px, py);
      if (section) this.#enter(section);
      return;
    }
    const index = this.#plan.at(px, py);
    if (size < TARGET_PX) {
      const scale = COMFORTABLE_PX / this.#plan.pitch;
      this.#stage.glide(this.#stage.centred(scale, px, py));
    } else if (index !== undefined) {
      this.#cursor = index;
      this.#pick(index);
    } else if (twice) this.#zoom(ZOOM_STEP);
  }

  #enter(section: PlanSection): void {
    const { width, height } = this.#stage;
    const near = fit(section.box, width, height, (COMFORTABLE_PX * 1.2) / this.#plan.pitch);
    const seen = Math.max(near.scale, 14 / this.#plan.pitch);
    const { left, right, top, bottom } = section.box;
    this.#stage.glide(this.#stage.centred(seen, (left + right) / 2, (top + bottom) / 2));
    if (!section.seats.includes(this.#cursor)) this.#cursor = section.seats[0] ?? 0;
  }

  #hover(x: number, y: number): void {
    const [px, py] = this.#stage.toPlan(x, y);
    let words: string | undefined;
    if (this.#overview()) {
      const section = this.#plan.sectionAt(px, py);
      words = section && this.#sectionName(section);
    } else {
      const index = this.#plan.at(px, py);
      words = index === undefined ? undefined : this.nameOf(index);
    }
    this.#view.classList.toggle("over", words !== undefined);
    this.#tip.classList.toggle("on", words !== undefined);
    if (words === undefined) return;
    this.#tip.textContent = words;
    const left = Math.min(x + 14, Math.max(8, this.#stage.width - 232));
    const top = y + 70 > this.#stage.height ? y - 56 : y + 18;
    this.#tip.style.transform = `translate(${left}px, ${top}px)`;
  }

  #sectionName(section: PlanSection): string {
    return sectionName(section, this.#stage.freeIn(section), this.#texts);
  }

  #pick(index: number): void {
    const state = this.#stateOf(index);
    const seat = this.#seats[index]!;
    const open = state === State.free || state >= State.selected;
    const detail: SeatPick = { seat, selected: state === State.free };
    if (open)
      this.dispatchEvent(new CustomEvent("seat-pick", { detail, bubbles: true, composed: true }));
    this.#showCursor();
  }

  #key(event: KeyboardEvent): void {
    if (!this.#ready || event.altKey || event.ctrlKey || event.metaKey) return;
    const { key } = event;
    if (key in KEYS) this.#step(KEYS[key as keyof typeof KEYS]);
    else if (key === "Home" || key === "End") this.#toRowEnd(key === "Home");
    else if (key === "PageUp" || key === "PageDown") this.#toSection(key === "PageDown" ? 1 : -1);
    else if (key === " " || key === "Enter") this.#activate();
    else if (key === "+" || key === "=") this.#zoom(ZOOM_STEP);
    else if (key === "-" || key === "−") this.#zoom(1 / ZOOM_STEP);
    else if (key === "0" || key === "Escape") this.#stage.glide(this.#stage.whole());
    else return;
    event.preventDefault();
  }

  #step(direction: "left" | "right" | "up" | "down"): void {
    if (!this.#overview()) return this.#moveTo(this.#plan.next(this.#cursor, direction));
    this.#sectionCursor = this.#plan.nextSection(this.#sectionCursor, direction);
    this.#showCursor();
  }

  #toRowEnd(first: boolean): void {
    if (this.#overview()) {
      this.#sectionCursor = first ? 0 : this.#plan.sections.length - 1;
      return this.#showCursor();
    }
    const row = this.#plan.rowOf(this.#cursor);
    this.#moveTo(row.at(first ? 0 : -1) ?? this.#cursor);
  }

  #toSection(by: number): void {
    const { sections, spots } = this.#plan;
    const here = sections.findIndex(({ key }) => key === spots[this.#cursor]?.section);
    const next = sections[(here + by + sections.length) % sections.length];
    if (next) this.#moveTo(next.seats[0] ?? this.#cursor);
  }

  #activate(): void {
    if (!this.#overview()) return this.#pick(this.#cursor);
    const section = this.#plan.sections[this.#sectionCursor];
    if (section) this.#enter(section);
  }

  #moveTo(index: number): void {
    this.#cursor = index;
    this.#bringIntoView(index);
    this.#showCursor();
  }

  /** Zooms in first if seats are too small, and moves the plan only if the seat is at the edge. */
  #bringIntoView(index: number): void {
    const spot = this.#plan.spots[index]!;
    const { at, width, height } = this.#stage;
    const size = this.#plan.pitch * at.scale;
    const x = spot.x * at.scale + at.x;
    const y = spot.y * at.scale + at.y;
    const inside = x > size && y > size + 48 && x < width - size && y < height - size;
    if (inside && size >= TARGET_PX) return;
    const scale = Math.max(at.scale, COMFORTABLE_PX / this.#plan.pitch);
    this.#stage.glide(this.#stage.centred(scale, spot.x, spot.y));
  }

  /** The other option becomes the active one, so that a screen reader says it. */
  #showCursor(): void {
    this.#turn = 1 - this.#turn;
    this.#name();
  }

  #name(): void {
    const overview = this.#overview();
    const option = this.#options[this.#turn]!;
    const section = this.#plan.sections[this.#sectionCursor];
    const state = this.#ready ? this.#stateOf(this.#cursor) : State.closed;
    const name =
      overview && section ? this.#sectionName(section) : this.#ready && this.nameOf(this.#cursor);
    for (const each of this.#options) {
      each.setAttribute("aria-label", name || this.#texts.none);
      each.setAttribute("aria-selected", String(!overview && state >= State.selected));
      each.setAttribute("aria-disabled", String(!overview && state > 0 && state < State.selected));
      each.classList.toggle("on", each === option && this.#ready);
    }
    this.#view.setAttribute("aria-activedescendant", option.id);
    this.#placeCursor();
  }

  #placeCursor(): void {
    const { at } = this.#stage;
    const section = this.#plan.sections[this.#sectionCursor];
    const spot = this.#plan.spots[this.#cursor];
    if (!spot) return;
    const half = this.#plan.pitch * 0.45;
    const box =
      this.#overview() && section
        ? section.box
        : { left: spot.x - half, top: spot.y - half, right: spot.x + half, bottom: spot.y + half };
    for (const { style } of this.#options) {
      style.transform = `translate(${box.left * at.scale + at.x}px, ${box.top * at.scale + at.y}px)`;
      style.width = `${(box.right - box.left) * at.scale}px`;
      style.height = `${(box.bottom - box.top) * at.scale}px`;
    }
  }

  #drawn(isWhole: boolean): void {
    this.#view.classList.toggle("zoomed", !isWhole);
    this.#name();
  }

  /** Loaded when it is first wanted. */
  async #listView(): Promise<ListView> {
    const { ListView } = await import("./list-view.js");
    this.#list ??= new ListView(this.#listRoot, {
      plan: () => this.#plan,
      texts: () => this.#texts,
      stateOf: (index) => this.#stateOf(index),
      nameOf: (index) => this.nameOf(index),
      pick: (index) => this.#pick(index),
    });
    return this.#list;
  }
}

if (!customElements.get("seat-map")) customElements.define("seat-map", SeatMap);
