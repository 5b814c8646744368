import type { Client, Schemas } from "@unified-booking/client";
import type { Layout } from "@unified-booking/seat-map/seat-map";

/** An entity with its settings, and what later versions of the API add. */
export type Entity = Schemas["EntitySettings"] & { layoutId?: string; feedKey?: string };

export interface LayoutInfo {
  layoutId: string;
  name: string;
  version: number;
}

/** The routes that this client's generated table does not know yet. */
export function routes(client: Client, appId: string) {
  const call = <T>(row: string, input: object = {}) =>
    client.call(row, { appId, ...input }) as Promise<T>;
  const entities = "/admin/apps/{appId}/entities";
  const layouts = "/admin/apps/{appId}/layouts";
  return {
    makeSeats: (entityId: string, layoutId: string, prices: Record<string, number>) =>
      call<{ created: number; total: number }>(`POST ${entities}/{entityId}/seats sb`, {
        entityId,
        layoutId,
        prices,
      }),
    putLayout: (layoutId: string, layout: Layout) =>
      call<LayoutInfo>(`PUT ${layouts}/{layoutId} sb`, { ...layout, layoutId }),
  };
}
