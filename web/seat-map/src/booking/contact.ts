import { type Client, type Schemas, isBookingError } from "@unified-booking/client";
import { button, h } from "../dom.js";
import { explain } from "./messages.js";
import type { BookingTexts } from "./texts.js";

export interface Session {
  token: string;
  user: Schemas["User"];
}

type Field = "email" | "password" | "name" | "phone";
const LEAST_PASSWORD = 10;

/** The form to sign up or in. The browser shows at a field what the server says of it. */
export function contactForm(
  client: Client,
  texts: BookingTexts,
  done: (session: Session) => void,
): HTMLFormElement {
  let isNew = true;
  let busy = false;
  const field = (name: Field, type: string, autocomplete = type, required = true) => {
    const input = h("input", { name, type, required, autocomplete });
    input.oninput = () => input.setCustomValidity("");
    return h("label", {}, h("span", {}, texts[name]), input);
  };
  const email = field("email", "email");
  const password = field("password", "password");
  const [words, secret] = password.children as unknown as [HTMLElement, HTMLInputElement];
  const onlyNew = h(
    "fieldset",
    {},
    field("name", "text", "name"),
    field("phone", "tel", "tel", false),
  );
  const problem = h("p", { class: "problem", role: "alert" });
  /** Shows the fields of new users or of known ones. */
  const turn = (toNew: boolean) => {
    isNew = toNew;
    onlyNew.hidden = onlyNew.disabled = !isNew;
    words.textContent = isNew ? texts.newPassword : texts.password;
    secret.autocomplete = isNew ? "new-password" : "current-password";
    secret.minLength = isNew ? LEAST_PASSWORD : 0;
    other.textContent = isNew ? texts.haveAccount : texts.newHere;
  };
  const other = button("", () => turn(!isNew), { class: "link" });
  const submit = h("button", { class: "primary" }, texts.continue);
  const form = h("form", {}, onlyNew, email, password, problem, submit, other);
  turn(true);
  const send = async () => {
    const fields = Object.fromEntries(new FormData(form)) as Record<Field, string>;
    const { phone, ...account } = fields;
    const { token, user } = await (isNew
      ? client.signup({ ...account, ...(phone && { phone }) })
      : client.login(account));
    done({ token, user: user! });
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    problem.textContent = "";
    try {
      await send();
    } catch (error) {
      if (!isBookingError(error)) throw error;
      const named = error.code === "VALIDATION_ERROR" ? error.details.fields : [];
      for (const { field: name, reason } of named)
        form.querySelector<HTMLInputElement>(`[name="${name}"]`)?.setCustomValidity(reason);
      if (form.reportValidity()) problem.textContent = explain(error, texts);
    } finally {
      busy = false;
    }
  };
  return form;
}
