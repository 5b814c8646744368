import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/**
 * Shows a modal dialog while its component is mounted. Closes it before its element is removed,
 * because only `close` gives the focus back.
 */
export function useModal(onClose: () => void): RefObject<HTMLDialogElement> {
  const dialog = useRef<HTMLDialogElement>(null);
  const latest = useRef(onClose);
  latest.current = onClose;
  useEffect(() => {
    const shown = dialog.current!;
    const closed = () => latest.current();
    shown.addEventListener("close", closed);
    shown.showModal();
    return () => {
      // The event comes later, and would close the dialog that a caller shows next.
      shown.removeEventListener("close", closed);
      shown.close();
    };
  }, []);
  return dialog;
}
