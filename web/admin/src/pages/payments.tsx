import type { Input as CallInput, Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useLoad } from "../../../common/load.js";
import { useDashboard } from "../api.js";
import { dateTime } from "../format.js";
import { Empty, Facts, FormDialog, Input, Load, Select } from "../ui.js";

type Setup = Schemas["PaymentSetup"];
type Provider = Schemas["PaymentProvider"];

const NAMES: Record<Provider, string> = {
  stripe: "Stripe",
  razorpay: "Razorpay",
  simulated: "Simulated: nobody pays",
};
/** The keys that each provider needs. All but the public one are secrets. */
const KEYS: Record<Provider, (readonly [name: string, label: string, isPublic?: boolean])[]> = {
  stripe: [
    ["publishableKey", "Publishable key", true],
    ["secretKey", "Secret key"],
    ["webhookSecret", "Webhook secret"],
  ],
  razorpay: [
    ["keyId", "Key id", true],
    ["keySecret", "Key secret"],
    ["webhookSecret", "Webhook secret"],
  ],
  simulated: [],
};

/** A tenant's payment provider. */
export function Payments({ appId }: { appId: string }) {
  const { client } = useDashboard();
  const [changes, setChanges] = useState(0);
  const [asking, setAsking] = useState(false);
  const loaded = useLoad((signal) => client.getPayments({ appId }, { signal }), [appId, changes]);
  return (
    <section>
      <header class="title">
        <h2>Payments</h2>
        <button type="button" onClick={() => setAsking(true)}>
          Set the provider
        </button>
      </header>
      <Load of={loaded} rows={1}>
        {(setup) => <Shown setup={setup} />}
      </Load>
      {asking && (
        <ProviderDialog
          appId={appId}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            setChanges(changes + 1);
          }}
        />
      )}
    </section>
  );
}

function Shown({ setup }: { setup: Setup }) {
  const { provider, mode, webhookUrl } = setup;
  if (provider === "none") {
    return (
      <Empty title="Nobody takes the payments">
        Only what is free can be booked. “Set the provider” takes the keys of Stripe or Razorpay.
      </Empty>
    );
  }
  const key = setup.publishableKey ?? setup.keyId;
  return (
    <Facts
      of={[
        ["Provider", NAMES[provider]],
        ["Mode", mode === "live" ? "Live: real money" : "Test"],
        ...(key ? [["Public key", key] as const] : []),
        ...(webhookUrl ? [["Webhook to register at the provider", webhookUrl] as const] : []),
        ["Set", setup.configuredAt ? dateTime(setup.configuredAt) : "by the deployment"],
      ]}
    />
  );
}

function ProviderDialog(props: { appId: string; onClose: () => void; onDone: () => void }) {
  const { client } = useDashboard();
  const [provider, setProvider] = useState<Provider>("stripe");
  const send = async (fields: FormData) => {
    const keys = KEYS[provider].map(([name]) => [name, String(fields.get(name)).trim()]);
    const input = { appId: props.appId, provider, ...Object.fromEntries(keys) };
    await client.putPayments(input as CallInput<"putPayments">);
    props.onDone();
  };
  return (
    <FormDialog title="Set the provider" submit="Save" onClose={props.onClose} onSubmit={send}>
      <Select
        label="Provider"
        options={Object.entries(NAMES)}
        value={provider}
        onChange={(event) => setProvider(event.currentTarget.value as Provider)}
      />
      {KEYS[provider].map(([name, label, isPublic]) => (
        <Input
          key={`${provider} ${name}`}
          label={label}
          name={name}
          type={isPublic ? "text" : "password"}
          required
          maxLength={255}
          autocomplete="off"
          spellcheck={false}
        />
      ))}
      <p class="muted">
        {provider === "simulated"
          ? "For trying things out: every booking counts as paid."
          : "The secrets are stored encrypted and never shown again. Then register the webhook at " +
            "the provider."}
      </p>
    </FormDialog>
  );
}
