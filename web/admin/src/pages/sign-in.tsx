import type { Client } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useTitle } from "../../../common/title.js";
import { useAction } from "../action.js";
import type { Session } from "../api.js";
import { Input, Problem, SITE } from "../ui.js";

export function SignIn({
  client,
  notice,
  onSession,
}: {
  client: Client;
  /** Why the user sees this page, if it was not asked for. */
  notice: string;
  onSession: (session: Session) => void;
}) {
  const [tenant, setTenant] = useState(false);
  const { problem, busy, run } = useAction();
  useTitle("Sign in", SITE);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const typed = (name: string) => String(fields.get(name) ?? "");
    const value = (name: string) => typed(name).trim();
    void run(async () => {
      if (tenant) {
        const appId = value("appId");
        client.adminToken = value("secretKey");
        // A call that names the app fails if its id has a typo.
        await client.listEntitySettings({ appId, limit: 1 });
        onSession({ token: value("secretKey"), appId });
      } else {
        const { token } = await client.adminLogin({
          email: value("email"),
          password: typed("password"),
        });
        onSession({ token });
      }
    });
  };
  return (
    <main class="door">
      <p class="brand">Box office</p>
      <h1>Sign in</h1>
      {notice && <p role="alert">{notice}</p>}
      <fieldset class="tabs">
        <legend class="hidden">Who are you?</legend>
        {[false, true].map((value) => (
          <label key={String(value)}>
            <input
              type="radio"
              name="kind"
              checked={tenant === value}
              onChange={() => setTenant(value)}
            />
            <span>{value ? "Tenant" : "Administrator"}</span>
          </label>
        ))}
      </fieldset>
      <form class="form" onSubmit={submit}>
        {tenant ? (
          <>
            <Input label="App id" name="appId" required autocomplete="off" />
            <Input
              label="Secret key"
              name="secretKey"
              type="password"
              required
              autocomplete="off"
              hint="It begins with ubs_. The administrator makes it."
            />
          </>
        ) : (
          <>
            <Input label="E-mail" name="email" type="email" required autocomplete="username" />
            <Input
              label="Password"
              name="password"
              type="password"
              required
              autocomplete="current-password"
            />
          </>
        )}
        <Problem>{problem}</Problem>
        <button type="submit" class="primary" aria-busy={busy}>
          Sign in
        </button>
      </form>
    </main>
  );
}
