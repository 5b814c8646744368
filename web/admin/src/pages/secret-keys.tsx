import type { Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { useKept, useLoad } from "../../../common/load.js";
import { useDashboard } from "../api.js";
import { dateTime } from "../format.js";
import { Empty, FormDialog, Input, Load, Secret } from "../ui.js";

const MOST_KEYS = 10;

/** The keys of a tenant's own servers. Each is shown once. */
export function SecretKeys({ appId }: { appId: string }) {
  const { client } = useDashboard();
  const [changes, setChanges] = useState(0);
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [removing, setRemoving] = useState<Schemas["SecretKeyInfo"]>();
  const loaded = useKept(
    useLoad((signal) => client.listSecretKeys({ appId }, { signal }), [appId, changes]),
  );
  const again = () => setChanges(changes + 1);
  // The dialogs are outside of `Load`: a secret that is shown only once must outlast a failed load.
  return (
    <>
      <Load of={loaded} rows={1}>
        {({ secretKeys }) => (
          <>
            <header class="title">
              <h2>Secret keys</h2>
              <button
                type="button"
                disabled={secretKeys.length >= MOST_KEYS}
                onClick={() => setCreating(true)}
              >
                New secret key
              </button>
            </header>
            {secretKeys.length === 0 && (
              <Empty title="No secret key">
                The tenant’s own server and this dashboard use one. Make it, and hand it over
                safely.
              </Empty>
            )}
            <ul class="rows">
              {secretKeys.map((key) => (
                <li key={key.keyId}>
                  <b>{key.name}</b>
                  <span class="muted">
                    made {dateTime(key.createdAt)},{" "}
                    {key.lastUsedAt ? `last used ${dateTime(key.lastUsedAt)}` : "never used"}
                  </span>
                  <button type="button" onClick={() => setRemoving(key)}>
                    Delete
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </Load>
      {creating && (
        <FormDialog
          title="New secret key"
          submit="Make the key"
          onClose={() => setCreating(false)}
          onSubmit={async (fields) => {
            const made = await client.createSecretKey({ appId, name: String(fields.get("name")) });
            setSecret(made.secretKey);
            setCreating(false);
            again();
          }}
        >
          <Input label="Name" name="name" required maxLength={100} hint="Who will use it." />
        </FormDialog>
      )}
      {removing && (
        <FormDialog
          title={`Delete ${removing.name}?`}
          submit="Delete"
          danger
          onClose={() => setRemoving(undefined)}
          onSubmit={async () => {
            await client.deleteSecretKey({ appId, keyId: removing.keyId });
            setRemoving(undefined);
            again();
          }}
        >
          <p>It stops working within 5 seconds.</p>
        </FormDialog>
      )}
      {secret && (
        <Secret name="The secret key" value={secret} onClose={() => setSecret(undefined)} />
      )}
    </>
  );
}
