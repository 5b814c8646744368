/** Every time zone that the browser knows, this device's first. */
export function timeZones(): string[] {
  return [...new Set([deviceZone(), ...Intl.supportedValuesOf("timeZone"), "UTC"])];
}

export function deviceZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** What a clock on the wall shows in a zone, as `datetime-local` fields write it. Seconds only if any. */
export function wallTime(instant: string | number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(new Date(instant));
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  const year = part("year").padStart(4, "0");
  const seconds = part("second") === "00" ? "" : `:${part("second")}`;
  return `${year}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}${seconds}`;
}

/** The instant at which a clock on the wall shows this time. A skipped hour is read as the next. */
export function instantOf(wall: string, timeZone: string): string {
  const wanted = Date.parse(`${wall}Z`);
  let instant = wanted;
  // The second round corrects a first guess on the other side of a change of clocks.
  for (let round = 0; round < 2; round++) {
    instant += wanted - Date.parse(`${wallTime(instant, timeZone)}Z`);
  }
  return new Date(instant).toISOString();
}
