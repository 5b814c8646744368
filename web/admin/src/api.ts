import { type Client, type Schemas, createClient, isBookingError } from "@unified-booking/client";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { readConfig } from "../../common/setup.js";

/** An entity with its settings. */
export type Entity = Schemas["EntitySettings"];

/** Who uses the dashboard: the platform's admin, or a tenant with its secret key. */
export interface Session {
  token: string;
  /** The tenant's own app; absent for the admin. */
  appId?: string;
}

export interface Dashboard {
  client: Client;
  session: Session;
  signOut(): void;
}

export const DashboardContext = createContext<Dashboard | undefined>(undefined);

export function useDashboard(): Dashboard {
  return useContext(DashboardContext)!;
}

const NAME = "dashboard:session";

/** The token stays in this tab, because it gives access to everything. */
export function savedSession(): Session | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

export function saveSession(session: Session | undefined): void {
  try {
    if (session) sessionStorage.setItem(NAME, JSON.stringify(session));
    else sessionStorage.removeItem(NAME);
  } catch {
    // If the browser blocks storage, the user signs in again after a reload.
  }
}

/** The window's event for a refused token. Its detail is the request's `Authorization`. */
export const REFUSED_TOKEN = "dashboard:refused-token";

export async function loadClient(): Promise<Client> {
  const { baseUrl } = await readConfig<{ baseUrl: string }>(["baseUrl"]);
  return createClient({ baseUrl, fetch: fetchAndWatch });
}

/** Reports a refused token, so that not every page has to look for it. */
async function fetchAndWatch(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  if (response.status === 401) {
    const detail = new Headers(request[1]?.headers).get("authorization");
    dispatchEvent(new CustomEvent(REFUSED_TOKEN, { detail }));
  }
  return response;
}

/** The error as a sentence. Users of the dashboard may see the API's own messages. */
export function explain(error: unknown): string {
  if (!isBookingError(error))
    return error instanceof Error ? error.message : "Something went wrong.";
  if (error.code === "VALIDATION_ERROR") {
    return error.details.fields.map(({ field, reason }) => `${field}: ${reason}`).join(" · ");
  }
  if (error.code === "NETWORK_ERROR") return "The API cannot be reached.";
  if (error.code === "PRECONDITION_FAILED")
    return "Somebody else has changed this meanwhile. Reload the page, and try again.";
  if (error.code === "ROUTE_NOT_FOUND") return "This API does not offer that yet.";
  return error.message;
}
