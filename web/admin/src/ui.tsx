import type { ComponentChildren, JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { useModal } from "../../common/dialog.js";
import type { Loaded } from "../../common/load.js";
import type { Pages } from "../../common/paging.js";
import { FailureBox, Problem, ShowMore, Skeleton } from "../../common/parts.js";
import { useTitle } from "../../common/title.js";
import { useAction } from "./action.js";
import { explain } from "./api.js";
import type { LineProblem } from "./csv.js";
import { percent } from "./format.js";

export { Empty, Problem, Skeleton } from "../../common/parts.js";

/** The dashboard's name in the window's title. */
export const SITE = "Box office";

export function Title({ children, aside }: { children: string; aside?: ComponentChildren }) {
  useTitle(children, SITE);
  return (
    <header class="title">
      <h1 tabIndex={-1}>{children}</h1>
      <div class="aside">{aside}</div>
    </header>
  );
}

/** The top of an app's subpage: a link to the app, the title, and what was just done. */
export function PageTop({ appId, title, note }: { appId: string; title: string; note: string }) {
  return (
    <>
      <p>
        <a href={`/apps/${appId}`}>{appId}</a>
      </p>
      <Title>{title}</Title>
      <p class="muted note" role="status">
        {note}
      </p>
    </>
  );
}

export function Failure({ error, again }: { error: unknown; again: () => void }) {
  return (
    <FailureBox title="This did not load" again={again}>
      {explain(error)}
    </FailureBox>
  );
}

/** Shows the value once it is loaded, a placeholder until then, or the error. */
export function Load<T>(props: {
  of: Loaded<T>;
  rows?: number;
  children: (value: T) => ComponentChildren;
}) {
  const { of, rows = 5, children } = props;
  if (of.state === "failed") return <Failure {...of} />;
  return of.state === "loading" ? <Skeleton rows={rows} /> : <>{children(of.value)}</>;
}

/** Like `Load`, with a button for the next page if there is one. */
export function LoadPages<T>(props: {
  of: Pages<T>;
  rows?: number;
  children: (items: T[]) => ComponentChildren;
}) {
  const { of, children } = props;
  return (
    <Load {...props}>
      {({ items }) => (
        <>
          {children(items)}
          <ShowMore of={of} />
        </>
      )}
    </Load>
  );
}

/** A table that scrolls if it is too wide. A `#` before a column's name means numbers. */
export function Table(props: { label: string; columns: string[]; children: ComponentChildren }) {
  return (
    <div class="scroll" role="region" aria-label={props.label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {props.columns.map((name) => (
              <th key={name} scope="col" class={name.startsWith("#") ? "number" : undefined}>
                {name.replace("#", "")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}

/** A list of facts, each a name and its value. */
export function Facts({ of }: { of: (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface FieldProps {
  label: string;
  hint?: string;
  children: (id: string, hintId: string) => JSX.Element;
}

export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id, hintId)}
      <span id={hintId} class="muted">
        {hint}
      </span>
    </div>
  );
}

/** An input with its label. */
export function Input({
  label,
  hint,
  ...props
}: { label: string; hint?: string } & JSX.InputHTMLAttributes) {
  return (
    <Field label={label} {...(hint ? { hint } : {})}>
      {(id, hintId) => <input {...props} id={id} aria-describedby={hintId} />}
    </Field>
  );
}

/** A choice of one option, with its label. */
export function Select({
  label,
  options,
  defaultValue,
  ...props
}: {
  label: string;
  options: readonly (readonly [value: string, label: string])[];
} & JSX.SelectHTMLAttributes) {
  return (
    <Field label={label}>
      {(id) => (
        <select {...props} id={id}>
          {options.map(([value, text]) => (
            // Preact ignores `defaultValue` of a select.
            <option key={value} value={value} selected={value === defaultValue}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

const MOST_PROBLEMS = 12;

/** The lines of a file that cannot be read, and why. */
export function Problems({ problems }: { problems: LineProblem[] }) {
  if (problems.length === 0) return null;
  const shown = problems.slice(0, MOST_PROBLEMS);
  return (
    <ul class="problems" aria-label="Lines that cannot be read">
      {shown.map(({ line, reason }) => (
        <li key={`${line} ${reason}`}>
          {line > 0 && <b>Line {line}: </b>}
          {reason}
        </li>
      ))}
      {problems.length > shown.length && <li>and {problems.length - shown.length} more.</li>}
    </ul>
  );
}

/** A form in a modal dialog. It shows the error if `onSubmit` fails. */
export function FormDialog(props: {
  title: string;
  submit: string;
  /** The label of the button that closes it. */
  dismiss?: string;
  danger?: boolean;
  onClose: () => void;
  onSubmit: (fields: FormData) => Promise<void>;
  children?: ComponentChildren;
}) {
  const dialog = useModal(props.onClose);
  const { problem, busy, run } = useAction();
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    if (!busy) void run(() => props.onSubmit(fields));
  };
  return (
    <dialog ref={dialog} aria-label={props.title}>
      <form onSubmit={send} class="form">
        <h2>{props.title}</h2>
        {props.children}
        <Problem>{problem}</Problem>
        <div class="actions">
          <button type="button" onClick={props.onClose}>
            {props.dismiss ?? "Cancel"}
          </button>
          <button type="submit" class={props.danger ? "danger" : "primary"} aria-busy={busy}>
            {props.submit}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** A dialog with a key that the API shows only once. */
export function Secret({
  name,
  hint = "Copy it now. It is shown only this once, and only its hash is kept.",
  value,
  onClose,
}: {
  name: string;
  hint?: string;
  value: string;
  onClose: () => void;
}) {
  const [copied, setCopied] = useState(false);
  const [problem, setProblem] = useState("");
  const dialog = useModal(onClose);
  const copy = async () => {
    try {
      // Without https there is no clipboard, and the browser may refuse it too.
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      setProblem("The browser did not copy it. Select it, and copy it by hand.");
    }
  };
  return (
    <dialog ref={dialog} aria-label={name}>
      <div class="form">
        <h2>{name}</h2>
        <p>{hint}</p>
        <code class="secret">{value}</code>
        <Problem>{problem}</Problem>
        <div class="actions">
          <button type="button" onClick={() => void copy()}>
            {copied ? "Copied" : "Copy"}
          </button>
          <button type="button" class="primary" onClick={onClose}>
            I have stored it
          </button>
        </div>
      </div>
    </dialog>
  );
}

/** A share as a bar and as a percentage. */
export function Bar({ share }: { share: number }) {
  return (
    <span class="bar">
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="4" />
        <rect width={share * 100} height="4" />
      </svg>
      {percent(share)}
    </span>
  );
}
