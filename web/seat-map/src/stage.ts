import { type PaintSource, paint } from "./paint.js";
import type { Box } from "./plan.js";
import { readTheme } from "./theme.js";
import { type Transform, centred, clamp, fit, keepInView, zoomAround } from "./view.js";

/** The canvas extends beyond the view by this share on each side: gestures show painted parts. */
const MARGIN = 0.3;
const WHOLE = 1 + 2 * MARGIN;
const SHARPEST = 2;
const GLIDE_MS = 260;
const LARGEST_SEAT_PX = 72;

interface StageSource extends PaintSource {
  /** Called after each painting. */
  onDrawn(isWhole: boolean): void;
}

/** The canvas: what part of the plan it shows, and when it is painted. */
export class Stage {
  at: Transform = { scale: 1, x: 0, y: 0 };
  draws = 0;
  width = 0;
  height = 0;
  #drawnAt = this.at;
  #atHome = true;
  #frame = 0;
  #stale = true;
  #gliding = 0;
  readonly #resize = new ResizeObserver(() => this.#resized());
  readonly #queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) =>
    matchMedia(query),
  );

  constructor(
    private readonly view: HTMLElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly source: StageSource,
  ) {}

  connect(): void {
    this.#resize.observe(this.view);
    for (const query of this.#queries) query.onchange = () => this.request();
    this.request();
  }

  disconnect(): void {
    this.#resize.disconnect();
    for (const query of this.#queries) query.onchange = null;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  whole(): Transform {
    const { box, pitch } = this.source.plan;
    return fit(box, this, LARGEST_SEAT_PX / 1.5 / pitch);
  }

  /** Shows the whole plan at the next frame. */
  home(): void {
    this.#atHome = true;
    this.at = this.whole();
    this.request();
  }

  toPlan(x: number, y: number): { x: number; y: number } {
    return { x: (x - this.at.x) / this.at.scale, y: (y - this.at.y) / this.at.scale };
  }

  /** Moves the canvas during a gesture. Paints again only if the canvas's edge comes into view. */
  move(to: Transform): void {
    this.#set(to);
    this.#stale ||= this.#edgeIsSeen();
    this.#schedule();
  }

  /** Animates to a position. Paints once, at the end. */
  glide(to: Transform): void {
    const { canvas } = this;
    this.#set(to);
    canvas.className = "glide";
    this.#place();
    clearTimeout(this.#gliding);
    const arrive = () => {
      this.#gliding = 0;
      canvas.className = "";
      this.request();
    };
    this.#gliding = window.setTimeout(arrive, GLIDE_MS);
  }

  /** Shows a point of the plan in the middle. */
  glideTo(scale: number, point: { x: number; y: number }): void {
    this.glide(centred(scale, point, this));
  }

  /** Shows a box of the plan. */
  glideToBox(box: Box): void {
    this.glide(fit(box, this));
  }

  /** Paints at the next frame. */
  request(): void {
    this.#stale = true;
    this.#schedule();
  }

  #set(to: Transform): void {
    const { box, pitch } = this.source.plan;
    const least = this.whole().scale;
    const scale = clamp(to.scale, least, LARGEST_SEAT_PX / pitch);
    this.#atHome = scale <= least * 1.001;
    const bounded = zoomAround(to, scale, this.width / 2, this.height / 2);
    this.at = this.#atHome ? this.whole() : keepInView(bounded, box, this);
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#gliding) return;
      if (this.#stale) this.#draw();
      else this.#place();
    });
  }

  #resized(): void {
    this.width = this.view.clientWidth;
    this.height = this.view.clientHeight;
    if (this.#atHome) this.at = this.whole();
    this.request();
  }

  #draw(): void {
    if (!this.width || !this.height) return;
    this.#stale = false;
    this.draws++;
    this.#drawnAt = this.at;
    paint({ ...this.#sized(), source: this.source, theme: readTheme(this.canvas) });
    this.#place();
    this.source.onDrawn(this.#atHome);
  }

  /** Sets the canvas's size only if it has changed: that clears it and allocates memory. */
  #sized() {
    const { canvas } = this;
    const context = canvas.getContext("2d")!;
    const ratio = Math.min(devicePixelRatio, SHARPEST);
    const width = this.width * WHOLE;
    const height = this.height * WHOLE;
    const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    context.setTransform(size.width / width, 0, 0, size.height / height, 0, 0);
    const { scale, x, y } = this.at;
    const at = { scale, x: x + this.width * MARGIN, y: y + this.height * MARGIN };
    return { context, width, height, at };
  }

  /** Moves the painted canvas to the current position, relative to the view's origin. */
  #place(): void {
    const { x, y, factor } = this.#shift();
    this.canvas.style.transform = `translate(${x}px, ${y}px) scale(${factor})`;
  }

  #shift() {
    const { at } = this;
    const factor = at.scale / this.#drawnAt.scale;
    return { x: at.x - factor * this.#drawnAt.x, y: at.y - factor * this.#drawnAt.y, factor };
  }

  /** Whether unpainted parts are in view, or painted ones are enlarged too much. */
  #edgeIsSeen(): boolean {
    const { x, y, factor } = this.#shift();
    const beyond = (moved: number, size: number) =>
      moved > factor * size * MARGIN || moved + factor * size * (1 + MARGIN) < size;
    return beyond(x, this.width) || beyond(y, this.height) || factor > 3;
  }
}
