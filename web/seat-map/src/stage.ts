import { type Picture, State, paint } from "./paint.js";
import type { Plan, PlanSection } from "./plan.js";
import { type Theme, readTheme } from "./theme.js";
import { type Transform, fit, keepInView } from "./view.js";

export interface StageSource {
  plan(): Plan;
  stateOf(index: number): number;
  floor(): string | undefined;
  overview(): boolean;
  captionOf: Picture["captionOf"];
}

/** The canvas is larger than the view by this share on each side: a gesture shows drawn plan. */
const MARGIN = 0.5;
const MOST_PIXELS = 8_000_000;
const GLIDE_MS = 260;
const LARGEST_SEAT_PX = 72;

/** The canvas: what part of the plan it shows, and when it is painted. */
export class Stage {
  at: Transform = { scale: 1, x: 0, y: 0 };
  draws = 0;
  width = 0;
  height = 0;
  source!: StageSource;
  #drawnAt = this.at;
  #theme: Theme | undefined;
  #atHome = true;
  #frame = 0;
  #stale = true;
  #gliding: ReturnType<typeof setTimeout> | undefined;
  #free: number[] = [];
  readonly #resize = new ResizeObserver(() => this.#resized());
  readonly #queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) =>
    matchMedia(query),
  );
  readonly #onTheme = () => this.refreshTheme();

  constructor(
    private readonly view: HTMLElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly probe: HTMLElement,
    private readonly onDrawn: (isWhole: boolean) => void,
  ) {}

  connect(): void {
    this.#resize.observe(this.view);
    for (const query of this.#queries) query.addEventListener("change", this.#onTheme);
    this.refreshTheme();
  }

  disconnect(): void {
    this.#resize.disconnect();
    for (const query of this.#queries) query.removeEventListener("change", this.#onTheme);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  refreshTheme(): void {
    this.#theme = undefined;
    this.request();
  }

  whole(): Transform {
    const plan = this.source.plan();
    return fit(plan.box, this.width, this.height, LARGEST_SEAT_PX / 1.5 / plan.pitch);
  }

  /** Shows the whole plan at the next frame. */
  home(): void {
    this.#atHome = true;
    this.at = this.whole();
    this.request();
  }

  /** A scale with a point of the plan in the middle of the view. */
  centred(scale: number, x: number, y: number): Transform {
    return { scale, x: this.width / 2 - x * scale, y: this.height / 2 - y * scale };
  }

  toPlan(x: number, y: number): [number, number] {
    return [(x - this.at.x) / this.at.scale, (y - this.at.y) / this.at.scale];
  }

  /** Part of a gesture: moves what is drawn. It is painted again only if its edge comes into view. */
  move(to: Transform): void {
    this.#set(to);
    this.#stale ||= this.#edgeIsSeen();
    this.#schedule();
  }

  settle(): void {
    this.request();
  }

  /** Moves there, unless the user wants no motion. Painted once, at the end. */
  glide(to: Transform): void {
    this.#set(to);
    this.canvas.classList.add("glide");
    this.#place();
    clearTimeout(this.#gliding);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#gliding = setTimeout(() => this.#arrive(), still ? 0 : GLIDE_MS);
  }

  /** Paints at the next frame. */
  request(): void {
    this.#stale = true;
    this.#schedule();
  }

  freeIn(section: PlanSection): number {
    return section.seats.reduce(
      (sum, index) => sum + +(this.source.stateOf(index) === State.free),
      0,
    );
  }

  #arrive(): void {
    this.#gliding = undefined;
    this.canvas.classList.remove("glide");
    this.request();
  }

  #set(to: Transform): void {
    const plan = this.source.plan();
    const least = this.whole().scale;
    const most = Math.max(least, LARGEST_SEAT_PX / plan.pitch);
    const scale = Math.min(Math.max(to.scale, least), most);
    const factor = scale / to.scale;
    const middle = { x: this.width / 2, y: this.height / 2 };
    const bounded = {
      scale,
      x: middle.x - (middle.x - to.x) * factor,
      y: middle.y - (middle.y - to.y) * factor,
    };
    this.#atHome = scale <= least * 1.001;
    this.at = this.#atHome ? this.whole() : keepInView(bounded, plan.box, this.width, this.height);
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#stale && !this.#gliding) this.#draw();
      else if (!this.#gliding) this.#place();
    });
  }

  #resized(): void {
    this.width = this.view.clientWidth;
    this.height = this.view.clientHeight;
    if (this.#atHome) this.at = this.whole();
    this.request();
  }

  #draw(): void {
    if (this.width === 0 || this.height === 0) return;
    this.#stale = false;
    this.draws++;
    const theme = (this.#theme ??= readTheme(this.probe));
    const { width, height } = this.#canvasSize();
    const context = this.canvas.getContext("2d")!;
    const plan = this.source.plan();
    const overview = this.source.overview();
    if (overview) this.#free = plan.sections.map((section) => this.freeIn(section));
    this.#drawnAt = this.at;
    const at = {
      ...this.at,
      x: this.at.x + this.width * MARGIN,
      y: this.at.y + this.height * MARGIN,
    };
    const { stateOf, floor, captionOf } = this.source;
    const free = this.#free;
    paint(context, {
      plan,
      theme,
      at,
      width,
      height,
      stateOf,
      overview,
      floor: floor(),
      captionOf,
      free,
    });
    this.#place();
    this.onDrawn(this.#atHome);
  }

  /** Sets the canvas's size if it has changed: that clears it and costs memory. */
  #canvasSize() {
    const width = this.width * (1 + 2 * MARGIN);
    const height = this.height * (1 + 2 * MARGIN);
    const ratio = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (width * height)));
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    this.canvas.getContext("2d")!.setTransform(w / width, 0, 0, h / height, 0, 0);
    return { width, height };
  }

  /** Moves the painted canvas to where the view is now. */
  #place(): void {
    const { x, y, factor } = this.#shift();
    this.canvas.style.transform = `translate(${x}px, ${y}px) scale(${factor})`;
  }

  #shift() {
    const factor = this.at.scale / this.#drawnAt.scale;
    const x = this.at.x - factor * (this.#drawnAt.x + this.width * MARGIN);
    const y = this.at.y - factor * (this.#drawnAt.y + this.height * MARGIN);
    return { x, y, factor };
  }

  /** Whether the view shows what is not painted, or what is painted too coarsely. */
  #edgeIsSeen(): boolean {
    const { x, y, factor } = this.#shift();
    const beyond = (low: number, size: number) =>
      low > 0 || low + factor * size * (1 + 2 * MARGIN) < size;
    return beyond(x, this.width) || beyond(y, this.height) || factor > 3;
  }
}
