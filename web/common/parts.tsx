/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import type { Pages } from "./paging.js";

/** Shown where content is missing. Says what to do next. */
export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  );
}

/** Shown where content did not load. */
export function FailureBox(props: {
  title: string;
  children: ComponentChildren;
  again: () => void;
}) {
  return (
    <div class="empty" role="alert">
      <h2>{props.title}</h2>
      <p>{props.children}</p>
      <button type="button" onClick={props.again}>
        Try again
      </button>
    </div>
  );
}

/** Placeholder lines, so that nothing moves when the text arrives. */
export function Skeleton({ rows }: { rows: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} />
      ))}
    </div>
  );
}

/** A button for the next page of a list, if there is one. */
export function ShowMore({ of }: { of: Pages<unknown> }) {
  if (of.state !== "ready" || !of.value.more) return null;
  return (
    <button type="button" onClick={of.showMore}>
      Show more
    </button>
  );
}

/** Why something did not work. Hidden while it is empty. */
export function Problem({ children }: { children: ComponentChildren }) {
  return (
    <p class="problem" role="alert">
      {children}
    </p>
  );
}
