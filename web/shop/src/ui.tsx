import { isBookingError } from "@unified-booking/client";
import type { ComponentChildren } from "preact";
import { FailureBox } from "../../common/parts.js";
import { useTitle } from "../../common/title.js";
import { useSession, useShop } from "./shop.js";

export { Empty, Problem, ShowMore, Skeleton } from "../../common/parts.js";

export function Shell({ children }: { children: ComponentChildren }) {
  const { config, sessions } = useShop();
  const session = useSession();
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="masthead">
        <a class="name" href="/">
          {config.name}
        </a>
        <nav aria-label="Account">
          <a href="/bookings">My bookings</a>
          {session ? (
            <button type="button" class="quiet" onClick={() => (sessions.current = undefined)}>
              Sign out
            </button>
          ) : (
            <a href="/sign-in">Sign in</a>
          )}
        </nav>
      </header>
      <main id="main">{children}</main>
      <footer>
        <p>{config.name}. Seats by the unified booking backend.</p>
      </footer>
    </>
  );
}

/** The page's title, in the window and at the top. */
export function Title({ children, of }: { children?: ComponentChildren; of: string }) {
  const { config } = useShop();
  useTitle(of, config.name);
  return <h1 tabIndex={-1}>{children ?? of}</h1>;
}

export function Failure({ error, again }: { error: unknown; again: () => void }) {
  const id = isBookingError(error) ? error.requestId : undefined;
  const offline = isBookingError(error) && error.code === "NETWORK_ERROR";
  return (
    <FailureBox
      title={offline ? "We cannot reach the box office" : "This did not load"}
      again={again}
    >
      {offline
        ? "Check your connection, and try again."
        : "It is not your fault. Please try again."}
      {id && <small>Reference: {id}</small>}
    </FailureBox>
  );
}
