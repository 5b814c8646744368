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
): HTMLFormElement {
  let busy = false;
  let isNew = false;
  const field = (name: string, label: string, type = name, autocomplete = type, props = {}) => {
    const input = h("input", { name, type, autocomplete, required: true, ...props });
    input.oninput = () => input.setCustomValidity("");
    return h("label", {}, label, input);
  };
  const names = [
    field("name", texts.name, "text", "name"),
    field("phone", texts.phone, "tel", "tel", { required: false }),
  ];
  const email = field("email", texts.email);
  const password = field("password", texts.password, "password", "current-password");
  const newPassword = field("password", texts.newPassword, "password", "new-password", {
    minlength: LEAST_PASSWORD,
  });
  const problem = h("p", { class: "problem", role: "alert" });
  const form = h("form");
  /** Switches between sign-up and sign-in. Keeps what is typed. */
  const turn = () => {
    isNew = !isNew;
    problem.textContent = "";
    form.replaceChildren(
      ...(isNew ? names : []),
      email,
      isNew ? newPassword : password,
      problem,
      h("button", { class: "primary" }, texts.continue),
      button(isNew ? texts.haveAccount : texts.newHere, turn, { class: "link" }),
    );
    form.querySelector("input")!.focus();
  };
  turn();
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
