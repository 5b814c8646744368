import { useState } from "preact/hooks";
import { navigate } from "../../../common/router.js";
import { useAction } from "../action.js";
import { useDashboard } from "../api.js";
import { dateTime } from "../format.js";
import { useRecord } from "../record.js";
import { Facts, FormDialog, Input, Load, PageTop, Problem, Secret } from "../ui.js";
import { Deliveries } from "./deliveries.js";
import { EndpointFields, EndpointState, type Webhook, endpointOf, eventsOf } from "./webhooks.js";

interface PageProps {
  appId: string;
  webhookId: string;
}

/** An endpoint and what was sent to it. */
export function WebhookPage({ appId, webhookId }: PageProps) {
  const { client } = useDashboard();
  const { loaded, changes, note, changed } = useRecord(
    (signal) => client.getWebhook({ appId, webhookId }, { signal }),
    [appId, webhookId],
  );
  return (
    <>
      <PageTop appId={appId} title="Webhook" note={note} />
      <Load of={loaded} rows={3}>
        {(webhook) => <Details appId={appId} webhook={webhook} changed={changed} />}
      </Load>
      <Deliveries appId={appId} webhookId={webhookId} changes={changes} changed={changed} />
    </>
  );
}

interface DetailsProps {
  appId: string;
  webhook: Webhook;
  changed: (words?: string) => void;
}

function Details({ appId, webhook, changed }: DetailsProps) {
  return (
    <>
      <Actions appId={appId} webhook={webhook} changed={changed} />
      <Facts
        of={[
          ["Address", webhook.url],
          ["State", <EndpointState of={webhook} />],
          ["Why it is off", webhook.enabled ? "–" : (webhook.disabledReason ?? "switched off")],
          ["Description", webhook.description ?? "–"],
          ["Events", eventsOf(webhook)],
          ["Made", dateTime(webhook.createdAt)],
        ]}
      />
    </>
  );
}

type Asking = "edit" | "rotate" | "recover" | "delete" | undefined;

function Actions({ appId, webhook, changed }: DetailsProps) {
  const { client } = useDashboard();
  const { webhookId, enabled } = webhook;
  const [asking, setAsking] = useState<Asking>();
  const [secret, setSecret] = useState<string>();
  const { problem, run } = useAction();
  const close = () => setAsking(undefined);
  const ids = { appId, webhookId };
  const test = () =>
    run(async () => {
      await client.testWebhook(ids);
      changed("A test event is on its way.");
    });
  const toggle = () =>
    run(async () => {
      await client.patchWebhook({ ...ids, enabled: !enabled });
      changed(enabled ? "It is off." : "It is on. “Recover” sends what it missed.");
    });
  const rotate = async (fields: FormData) => {
    const overlapSeconds = Number(fields.get("hours")) * 3600;
    const made = await client.rotateWebhookSecret({ ...ids, overlapSeconds });
    close();
    setSecret(made.secret);
  };
  const recover = async (fields: FormData) => {
    const since = new Date(String(fields.get("since"))).toISOString();
    const { recovered } = await client.recoverWebhook({ ...ids, since });
    close();
    changed(`${recovered} events are sent again.`);
  };
  return (
    <>
      <div class="aside acts">
        <button type="button" onClick={() => void test()}>
          Send a test
        </button>
        <button type="button" onClick={() => setAsking("edit")}>
          Change
        </button>
        <button type="button" onClick={() => setAsking("rotate")}>
          New secret
        </button>
        <button type="button" onClick={() => setAsking("recover")}>
          Recover
        </button>
        <button type="button" onClick={() => void toggle()}>
          {enabled ? "Switch off" : "Switch on"}
        </button>
        <button type="button" class="danger" onClick={() => setAsking("delete")}>
          Delete
        </button>
      </div>
      <Problem>{problem}</Problem>
      {asking === "edit" && (
        <FormDialog
          title="Change the endpoint"
          submit="Save"
          onClose={close}
          onSubmit={async (fields) => {
            await client.patchWebhook({ ...ids, ...endpointOf(fields) });
            close();
            changed();
          }}
        >
          <EndpointFields webhook={webhook} />
        </FormDialog>
      )}
      {asking === "rotate" && (
        <FormDialog title="New secret" submit="Make it" onClose={close} onSubmit={rotate}>
          <Input
            label="Hours that the old secret still signs"
            name="hours"
            type="number"
            min="0"
            max="24"
            required
            defaultValue="24"
            hint="Until then each event has both signatures. 0 ends it at once: for a secret that leaked."
          />
        </FormDialog>
      )}
      {asking === "recover" && (
        <FormDialog title="Send again" submit="Send again" onClose={close} onSubmit={recover}>
          <p>Everything since then that was not delivered is sent again.</p>
          <Input label="Since" name="since" type="datetime-local" required />
        </FormDialog>
      )}
      {asking === "delete" && (
        <FormDialog
          title="Delete the endpoint?"
          submit="Delete"
          danger
          onClose={close}
          onSubmit={async () => {
            await client.deleteWebhook(ids);
            navigate(`/apps/${appId}`);
          }}
        >
          <p>Nothing more is sent to {webhook.url}, and its deliveries are no longer shown.</p>
        </FormDialog>
      )}
      {secret && (
        <Secret
          name="The new secret"
          hint="Give it to the receiver. It is shown only this once."
          value={secret}
          onClose={() => setSecret(undefined)}
        />
      )}
    </>
  );
}
