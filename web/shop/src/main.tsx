import "@unified-booking/seat-map/seat-booking";
import { render } from "preact";
import { useMemo } from "preact/hooks";
import { type Config, loadConfig } from "./config.js";
import { Bookings } from "./pages/bookings.js";
import { EntityPage } from "./pages/entity.js";
import { Home } from "./pages/home.js";
import { SignIn } from "./pages/sign-in.js";
import { decoded, usePath } from "../../common/router.js";
import { showSetupProblem } from "../../common/setup.js";
import { ShopContext, openShop } from "./shop.js";
import "../../common/base.css";
import "../../common/controls.css";
import "../../common/inter.css";
import "./style.css";
import "./pages.css";
import "./forms.css";
import { applyAccent } from "./theme.js";
import { Empty, Shell, Title } from "./ui.js";

function App({ config }: { config: Config }) {
  const shop = useMemo(() => openShop(config), []);
  return (
    <ShopContext.Provider value={shop}>
      <Shell>
        <Page path={usePath()} />
      </Shell>
    </ShopContext.Provider>
  );
}

function Page({ path }: { path: string }) {
  const entityId = decoded(/^\/e\/([^/]+)$/.exec(path)?.[1]);
  if (entityId) return <EntityPage key={entityId} entityId={entityId} />;
  if (path === "/") return <Home />;
  if (path === "/bookings") return <Bookings />;
  if (path === "/sign-in") return <SignIn />;
  return (
    <>
      <Title of="Not found" />
      <Empty title="There is no such page">
        <a href="/">See what’s on.</a>
      </Empty>
    </>
  );
}

loadConfig().then(
  (config) => {
    applyAccent(config.accent);
    if (config.locale) document.documentElement.lang = config.locale;
    render(<App config={config} />, document.body);
  },
  (error: unknown) => showSetupProblem("The shop", error),
);
