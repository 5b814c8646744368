import { useState } from "preact/hooks";
import { type Loaded, useKept, useLoad } from "../../common/load.js";

export interface PageRecord<T> {
  loaded: Loaded<T>;
  /** Counts the changes, so that other parts of the page can load again too. */
  changes: number;
  /** What was done last, in words. */
  note: string;
  /** Call after a change. Loads the record again, and sets the note. */
  changed: (note?: string) => void;
}

/** Loads a page's record. It stays visible while it is loaded again after a change. */
export function useRecord<T>(
  read: (signal: AbortSignal) => Promise<T>,
  keys: unknown[],
): PageRecord<T> {
  const [changes, setChanges] = useState(0);
  const [note, setNote] = useState("");
  const loaded = useKept(useLoad(read, [...keys, changes]));
  const changed = (done = "") => {
    setNote(done);
    setChanges((before) => before + 1);
  };
  return { loaded, changes, note, changed };
}
