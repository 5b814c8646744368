/** The part of `Storage` that the client uses. */
export interface KeyValueStore {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/** A confirmation without a final answer. */
export interface UnfinishedConfirm {
  key: string;
  body: { reservationToken: string; paymentId?: string | null };
  /** Its payment was pending: a confirmation by another payment may take its place. */
  open?: boolean;
}

/** Keeps them, so that a reload repeats exactly the same call. */
export class ConfirmJournal {
  #memory: string | null = null;

  constructor(
    private readonly name: string,
    private readonly store: KeyValueStore | undefined,
  ) {}

  all(): Record<string, UnfinishedConfirm> {
    try {
      return JSON.parse(this.#read() ?? "{}") as Record<string, UnfinishedConfirm>;
    } catch {
      return {};
    }
  }

  /** The call as it was first made for this hold. */
  begin(confirm: UnfinishedConfirm): UnfinishedConfirm {
    const all = this.all();
    const token = confirm.body.reservationToken;
    const kept = all[token];
    if (kept && !(kept.open && kept.body.paymentId !== confirm.body.paymentId)) return kept;
    this.#write({ ...all, [token]: confirm });
    return confirm;
  }

  leaveOpen(confirm: UnfinishedConfirm): void {
    this.#write({ ...this.all(), [confirm.body.reservationToken]: { ...confirm, open: true } });
  }

  end(reservationToken: string): void {
    const { [reservationToken]: _ended, ...others } = this.all();
    this.#write(others);
  }

  /** Storage throws where a browser blocks it. Then the page's memory has to do. */
  #read(): string | null {
    try {
      return this.store?.getItem(this.name) ?? this.#memory;
    } catch {
      return this.#memory;
    }
  }

  #write(all: Record<string, UnfinishedConfirm>): void {
    this.#memory = Object.keys(all).length > 0 ? JSON.stringify(all) : null;
    try {
      if (this.#memory) this.store?.setItem(this.name, this.#memory);
      else this.store?.removeItem(this.name);
    } catch {
      // Kept in memory.
    }
  }
}

/** The tab's own storage. A server has none. */
export function sessionStore(): KeyValueStore | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}
