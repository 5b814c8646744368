import type { Input, Item, PagedId } from "@unified-booking/client";
import { type Pages, usePages as usePagesOf } from "../../common/paging.js";
import { useDashboard } from "./api.js";

const PAGE_SIZE = 50;

/** The first pages of a list of the API. Loads again when `changes` does. */
export function usePages<Id extends PagedId>(
  id: Id,
  input: Input<Id>,
  changes?: unknown,
): Pages<Item<Id>> {
  const { client } = useDashboard();
  return usePagesOf(client, id, { ...input, limit: PAGE_SIZE }, changes);
}

/** All items of a list. */
export async function collect<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}
