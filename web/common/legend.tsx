/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import "./legend.css";

const Seat = (props: { class: string; children?: ComponentChildren }) => (
  <svg class={props.class} viewBox="0 0 16 16" aria-hidden="true">
    <rect x="1" y="1" width="14" height="14" rx="4" />
    {props.children}
  </svg>
);

/** Explains the seats of a map. Each state has its own form, not only a colour. */
export function Legend({ buyer = false }: { buyer?: boolean }) {
  return (
    <ul class="looks" aria-label="What the seats look like">
      <li>
        <Seat class="free" /> Available
      </li>
      {buyer && (
        <li>
          <Seat class="mine">
            <path d="M4.5 8.5 7 11 11.5 5.5" />
          </Seat>
          Your seats
        </li>
      )}
      <li>
        <Seat class="held">
          <path d="M4.5 11.5 11.5 4.5" />
        </Seat>
        {buyer ? "Held by somebody else" : "Held"}
      </li>
      <li>
        <Seat class="sold" /> Sold
      </li>
      <li>
        <Seat class="closed" /> Not for sale
      </li>
    </ul>
  );
}
