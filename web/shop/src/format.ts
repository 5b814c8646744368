import type { Entity } from "./entities.js";

/** An amount in minor units, with the currency's own digits; without them where they are zero. */
export function money(amount: number, currency: string, locale?: string): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  const value = amount / 10 ** digits;
  if (!Number.isInteger(value)) return format.format(value);
  const whole = { style: "currency", currency, maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(locale, whole).format(value);
}

/** A time at the place where it happens, not where the reader is. */
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
