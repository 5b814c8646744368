import { useEffect, useRef, useState } from "preact/hooks";

export type Loaded<T> =
  | { state: "loading" }
  | { state: "failed"; error: unknown; again: () => void }
  | { state: "ready"; value: T };

/** Loads again when the keys change. Ignores what arrives for earlier keys. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, keys: unknown[]): Loaded<T> {
  const [attempt, setAttempt] = useState(0);
  const [result, setResult] = useState<Loaded<T>>({ state: "loading" });
  useEffect(() => {
    const stop = new AbortController();
    setResult({ state: "loading" });
    load(stop.signal).then(
      (value) => stop.signal.aborted || setResult({ state: "ready", value }),
      (error: unknown) =>
        stop.signal.aborted ||
        setResult({ state: "failed", error, again: () => setAttempt(attempt + 1) }),
    );
    return () => stop.abort();
  }, [...keys, attempt]);
  return result;
}

/** Keeps the last value while it is loaded again, so that forms inside stay open. */
export function useKept<T>(loaded: Loaded<T>): Loaded<T> {
  const last = useRef<Loaded<T>>(loaded);
  if (loaded.state === "ready") last.current = loaded;
  return loaded.state === "loading" ? last.current : loaded;
}
