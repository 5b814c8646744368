import { type Client, type Schemas, isBookingError } from "@unified-booking/client";

/** What is sold: an event, a bus ride, a screening. */
export type Entity = Schemas["Entity"];

/** An entity, or undefined if there is none. */
export async function findEntity(
  client: Client,
  entityId: string,
  signal?: AbortSignal,
): Promise<Entity | undefined> {
  try {
    return await client.getEntity({ entityId }, signal && { signal });
  } catch (error) {
    if (isBookingError(error) && error.status === 404) return undefined;
    throw error;
  }
}
