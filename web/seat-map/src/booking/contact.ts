import {
  type AnyBookingError,
  type Client,
  type Schemas,
  isBookingError,
} from "@unified-booking/client";
import { h } from "../dom.js";
import type { BookingTexts } from "./texts.js";

export interface Session {
  token: string;
  user: Schemas["User"];
}

export interface ContactOptions {
  client: Client;
  texts: BookingTexts;
  submitLabel: string;
  /** A sentence for an error that belongs to no field. */
  explain(error: AnyBookingError): string;
  onSession(session: Session): void;
}

const FIELDS = [
  { name: "name", type: "text", autocomplete: "name", signupOnly: true },
  { name: "email", type: "email", autocomplete: "email" },
  { name: "password", type: "password" },
  { name: "phone", type: "tel", autocomplete: "tel", signupOnly: true, optional: true },
] as const;

/** The form to sign up or in. What the server says of a field is shown at the field. */
export function contactForm(options: ContactOptions): HTMLFormElement {
  const { texts, client } = options;
  let isNew = true;
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = h("button", { class: "primary", type: "submit" }, options.submitLabel);
  const fields = FIELDS.map((field) => {
    const hint = h("span", { class: "hint", id: `${field.name}-hint` });
    const input = h("input", {
      id: field.name,
      name: field.name,
      type: field.type,
      autocomplete: "autocomplete" in field ? field.autocomplete : undefined,
      required: !("optional" in field),
      "aria-describedby": hint.id,
    });
    const label = h("label", { for: field.name }, texts[field.name]);
    const row = h("div", { class: "field" }, label, input, hint);
    return { ...field, input, hint, row };
  });

  const show = () => {
    problem.textContent = "";
    for (const { name, row, input, hint, ...field } of fields) {
      const used = isNew || !("signupOnly" in field);
      row.hidden = !used;
      input.disabled = !used;
      input.removeAttribute("aria-invalid");
      hint.textContent = name === "password" && isNew ? texts.passwordHint : "";
      if (name === "password") {
        input.autocomplete = isNew ? "new-password" : "current-password";
        if (isNew) input.minLength = 10;
        else input.removeAttribute("minlength");
      }
    }
  };
  const choice = (label: string, asNew: boolean) =>
    h(
      "label",
      {},
      h("input", {
        type: "radio",
        name: "kind",
        checked: asNew,
        onchange: () => {
          isNew = asNew;
          show();
        },
      }),
      h("span", {}, label),
    );
  const refuse = (error: AnyBookingError) => {
    const named = error.code === "VALIDATION_ERROR" ? error.details.fields : [];
    for (const { name, input, hint } of fields) {
      const said = named.find(({ field }) => field === name);
      input.toggleAttribute("aria-invalid", false);
      if (!said) continue;
      input.setAttribute("aria-invalid", "true");
      hint.textContent = said.reason;
      input.focus();
    }
    if (named.length === 0) problem.textContent = options.explain(error);
  };
  const send = async () => {
    const value = (name: string) => fields.find((field) => field.name === name)!.input.value;
    const account = { email: value("email"), password: value("password") };
    const phone = value("phone").trim();
    const made = isNew
      ? await client.signup({ ...account, name: value("name"), ...(phone && { phone }) })
      : await client.login(account);
    options.onSession({ token: made.token, user: made.user! });
  };
  show();
  const form = h(
    "form",
    {
      class: "contact",
      onsubmit: async (event: SubmitEvent) => {
        event.preventDefault();
        if (submit.ariaDisabled === "true") return;
        submit.ariaDisabled = "true";
        problem.textContent = "";
        try {
          await send();
        } catch (error) {
          if (!isBookingError(error)) throw error;
          refuse(error);
        } finally {
          submit.ariaDisabled = "false";
        }
      },
    },
    h(
      "fieldset",
      { class: "tabs" },
      h("legend", { class: "hidden" }, texts.contactTitle),
      choice(texts.newHere, true),
      choice(texts.haveAccount, false),
    ),
    ...fields.map(({ row }) => row),
    problem,
    submit,
  );
  return form;
}
