import type { Client } from "@unified-booking/client";
import type { Layout } from "@unified-booking/seat-map/seat-map";

/** What is sold, with its settings. */
export interface Entity {
  entityId: string;
  title: string;
  description?: string;
  venue?: string;
  currency: string;
  startsAt?: string;
  endsAt?: string;
  timeZone?: string;
  salesOpenAt?: string;
  salesCloseAt?: string;
  state?: "ON_SALE" | "PAUSED" | "CANCELLED";
  holdSeconds?: number;
  maxSeatsPerUser?: number;
  layoutId?: string;
  feedKey?: string;
  version?: number;
  seats?: { total: number; available: number; held: number; booked: number; notForSale: number };
}

export interface LayoutInfo {
  layoutId: string;
  name: string;
  version: number;
}

export interface SecretKey {
  keyId: string;
  name: string;
  createdAt: string;
  lastUsedAt?: string;
}

/** The routes that this client's generated table may not know yet. */
export function routes(client: Client, appId: string) {
  const call = <T>(row: string, input: object = {}) =>
    client.call(row, { appId, ...input }) as Promise<T>;
  const entities = "/admin/apps/{appId}/entities";
  const layouts = "/admin/apps/{appId}/layouts";
  const keys = "/admin/apps/{appId}/secret-keys";
  return {
    entities: (cursor?: string) =>
      call<{ entities: Entity[]; nextCursor?: string }>(`GET ${entities} s`, { cursor, limit: 50 }),
    entity: (entityId: string) => call<Entity>(`GET ${entities}/{entityId} s`, { entityId }),
    putEntity: (entity: Entity) => call<Entity>(`PUT ${entities}/{entityId} sb`, entity),
    patchEntity: (entityId: string, change: Partial<Entity>) =>
      call<Entity>(`PATCH ${entities}/{entityId} sb`, { entityId, ...change }),
    makeSeats: (entityId: string, layoutId: string, prices: Record<string, number>) =>
      call<{ created: number; total: number }>(`POST ${entities}/{entityId}/seats sb`, {
        entityId,
        layoutId,
        prices,
      }),
    layouts: () => call<{ layouts: LayoutInfo[] }>(`GET ${layouts} s`),
    layout: (layoutId: string) => call<Layout>(`GET ${layouts}/{layoutId} s`, { layoutId }),
    putLayout: (layoutId: string, layout: Layout) =>
      call<LayoutInfo>(`PUT ${layouts}/{layoutId} sb`, { ...layout, layoutId }),
    secretKeys: () => call<{ secretKeys: SecretKey[] }>(`GET ${keys} s`),
    createSecretKey: (name: string) =>
      call<SecretKey & { secretKey: string }>(`POST ${keys} sb`, { name }),
    deleteSecretKey: (keyId: string) => call<object>(`DELETE ${keys}/{keyId} s`, { keyId }),
  };
}
