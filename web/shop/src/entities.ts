import { type Client, isBookingError } from "@unified-booking/client";
import type { Config } from "./config.js";

/** What is sold: an event, a bus ride, a screening. */
export interface Entity {
  entityId: string;
  title: string;
  description?: string;
  venue?: string;
  startsAt?: string;
  endsAt?: string;
  timeZone?: string;
  currency?: string;
  sales?: "OPEN" | "NOT_YET" | "CLOSED" | "PAUSED" | "CANCELLED";
  salesOpenAt?: string;
  priceFrom?: number;
  priceTo?: number;
  seats?: { total: number; available: number };
  feedKey?: string;
}

interface EntityPage {
  entities: Entity[];
  nextCursor?: string;
}

export async function listEntities(
  client: Client,
  config: Config,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<EntityPage> {
  try {
    return (await client.call("GET /entities a", { cursor, limit: 50 }, { signal })) as EntityPage;
  } catch (error) {
    if (isRouteMissing(error)) return { entities: config.entities ?? [] };
    throw error;
  }
}

export async function getEntity(
  client: Client,
  config: Config,
  entityId: string,
  signal: AbortSignal,
): Promise<Entity | undefined> {
  const known = config.entities?.find((entity) => entity.entityId === entityId);
  try {
    return (await client.call("GET /entities/{entityId} a", { entityId }, { signal })) as Entity;
  } catch (error) {
    if (isRouteMissing(error) || (isBookingError(error) && error.status === 404)) return known;
    throw error;
  }
}

/** An API from before entities. */
function isRouteMissing(error: unknown): boolean {
  return isBookingError(error) && error.code === "ROUTE_NOT_FOUND";
}
