import { button, div, h, part, shadow } from "../dom.js";
import { BASE_STYLE } from "../theme.js";
import { BOOKING_STYLE } from "./style.js";

/** What the element shows: the map, the panel beside it, and a notice above the map. */
export class Frame {
  // By its name: another copy of this script may have defined the element.
  readonly map = h("seat-map", { exportparts: "view, tip, tools, list" });
  readonly panel = part("panel");
  readonly #root: ShadowRoot;
  readonly #notice = div("notice");
  readonly #live = h("p", { class: "hidden", role: "alert" });
  /** The name of the button that closes a notice. */
  closeLabel = "";
  #kind = "";

  constructor(host: HTMLElement) {
    const place = div("place", this.map, this.#notice);
    this.quiet();
    const frame = part("frame", place, this.panel);
    this.#root = shadow(host, BASE_STYLE + BOOKING_STYLE, frame, this.#live);
  }

  /** Replaces the panel. Moves the focus inside to the button of the same name, or to the title. */
  show(nodes: HTMLElement[], moveFocus = false): void {
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
    // The button that is closed has the focus. On a phone, the title may be far below.
    const close = () => {
      this.quiet();
      this.panel.querySelector("h2")?.focus({ preventScroll: true });
    };
    this.#kind = kind;
    this.#notice.replaceChildren(
      h("p", { role: "alert" }, words),
      action || "",
      button("×", close, { class: "plain", "aria-label": this.closeLabel }),
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
