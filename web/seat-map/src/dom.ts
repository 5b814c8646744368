/** Makes a class an element, unless another script on the page did so before. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}

/** An event that leaves the shadow root of any element around. */
export function emit(element: HTMLElement, name: string, detail: unknown): void {
  element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}

type Child = Node | string | false | null | undefined;
type Props = Record<string, unknown>;

/** A shadow root with style sheets, as a strict Content-Security-Policy allows them. */
export function shadow(host: HTMLElement, css: string, ...children: Node[]): ShadowRoot {
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  root.append(...children);
  return root;
}

/** Makes an element: `onclick` and its like are properties, everything else attributes. */
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

/** What pages may style by `::part(name)`. */
export function part(name: string, ...children: Child[]) {
  const element = div(name, ...children);
  element.part.add(name);
  return element;
}

/** A choice of one, with its values and what is shown for them, if it is something else. */
export function select(
  label: string,
  options: (string | undefined)[][],
  onchange: (value: string) => void,
  props: Props = {},
) {
  const choice = h(
    "select",
    { "aria-label": label, onchange: () => onchange(choice.value), ...props },
    ...options.map(([value, shown = value]) => h("option", { value }, shown)),
  );
  return choice;
}
