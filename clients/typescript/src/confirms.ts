/** The part of `Storage` that the client uses. */
export interface KeyValueStore {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/** A confirmation without a final response. */
export interface UnfinishedConfirm {
  key: string;
  body: { reservationToken: string; paymentId?: string | null };
  /** The payment was pending. A confirmation with another `paymentId` may replace this one. */
  open?: boolean;
}

/** Stores unfinished confirmations, so that a reload repeats exactly the same call. */
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

  /** Stores a confirmation, unless its hold has one already. Returns the stored one, to be sent. */
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

  /** If the browser blocks storage, it throws. Then the copy in memory is used. */
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

/** The tab's `sessionStorage`. Undefined on a server, or if the browser blocks it. */
export function sessionStore(): KeyValueStore | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}
