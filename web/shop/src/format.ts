import type { Entity } from "./entities.js";

/** An amount in minor units, with the currency's own digits. Whole amounts have none. */
export function money(amount: number, currency: string, locale?: string): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  const value = amount / 10 ** digits;
  if (!Number.isInteger(value)) return format.format(value);
  const whole = { style: "currency", currency, maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(locale, whole).format(value);
}

/** When an entity starts, in its own time zone and not the reader's. */
export function when(
  { startsAt, timeZone }: Pick<Entity, "startsAt" | "timeZone">,
  options: Intl.DateTimeFormatOptions,
  locale?: string,
): string {
  if (!startsAt) return "";
  const zone = timeZone ? { timeZone } : {};
  return new Intl.DateTimeFormat(locale, { ...options, ...zone }).format(new Date(startsAt));
}

export const LONG_DATE: Intl.DateTimeFormatOptions = {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "numeric",
  minute: "2-digit",
};
