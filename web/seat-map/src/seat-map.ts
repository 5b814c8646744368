import { button, define, emit, h, part, select, shadow } from "./dom.js";
import { listen } from "./gestures.js";
import type { Layout, Point } from "./layout.js";
import { ListView } from "./list-view.js";
import { type TicketLabel, seatName, ticketLabel } from "./names.js";
import { State, isOpen, place } from "./paint.js";
import { type MapSeat, Plan, type PlanSection, type Spot, boxOf, corners } from "./plan.js";
import { Stage } from "./stage.js";
import { MAP_TEXTS, type MapTexts, fill } from "./texts.js";
import { BASE_STYLE, MAP_STYLE } from "./theme.js";
import { fit, zoomAround } from "./view.js";

export { type Layout, placesOf } from "./layout.js";
export type { MapSeat, Plan } from "./plan.js";
export type { MapTexts } from "./texts.js";

declare global {
  interface HTMLElementTagNameMap {
    "seat-map": SeatMap;
  }
}

export interface SeatPick {
  seat: MapSeat;
  selected: boolean;
}

/** Above this number of seats, sections are shown first. */
const SECTIONS_FIRST = 2000;
/** Then sections are shown while seats are smaller than this. */
const SECTION_PX = 11;
const ENTERED_PX = 14;
/** Smaller seats are hard to hit, so a tap zooms in first. */
const TARGET_PX = 24;
const COMFORTABLE_PX = 34;
const ZOOM_STEP = 1.6;
const ZOOMS: Record<string, number> = {
  "+": ZOOM_STEP,
  "=": ZOOM_STEP,
  "-": 1 / ZOOM_STEP,
};
const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Draws seats, and reports what the user picks. It sends no requests.
 * Set `seats`, then `states`, `selected` and `mine` as they change. Event: `seat-pick`.
 */
export class SeatMap extends HTMLElement {
  #seats: readonly MapSeat[] = [];
  #layout: Layout | undefined;
  #states: ArrayLike<number> = [];
  #selected = new Set<string>();
  #mine = new Set<string>();
  #texts = MAP_TEXTS;
  #plan = new Plan([]);
  #currency = "";
  /** The index of the keyboard's seat. While sections are shown, that seat's section is meant. */
  #cursor = 0;
  #turn = 0;

  readonly #canvas = h("canvas");
  readonly #options = [0, 1].map((n) => h("div", { id: `o${n}`, role: "option", class: "cursor" }));
  readonly #help = h("p", { id: "help", class: "hidden" });
  readonly #view = part("view", this.#canvas, ...this.#options);
  readonly #tip = part("tip");
  readonly #tools = part("tools");
  readonly #listRoot = part("list");
  readonly #stage = new Stage(this.#view, this.#canvas, this);
  readonly #list = new ListView(this.#listRoot, this);

  constructor() {
    super();
    const view = this.#view;
    shadow(this, BASE_STYLE + MAP_STYLE, this.#help, this.#tools, view, this.#tip, this.#listRoot);
    view.role = "listbox";
    view.tabIndex = 0;
    view.ariaMultiSelectable = "true";
    view.setAttribute("aria-describedby", "help");
    view.onkeydown = (event) => this.#key(event);
    view.onfocus = () => this.#showCursor();
    this.#tip.hidden = true;
    listen(
      view,
      this.#stage,
      (x, y) => this.#tap(x, y),
      (x, y) => this.#hover(x, y),
    );
  }

  connectedCallback(): void {
    this.#stage.connect();
    this.#rebuild();
  }

  disconnectedCallback(): void {
    this.#stage.disconnect();
  }

  set seats(seats: readonly MapSeat[]) {
    this.#seats = seats;
    this.#rebuild();
  }
  set layout(layout: Layout | undefined) {
    this.#layout = layout;
    this.#rebuild();
  }
  /** In the order of `seats`: 0 free, 1 held, 2 sold, 3 not for sale. */
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
  get #here(): Spot {
    return this.#plan.spots[this.#cursor]!;
  }
  /** How often the canvas was painted. For tests. */
  get draws(): number {
    return this.#stage.draws;
  }

