import { useEffect, useRef, useState } from "preact/hooks";
import { useDashboard } from "../api.js";
import { Empty, Input, Select } from "../ui.js";

export type FilterValues = Record<string, string>;

/** Keeps the filters in the page's address, so that it can be bookmarked and shared. */
export function useFilters(path: string): [FilterValues, (next: FilterValues) => void] {
  const [filters, setFilters] = useState(ofAddress);
  useEffect(() => {
    // The user has followed a link to this page, or gone back.
    const update = () => location.pathname === path && setFilters(ofAddress());
    addEventListener("popstate", update);
    return () => removeEventListener("popstate", update);
  }, []);
  const apply = (next: FilterValues) => {
    history.replaceState(null, "", `${path}?${new URLSearchParams(next)}`);
    setFilters(next);
  };
  return [filters, apply];
}

function ofAddress(): FilterValues {
  const entries = [...new URLSearchParams(location.search)].filter(([, value]) => value !== "");
  return Object.fromEntries(entries);
}

/**
 * The start of a day, or of the day some days later. A day may have 23 or 25 hours. Undefined if
 * the text is no date: anything may be in the address of the page.
 */
function startOf(date: string | undefined, daysLater: number): string | undefined {
  const day = new Date(`${date}T00:00`);
  day.setDate(day.getDate() + daysLater);
  return Number.isNaN(day.getTime()) ? undefined : day.toISOString();
}

/** The API's query. `from` and `to` are days of this device; the API's `to` is exclusive. */
export function queryOf({ from, to, ...filters }: FilterValues): FilterValues {
  const start = startOf(from, 0);
  const end = startOf(to, 1);
  return { ...filters, ...(start && { from: start }), ...(end && { to: end }) };
}

const ANY = ["", "Any"] as const;

/** A choice of one status, or of any. */
export function StatusChoice<Status extends string>(props: {
  statuses: Record<Status, string>;
  value: Status | "";
  onChoose: (status: Status | "") => void;
}) {
  return (
    <Select
      label="Status"
      options={[ANY, ...Object.entries<string>(props.statuses)]}
      value={props.value}
      onChange={(event) => props.onChoose(event.currentTarget.value as Status | "")}
    />
  );
}

/** The form above a list: texts, a status, and the days. */
export function Filters(props: {
  label: string;
  texts: readonly (readonly [name: string, label: string])[];
  statuses: Record<string, string>;
  filters: FilterValues;
  apply: (next: FilterValues) => void;
}) {
  const { filters, apply } = props;
  const { session } = useDashboard();
  // A tenant sees only its own app.
  const texts = props.texts.filter(([name]) => name !== "appId" || !session.appId);
  const values = JSON.stringify(filters);
  // Filters from elsewhere need a new form. After a search the form stays, and so does its focus.
  const shown = useRef({ values, key: 0 });
  if (shown.current.values !== values) shown.current = { values, key: shown.current.key + 1 };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const entries = [...fields].map(([name, value]) => [name, String(value).trim()] as const);
    const next = Object.fromEntries(entries.filter(([, value]) => value !== ""));
    shown.current.values = JSON.stringify(next);
    apply(next);
  };
  return (
    <form
      class="filters"
      role="search"
      aria-label={props.label}
      onSubmit={submit}
      key={shown.current.key}
    >
      {texts.map(([name, label]) => (
        <Input
          key={name}
          label={label}
          name={name}
          defaultValue={filters[name] ?? ""}
          autocomplete="off"
        />
      ))}
      <Select
        label="Status"
        name="status"
        options={[ANY, ...Object.entries(props.statuses)]}
        defaultValue={filters.status ?? ""}
      />
      <Input label="From" name="from" type="date" defaultValue={filters.from ?? ""} />
      <Input label="To" name="to" type="date" defaultValue={filters.to ?? ""} />
      <button type="submit" class="primary">
        Search
      </button>
    </form>
  );
}

/** Shown where no item of a list matches the filters. */
export function NoMatch({ what, clear }: { what: string; clear: () => void }) {
  return (
    <Empty title={`No ${what} matches`}>
      <button type="button" onClick={clear}>
        Clear the filters
      </button>
    </Empty>
  );
}
