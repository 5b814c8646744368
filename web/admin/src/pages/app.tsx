import { useDashboard } from "../api.js";
import { Title } from "../ui.js";
import { Access } from "./access.js";
import { Entities } from "./entities.js";
import { Layouts } from "./layouts.js";
import { Payments } from "./payments.js";
import { Sales } from "./sales.js";
import { Webhooks } from "./webhooks.js";

/** A tenant: what it sells and, for the admin, its keys and origins. */
export function AppPage({ appId }: { appId: string }) {
  const { session } = useDashboard();
  return (
    <>
      <Title>{appId}</Title>
      <Entities appId={appId} />
      <Layouts appId={appId} />
      <Sales appId={appId} />
      <Payments appId={appId} />
      <Webhooks appId={appId} />
      {!session.appId && <Access appId={appId} />}
    </>
  );
}
