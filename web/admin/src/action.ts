import { useState } from "preact/hooks";
import { explain } from "./api.js";

export interface Action {
  /** Why the last step failed. Empty if it did not. */
  problem: string;
  busy: boolean;
  run: (step: () => unknown) => Promise<void>;
}

/** Runs what a button or a form does, and keeps why it failed. */
export function useAction(): Action {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const run = async (step: () => unknown) => {
    setBusy(true);
    setProblem("");
    try {
      await step();
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  };
  return { problem, busy, run };
}
