import { formatMoney } from "../../common/money.js";
import type { Entity } from "./entities.js";

/** An amount in minor units. Whole amounts have no digits after the point. */
export function money(amount: number, currency: string, locale?: string): string {
  return formatMoney(amount, currency, { locale, trimWhole: true });
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
