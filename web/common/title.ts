import { useEffect } from "preact/hooks";

/** Sets the window's title. */
export function useTitle(page: string, site: string): void {
  useEffect(() => {
    document.title = `${page} · ${site}`;
  }, [page, site]);
}
