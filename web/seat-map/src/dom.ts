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
    if (name.startsWith("on")) Object.assign(element, { [name]: value });
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

export function button(label: string, onclick: () => unknown, props: Props = {}) {
  return h("button", { type: "button", onclick, ...props }, label);
}

/** A choice of one, with its values and what is shown for them. */
export function select(
  label: string,
  options: (string | undefined)[][],
  onchange: (value: string) => void,
  props: Props = {},
) {
  const choice = h(
    "select",
    { "aria-label": label, onchange: () => onchange(choice.value), ...props },
    ...options.map(([value, shown]) => h("option", { value }, shown)),
  );
  return choice;
}