  /** The seat as a ticket names it, "Stalls C 12", and its category. */
  labelOf({ seatId, seatNumber }: MapSeat): TicketLabel {
    const spot = this.#plan.spots.find(({ seat }) => seat.seatId === seatId);
    return spot ? ticketLabel(spot, this.#plan.sections.length > 1) : { name: seatNumber };
  }

  /** Reads the colours again, after the page has changed them. */
  refreshTheme(): void {
    this.#stage.request();
  }

  /** The middle of a seat in window coordinates, for a page's own tooltips. */
  pointOf(index: number): { x: number; y: number } {
    const { left, top } = this.#view.getBoundingClientRect();
    const spot = this.#plan.spots[index]!;
    const [x, y] = place(this.#stage, spot.x, spot.y);
    return { x: left + x, y: top + y };
  }

  /** Brings the first of these seats into view, and zooms in if seats are small. */
  reveal(ids: Iterable<string>): void {
    const wanted = new Set(ids);
    const spot = this.#plan.spots.find(({ seat }) => wanted.has(seat.seatId));
    if (spot) this.#bringIntoView(spot);
  }

  #rebuild(): void {
    this.#plan = new Plan(this.#seats, this.#layout);
    this.#cursor = 0;
    this.#stage.home();
    this.#buildTools();
    this.#list.reset(this.#plan, this.#texts);
    this.#view.ariaLabel = this.#texts.map;
    this.#help.textContent = this.#texts.help;
    this.#changed();
  }

  #changed(): void {
    this.#stage.request();
    if (this.hasAttribute("list")) this.#list.update();
    else this.#name();
  }

  /** @internal */
  stateOf({ seat: { seatId }, index }: Spot): number {
    if (this.#selected.has(seatId)) return State.selected;
    return this.#mine.has(seatId) ? State.mine : (this.#states[index] ?? State.free);
  }

  /** @internal */
  onDrawn(isWhole: boolean): void {
    this.#view.classList.toggle("zoomed", !isWhole);
    this.#name();
  }

  /** @internal */
  freeIn({ spots }: PlanSection): number {
    return spots.filter((spot) => this.stateOf(spot) === State.free).length;
  }

  /**
   * "Stalls, row C, seat 12, Gold, ₹450.00, available", or of a section "Stalls: 40 available".
   * @internal
   */
  nameOf(spot: Spot | undefined): string {
    const texts = this.#texts;
    if (!spot) return texts.none;
    const section = spot.within!;
    if (!this.overview) return seatName(spot, this.stateOf(spot), texts, this.#currency, this.lang);
    const count = this.freeIn(section);
    return fill(count ? texts.section : texts.full, { section: section.label, count });
  }

  /**
   * Whether sections are shown instead of seats.
   * @internal
   */
  get overview(): boolean {
    const { spots, sections } = this.#plan;
    const many = spots.length > SECTIONS_FIRST && sections.length > 1;
    return many && !this.hasAttribute("list") && this.#pitchPx() < SECTION_PX;
  }

  #pitchPx(): number {
    return this.#plan.pitch * this.#stage.at.scale;
  }

  /** The zoom buttons have keyboard shortcuts, so only the list button is a Tab stop. */
  #buildTools(): void {
    const texts = this.#texts;
    const { floors } = this.#plan;
    const zoom = { class: "zoom", tabindex: -1 };
    const tool = (sign: string, label: string, act: () => unknown, props: object = zoom) =>
      button(sign, act, { "aria-label": label, title: label, ...props });
    const options = [{ key: "", label: texts.allFloors }, ...floors];
    const isList = this.hasAttribute("list");
    const toggle = () => {
      this.toggleAttribute("list");
      this.#buildTools();
      this.#changed();
      (this.#tools.lastChild as HTMLElement).focus();
    };
    this.#tools.replaceChildren(
      ...(floors.length > 1
        ? [select(texts.floor, options, (floor) => this.#showFloor(floor), zoom)]
        : []),
      tool("+", texts.zoomIn, () => this.#zoom(ZOOM_STEP)),
      tool("−", texts.zoomOut, () => this.#zoom(1 / ZOOM_STEP)),
      tool("⤢", texts.whole, () => this.#stage.glideToBox(this.#plan.box)),
      tool("☰", isList ? texts.asMap : texts.asList, toggle, {}),
    );
    this.#tools.hidden = !this.#seats.length;
  }

  #showFloor(floor: string): void {
    const plan = this.#plan;
    plan.floor = floor;
    const shown = plan.shown(plan.sections);
    // The keyboard's seat must be one that is shown.
    this.#cursor = shown[0]?.spots[0]!.index ?? 0;
    this.#stage.glideToBox(boxOf(shown.flatMap(({ box }) => corners(box))));
  }

  #zoom(factor: number): void {
    const { at, width, height } = this.#stage;
    this.#stage.glide(zoomAround(at, at.scale * factor, width / 2, height / 2));
  }

  /** The seat at a point of the view. While sections are shown, a seat of the section there. */
  #at(x: number, y: number): Spot | undefined {
    const { pitch } = this.#plan;
    return this.#plan.at(this.#stage.toPlan(x, y), this.overview ? 3 * pitch : pitch / 2);
  }

  #tap(x: number, y: number): void {
    const spot = this.#at(x, y);
    if (this.#pitchPx() < TARGET_PX && !this.overview)
      this.#stage.glideTo(COMFORTABLE_PX / this.#plan.pitch, this.#stage.toPlan(x, y));
    else if (spot) {
      this.#cursor = spot.index;
      this.#activate();
    }
  }

  #hover(x?: number, y = 0): void {
    const spot = x !== undefined && this.#at(x, y);
    this.#view.classList.toggle("over", !!spot);
    this.#tip.hidden = !spot;
    if (!spot) return;
    this.#tip.textContent = this.nameOf(spot);
    this.#tip.style.translate = `min(${x! + 14}px, 100cqw - 15rem) min(${y + 18}px, 100cqh - 4rem)`;
  }

  /** @internal */
  pick(spot: Spot): void {
    const state = this.stateOf(spot);
    const detail: SeatPick = { seat: spot.seat, selected: state === State.free };
    if (isOpen(state)) emit(this, "seat-pick", detail);
    this.#showCursor();
  }

  #key(event: KeyboardEvent): void {
    const { key } = event;
    const zoom = ZOOMS[key];
    const arrow = ARROWS[key];
    if (!this.#seats.length || event.altKey || event.ctrlKey || event.metaKey) return;
    if (zoom) this.#zoom(zoom);
    else if (arrow && this.overview) this.#toSection(arrow[0] + arrow[1]);
    else if (arrow) this.#moveTo(this.#plan.next(this.#here, arrow));
    else if (key === "Home") this.#toEnd(0);
    else if (key === "End") this.#toEnd(-1);
    else if (key === "PageUp") this.#toSection(-1);
    else if (key === "PageDown") this.#toSection(1);
    else if (key === " " || key === "Enter") this.#activate();
    else if (key === "Escape") this.#stage.glideToBox(this.#plan.box);
    else return;
    event.preventDefault();
  }

  /** Moves to the first or last seat of the row. */
  #toEnd(at: number): void {
    this.#moveTo(this.#plan.rows.find((row) => row.includes(this.#here))!.at(at)!);
  }

