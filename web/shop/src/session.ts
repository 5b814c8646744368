import type { Schemas } from "@unified-booking/client";

export interface Session {
  token: string;
  user: Schemas["User"];
}

/**
 * The signed-in user, in every tab of this browser. The token is valid for seven days; a strict
 * Content-Security-Policy keeps foreign scripts away from it.
 */
export class SessionStore {
  readonly #name: string;
  #listeners = new Set<() => void>();
  /** Used if the browser blocks storage. */
  #memory: Session | undefined;

  constructor(appId: string) {
    this.#name = `shop:session:${appId}`;
    addEventListener("storage", (event) => event.key === this.#name && this.#tell());
  }

  get current(): Session | undefined {
    try {
      return JSON.parse(localStorage.getItem(this.#name) ?? "null") ?? undefined;
    } catch {
      return this.#memory;
    }
  }

  set current(session: Session | undefined) {
    this.#memory = session;
    try {
      if (session) localStorage.setItem(this.#name, JSON.stringify(session));
      else localStorage.removeItem(this.#name);
    } catch {
      // Kept in memory: after a reload the user signs in again.
    }
    this.#tell();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
