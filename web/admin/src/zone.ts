/** Every time zone that the browser knows, this device's first. */
export function timeZones(): string[] {
  return [...new Set([deviceZone(), ...Intl.supportedValuesOf("timeZone"), "UTC"])];
}

export function deviceZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The local time in a zone, in the format of `datetime-local` fields. Seconds only if not zero. */
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

/** The instant of a local time in a zone. A time in an hour that clocks skip is an hour later. */
export function instantOf(wall: string, timeZone: string): string {
  const wanted = Date.parse(`${wall}Z`);
  let instant = wanted;
  // The first guess may be on the other side of a clock change: the second round corrects it.
  for (let round = 0; round < 2; round++) {
    instant += wanted - Date.parse(`${wallTime(instant, timeZone)}Z`);
  }
  return new Date(instant).toISOString();
}
