import { type Client, type Input, type Schemas, isBookingError } from "@unified-booking/client";
import { button, h } from "../dom.js";
import { explain } from "./messages.js";
import type { BookingTexts } from "./texts.js";

export interface Session {
  token: string;
  user: Schemas["User"];
}

const LEAST_PASSWORD = 10;

/** The form to sign up or sign in. The browser shows the server's errors at their fields. */
export function contactForm(
  client: Client,
  texts: BookingTexts,
  done: (session: Session) => void,
  isNew = true,
  knownEmail = "",
): HTMLFormElement {
  let busy = false;
  const field = (name: string, label: string, type: string, props: object = {}) => {
    const input = h("input", { name, type, required: true, autocomplete: name, ...props });
    input.oninput = () => input.setCustomValidity("");
    return h("label", {}, label, input);
  };
  const problem = h("p", { class: "problem", role: "alert" });
  /** Switches between sign-up and sign-in. Keeps the e-mail address. */
  const turn = () => {
    const other = contactForm(client, texts, done, !isNew, form["email"].value);
    form.replaceWith(other);
    other.querySelector("input")!.focus();
  };
  const form = h(
    "form",
    {},
    isNew && field("name", texts.name, "text"),
    isNew && field("phone", texts.phone, "tel", { autocomplete: "tel", required: false }),
    field("email", texts.email, "email", { value: knownEmail }),
    isNew
      ? field("password", texts.newPassword, "password", {
          autocomplete: "new-password",
          minlength: LEAST_PASSWORD,
        })
      : field("password", texts.password, "password", { autocomplete: "current-password" }),
    problem,
    h("button", { class: "primary" }, texts.continue),
    button(isNew ? texts.haveAccount : texts.newHere, turn, { class: "link" }),
  );
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    problem.textContent = "";
    try {
      const fields = Object.fromEntries(new FormData(form)) as Input<"signup">;
      if (!fields.phone) delete fields.phone;
      const { token, user } = await client[isNew ? "signup" : "login"](fields);
      done({ token, user: user! });
    } catch (error) {
      if (!isBookingError(error)) throw error;
      const named = error.code === "VALIDATION_ERROR" ? error.details.fields : [];
      for (const { field: name, reason } of named) form[name]?.setCustomValidity?.(reason);
      if (form.reportValidity()) problem.textContent = explain(error, texts);
    } finally {
      busy = false;
    }
  };
  return form;
}
