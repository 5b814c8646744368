import { isBookingError } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { navigate } from "../../../common/router.js";
import { useSession, useShop } from "../shop.js";
import { Empty, Problem, Title } from "../ui.js";

const SENTENCES: Record<string, string> = {
  EMAIL_TAKEN: "There is an account with this address. Sign in instead.",
  INVALID_CREDENTIALS: "The e-mail or the password is wrong.",
  NETWORK_ERROR: "We cannot reach the box office. Check your connection, and try again.",
  RATE_LIMITED: "Too many attempts. Wait a minute, and try again.",
};

export function SignIn() {
  const session = useSession();
  return (
    <div class="narrow">
      <Title of="Sign in" />
      {session ? (
        <Empty title={`You are signed in as ${session.user.name}`}>
          <a href="/">See what’s on</a>, or <a href="/bookings">look at your bookings</a>.
        </Empty>
      ) : (
        <SignInForm onDone={() => navigate("/")} />
      )}
    </div>
  );
}

/** The form to sign up or sign in. Shows the server's errors at their fields. */
export function SignInForm({ onDone }: { onDone?: () => void }) {
  const { client, sessions } = useShop();
  const [isNew, setIsNew] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const value = (name: string) => String(fields.get(name) ?? "");
    const account = { email: value("email"), password: value("password") };
    setBusy(true);
    setProblems({});
    try {
      const made = isNew
        ? await client.signup({ ...account, name: value("name") })
        : await client.login(account);
      sessions.current = { token: made.token, user: made.user! };
      onDone?.();
    } catch (error) {
      if (!isBookingError(error)) throw error;
      const named = error.code === "VALIDATION_ERROR" ? error.details.fields : [];
      const general =
        named.length === 0 && (SENTENCES[error.code] ?? "Something went wrong. Try again.");
      setProblems({
        ...Object.fromEntries(named.map(({ field, reason }) => [field, reason])),
        ...(general && { form: general }),
      });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="form" onSubmit={submit}>
      {isNew && <Field name="name" label="Name" autocomplete="name" problem={problems.name} />}
      <Field
        name="email"
        label="E-mail"
        type="email"
        autocomplete="email"
        problem={problems.email}
      />
      <Field
        name="password"
        label="Password"
        type="password"
        autocomplete={isNew ? "new-password" : "current-password"}
        hint={isNew ? "At least 10 characters." : ""}
        problem={problems.password}
      />
      <Problem>{problems.form}</Problem>
      <button type="submit" class="primary" aria-busy={busy}>
        {isNew ? "Create the account" : "Sign in"}
      </button>
      <button type="button" class="quiet" onClick={() => setIsNew(!isNew)}>
        {isNew ? "I have an account" : "I am new here"}
      </button>
    </form>
  );
}

interface FieldProps {
  name: string;
  label: string;
  type?: string;
  autocomplete: string;
  hint?: string;
  problem: string | undefined;
}

function Field({ name, label, type = "text", autocomplete, hint, problem }: FieldProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type}
        autocomplete={autocomplete}
        required
        aria-invalid={problem ? true : undefined}
        aria-describedby={`${name}-hint`}
      />
      <span id={`${name}-hint`} class={problem ? "problem" : "muted"}>
        {problem ?? hint}
      </span>
    </div>
  );
}
