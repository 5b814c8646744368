import { button, div, h, part, shadow } from "../dom.js";
import { SeatMap } from "../seat-map.js";
import { BASE_STYLE } from "../theme.js";
import { BOOKING_STYLE } from "./style.js";

/** What the element shows: the map, the panel beside it, and a notice above the map. */
export class Frame {
  readonly map = new SeatMap();
  readonly panel = part("panel");
  readonly #root: ShadowRoot;
  readonly #notice = div("notice");
  readonly #live = h("p", { class: "hidden", role: "alert" });
  /** The name of the button that closes a notice. */
  closeLabel = "";
  #kind = "";

  constructor(host: HTMLElement) {
    this.map.setAttribute("exportparts", "view, tip, tools, list");
    const place = div("place", this.map, this.#notice);
    this.#notice.hidden = true;
    const frame = part("frame", place, this.panel);
    this.#root = shadow(host, BASE_STYLE + BOOKING_STYLE, frame, this.#live);
  }

  /** Replaces the panel. Moves the focus inside to the button of the same name, or to the title. */
  show(nodes: HTMLElement[], moveFocus: boolean): void {
    const active = this.#root.activeElement;
    const name = active?.ariaLabel ?? active?.textContent;
    const wasInside = this.panel.contains(active);
    this.panel.replaceChildren(...nodes);
    if (!moveFocus && !wasInside) return;
    const same = [...this.panel.querySelectorAll("button")].find(
      (each) => !moveFocus && (each.ariaLabel ?? each.textContent) === name,
    );
    (same ?? this.panel.querySelector("h2"))?.focus();
  }

  /** Shows a notice until the user closes it, or until `quiet` is called with its kind. */
  say(words: string, kind = "", action: HTMLElement | false | "" = ""): void {
    this.#kind = kind;
    this.#notice.replaceChildren(
      h("p", { role: "alert" }, words),
      action || "",
      button("×", () => this.quiet(), { class: "plain", "aria-label": this.closeLabel }),
    );
    this.#notice.hidden = false;
  }

  quiet(kind = this.#kind): void {
    if (this.#kind === kind) this.#notice.hidden = true;
  }

  /** For screen readers only. */
  announce(words: string): void {
    this.#live.textContent = words;
  }
}
