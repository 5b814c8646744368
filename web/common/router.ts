import { useEffect, useState } from "preact/hooks";

/** The current path. Links to this origin change it without loading a page. */
export function usePath(): string {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const update = () => setPath(location.pathname);
    const follow = (event: MouseEvent) => {
      const link = (event.target as Element).closest?.("a");
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
      if (
        !link ||
        !plain ||
        link.target ||
        link.origin !== location.origin ||
        // A link within the page, such as the one that skips to the content.
        link.getAttribute("href")?.startsWith("#") ||
        event.defaultPrevented
      )
        return;
      event.preventDefault();
      navigate(link.pathname + link.search);
    };
    addEventListener("popstate", update);
    addEventListener("click", follow);
    return () => {
      removeEventListener("popstate", update);
      removeEventListener("click", follow);
    };
  }, []);
  return path;
}

export function navigate(to: string): void {
  history.pushState(null, "", to);
  scrollTo(0, 0);
  dispatchEvent(new PopStateEvent("popstate"));
  // With the focus on the title, screen readers begin there.
  requestAnimationFrame(() => document.querySelector<HTMLElement>("h1")?.focus());
}

/** A part of a path without its escapes. Undefined if an escape is broken, such as a lone `%`. */
export function decoded(part: string | undefined): string | undefined {
  try {
    return part && decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
