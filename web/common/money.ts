/** The digits of a currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD. */
export function digitsOf(currency: string): number {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

export interface MoneyOptions {
  /** By default the browser's. */
  locale?: string | undefined;
  /** Whether whole amounts have no digits after the point. */
  trimWhole?: boolean;
}

/** An amount in minor units, with the currency's own digits. */
export function formatMoney(amount: number, currency: string, options: MoneyOptions = {}): string {
  const value = amount / 10 ** digitsOf(currency);
  const isTrimmed = options.trimWhole && Number.isInteger(value);
  return new Intl.NumberFormat(options.locale, {
    style: "currency",
    currency,
    ...(isTrimmed && { maximumFractionDigits: 0 }),
  }).format(value);
}
