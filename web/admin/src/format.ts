import { digitsOf } from "../../common/money.js";

export { formatMoney as money } from "../../common/money.js";

/** An amount in minor units, as a person types it: 1250 of USD is "12.50". */
export function decimal(amount: number, currency: string): string {
  const digits = digitsOf(currency);
  return (amount / 10 ** digits).toFixed(digits);
}

/** What a person typed, in minor units: "12.50" of USD is 1250. Undefined if it is no amount. */
export function minorUnits(text: string, currency: string): number | undefined {
  const digits = digitsOf(currency);
  const match = /^(\d+)(?:[.,](\d+))?$/.exec(text.trim());
  const fraction = match?.[2] ?? "";
  if (!match || fraction.length > digits) return undefined;
  return Number(match[1] + fraction.padEnd(digits, "0"));
}

/** The amount in a field of a form, in minor units. */
export function amountOf(fields: FormData, name: string, currency: string): number {
  const amount = minorUnits(String(fields.get(name)), currency);
  if (!amount) throw new Error(`Write the amount in ${currency}, such as 12.`);
  return amount;
}

/** A time in a time zone; by default in this device's. */
export function dateTime(value: string | undefined, timeZone?: string): string {
  if (!value) return "–";
  const options = {
    dateStyle: "medium",
    timeStyle: "short",
    ...(timeZone && { timeZone }),
  } as const;
  return new Intl.DateTimeFormat(undefined, options).format(new Date(value));
}

export function percent(share: number): string {
  return new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 }).format(
    share,
  );
}

export function count(value: number): string {
  return new Intl.NumberFormat().format(value);
}
