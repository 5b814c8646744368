import type { Client, Input, Item, PagedId } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { type Loaded, useKept, useLoad } from "./load.js";

export type Pages<T> = Loaded<{ items: T[]; more: boolean }> & { showMore: () => void };

/** The first pages of a list, one more with each `showMore`. Loads again when `changes` does. */
export function usePages<Id extends PagedId>(
  client: Client,
  id: Id,
  input: Input<Id>,
  changes?: unknown,
): Pages<Item<Id>> {
  const key = JSON.stringify(input);
  const [shown, setShown] = useState({ key, pages: 1 });
  // With another input, begin with the first page again.
  const pages = shown.key === key ? shown.pages : 1;
  const loaded = useKept(
    useLoad(
      async (signal) => {
        const items: Item<Id>[] = [];
        let left = pages;
        for await (const page of client.pages(id, input, { signal })) {
          items.push(...(Object.values(page as object).find(Array.isArray) ?? []));
          if (--left === 0) return { items, more: "nextCursor" in (page as object) };
        }
        return { items, more: false };
      },
      [key, pages, changes],
    ),
  );
  return { ...loaded, showMore: () => setShown({ key, pages: pages + 1 }) };
}
