/** Registers a custom element, unless another script on the page has taken its name. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}

/** Dispatches an event that also leaves the shadow root. */
export function emit(element: HTMLElement, name: string, detail: unknown): void {
  element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}

type Child = Node | string | false | null | undefined;
type Props = Record<string, unknown>;

/**
 * Attaches a shadow root with a constructed style sheet: a strict Content-Security-Policy refuses a
 * `<style>` element.
 */
export function shadow(host: HTMLElement, css: string, ...children: Node[]): ShadowRoot {
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  root.append(...children);
  return root;
}

/** Creates an element. Props that begin with `on` become properties, all others attributes. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) (element as unknown as Props)[name] = value;
    else if (value !== false) element.setAttribute(name, `${value}`);
  }
  element.append(...(children.filter(Boolean) as (Node | string)[]));
  return element;
}

export function button(label: string, onclick: () => unknown, props: Props = {}) {
  return h("button", { type: "button", onclick, ...props }, label);
}

export function div(className: string, ...children: Child[]) {
  return h("div", { class: className }, ...children);
}

/** A `<div>` that pages may style by `::part(name)`. */
export function part(name: string, ...children: Child[]) {
  return h("div", { class: name, part: name }, ...children);
}

/** A `<select>`. Each option is a value and, if it differs, the label that is shown. */
export function select(
  label: string,
  options: { key: string; label?: string }[],
  onchange: (value: string) => void,
  props: Props = {},
) {
  const choice = h(
    "select",
    { "aria-label": label, onchange: () => onchange(choice.value), ...props },
    ...options.map(({ key, label = key }) => h("option", { value: key }, label)),
  );
  return choice;
}
