import { useState } from "preact/hooks";
import { type Loaded, useKept, useLoad } from "../../common/load.js";

export interface PageRecord<T> {
  loaded: Loaded<T>;
  /** Rises with every change, for what is loaded beside the record. */
  changes: number;
  /** What was done last. */
  note: string;
  /** Reads the record again, and says what was done. */
  changed: (note?: string) => void;
}

/** The record of a page. It stays visible while it is read again after a change. */
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
