import type { Client } from "@unified-booking/client";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { decoded, navigate, usePath } from "../../common/router.js";
import { showSetupProblem } from "../../common/setup.js";
import {
  DashboardContext,
  REFUSED_TOKEN,
  type Session,
  loadClient,
  saveSession,
  savedSession,
} from "./api.js";
import { AppPage } from "./pages/app.js";
import { Apps } from "./pages/apps.js";
import { BookingPage } from "./pages/booking.js";
import { Bookings } from "./pages/bookings.js";
import { EntityPage } from "./pages/entity.js";
import { Overview } from "./pages/overview.js";
import { Refunds } from "./pages/refunds.js";
import { SignIn } from "./pages/sign-in.js";
import { WebhookPage } from "./pages/webhook.js";
import "../../common/base.css";
import "../../common/controls.css";
import "../../common/inter.css";
import "./style.css";
import "./forms.css";
import "./screens.css";
import { Empty, Title } from "./ui.js";

function App({ client }: { client: Client }) {
  const [session, setSession] = useState(savedSession);
  client.adminToken = session?.token;
  const change = (next: Session | undefined) => {
    saveSession(next);
    setSession(next);
  };
  const path = usePath();
  const [notice, setNotice] = useState("");
  useEffect(() => {
    const end = (event: Event) => {
      // A late response to an earlier session's request does not end this one.
      if ((event as CustomEvent).detail !== `Bearer ${session?.token}`) return;
      setNotice("Your session has ended. Sign in again.");
      change(undefined);
    };
    addEventListener(REFUSED_TOKEN, end);
    return () => removeEventListener(REFUSED_TOKEN, end);
  }, [session]);
  if (!session) return <SignIn client={client} notice={notice} onSession={change} />;
  const signOut = () => {
    setNotice("");
    change(undefined);
    navigate("/");
  };
  return (
    <DashboardContext.Provider value={{ client, session, signOut }}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Navigation path={path} session={session} signOut={signOut} />
      <main id="main">
        <Page path={path} />
      </main>
    </DashboardContext.Provider>
  );
}

function Navigation({
  path,
  session,
  signOut,
}: {
  path: string;
  session: Session;
  signOut: () => void;
}) {
  const own = session.appId && `/apps/${session.appId}`;
  const links = [
    ["/", "Overview"],
    ["/bookings", "Bookings"],
    ["/refunds", "Refunds"],
    own ? [own, "My app"] : ["/apps", "Apps"],
  ] as const;
  const isCurrent = (href: string) => (href === "/" ? path === "/" : path.startsWith(href));
  return (
    <header class="side">
      <p class="brand">Box office</p>
      <nav aria-label="Main">
        {links.map(([href, label]) => (
          <a key={href} href={href} aria-current={isCurrent(href) ? "page" : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <button type="button" class="quiet" onClick={signOut}>
        Sign out
      </button>
    </header>
  );
}

function Page({ path }: { path: string }) {
  const [, seller, escaped] = /^\/apps\/([^/]+)\/entities\/([^/]+)$/.exec(path) ?? [];
  const entityId = decoded(escaped);
  if (seller && entityId) return <EntityPage key={path} appId={seller} entityId={entityId} />;
  const [, owner, webhookId] = /^\/apps\/([^/]+)\/webhooks\/([^/]+)$/.exec(path) ?? [];
  if (owner && webhookId) return <WebhookPage key={path} appId={owner} webhookId={webhookId} />;
  const bookingId = /^\/bookings\/([^/]+)$/.exec(path)?.[1];
  if (bookingId) return <BookingPage key={path} bookingId={bookingId} />;
  const appId = /^\/apps\/([^/]+)$/.exec(path)?.[1];
  if (appId) return <AppPage key={path} appId={appId} />;
  if (path === "/") return <Overview />;
  if (path === "/bookings") return <Bookings />;
  if (path === "/refunds") return <Refunds />;
  if (path === "/apps") return <Apps />;
  return (
    <>
      <Title>Not found</Title>
      <Empty title="There is no such page">
        <a href="/">Go to the overview.</a>
      </Empty>
    </>
  );
}

loadClient().then(
  (client) => render(<App client={client} />, document.body),
  (error: unknown) => showSetupProblem("The dashboard", error),
);