  #toSection(by: number): void {
    const sections = this.#plan.shown(this.#plan.sections);
    const next = sections.indexOf(this.#here.within!) + by;
    this.#moveTo(sections.at(next % sections.length)!.spots[0]!);
  }

  /** Picks a seat, or opens a section. */
  #activate(): void {
    const { pitch } = this.#plan;
    if (!this.overview) return this.pick(this.#here);
    const { box } = this.#here.within!;
    const { scale } = fit(box, this.#stage, COMFORTABLE_PX / pitch);
    this.#stage.glideTo(Math.max(scale, ENTERED_PX / pitch), box);
  }

  #moveTo(spot: Spot): void {
    this.#cursor = spot.index;
    if (!this.overview) this.#bringIntoView(spot);
    this.#showCursor();
  }

  /** Zooms in if seats are too small. Moves the plan only if the seat is outside or at the edge. */
  #bringIntoView(spot: Spot): void {
    const { at, width, height } = this.#stage;
    const size = this.#pitchPx();
    const [x, y] = place(this.#stage, spot.x, spot.y);
    const inside = x > size && y > size && x < width - size && y < height - size;
    if (!inside || size < TARGET_PX)
      this.#stage.glideTo(Math.max(at.scale, COMFORTABLE_PX / this.#plan.pitch), spot);
  }

  /** Makes the other option active: screen readers speak only when the active option changes. */
  #showCursor(): void {
    this.#turn = 1 - this.#turn;
    this.#name();
  }

  #name(): void {
    const { at } = this.#stage;
    const spot: Spot | undefined = this.#here;
    const overview = this.overview;
    const state = !spot ? State.closed : overview ? State.free : this.stateOf(spot);
    const size = this.#plan.pitch * 0.9;
    const around = { ...spot, wide: size, high: size };
    const { x = 0, y = 0, wide, high } = (overview && spot?.within?.box) || around;
    const [left, top] = place(this.#stage, x - wide / 2, y - high / 2);
    this.#options.forEach((option, turn) => {
      option.ariaLabel = this.nameOf(spot);
      option.ariaSelected = String(state >= State.selected);
      option.ariaDisabled = String(!isOpen(state));
      option.classList.toggle("on", turn === this.#turn && !!spot);
      Object.assign(option.style, {
        translate: `${left}px ${top}px`,
        width: `${wide * at.scale}px`,
        height: `${high * at.scale}px`,
      });
    });
    this.#view.setAttribute("aria-activedescendant", `o${this.#turn}`);
  }
}

define("seat-map", SeatMap);
