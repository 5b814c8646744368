import type { Layout } from "@unified-booking/seat-map/seat-map";
import { type LineProblem, parseCsv } from "./csv.js";

/** The API's limit of the positions in one run. */
const MOST_IN_A_RUN = 50_000;
const COLUMNS = ["section", "row", "number", "x", "y", "category", "flags"];

/** A plan's file: the text for the API, and the layout for a preview. */
export interface PlanFile {
  format: "csv" | "pretix" | "layout";
  text: string;
  /** Absent if the file has problems. */
  layout?: Layout;
  problems: LineProblem[];
}

interface PlanSeat {
  section: string;
  row: string;
  number: string;
  x: number;
  y: number;
  category: string;
}

/** Reads a file like the API does: CSV, a pretix plan, or a layout of this API. */
export function readPlan(bytes: ArrayBuffer): PlanFile {
  const text = decodedText(bytes);
  if (!/^\s*\{/.test(text)) return { format: "csv", text, ...readCsv(text) };
  try {
    const plan = JSON.parse(text) as Partial<Layout> & { zones?: unknown };
    if (plan.zones) return { format: "pretix", text, ...readPretix(plan as never) };
    const layout = plan as Layout;
    if (!layout.sections?.length) throw new Error("it has neither zones nor sections");
    checkDrawable(layout);
    return { format: "layout", text, layout, problems: [] };
  } catch (error) {
    const reason = `This is not a plan: ${error instanceof Error ? error.message : error}.`;
    return { format: "layout", text, problems: [{ line: 0, reason }] };
  }
}

/** Throws if the preview could not draw a layout. The API checks everything else. */
function checkDrawable({ sections, shapes = [] }: Layout): void {
  const areNumbers = (values: unknown[]) => values.every((value) => Number.isFinite(value));
  for (const [index, { key = index + 1, rows }] of sections.entries()) {
    if (!Array.isArray(rows)) throw new Error(`section ${key} has no rows`);
    for (const { label, seats = [], run } of rows) {
      const where = `row ${label} of section ${key}`;
      if (run && !areNumbers([run.first, run.x, run.y, run.dx, run.dy]))
        throw new Error(`${where} has a run without first, x, y, dx or dy`);
      if (run && !(Number.isInteger(run.count) && run.count > 0 && run.count <= MOST_IN_A_RUN))
        throw new Error(`the run of ${where} has no valid count`);
      for (const { number, x, y } of seats) {
        if (typeof number !== "string") throw new Error(`${where} has a seat without a number`);
        if (!areNumbers([x, y])) throw new Error(`seat ${number} has no x and y`);
      }
    }
  }
  for (const { points } of shapes) {
    if (!Array.isArray(points)) throw new Error("a shape has no points");
  }
}

/** Spreadsheets write UTF-8 or windows-1252. */
function decodedText(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function readCsv(text: string): Pick<PlanFile, "layout" | "problems"> {
  const [header, ...records] = parseCsv(text);
  const names = header?.fields.map((name) => name.toLowerCase()) ?? [];
  const missing = COLUMNS.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const reason = `The first line must be the header ${COLUMNS.join(",")}.`;
    return { problems: [{ line: 1, reason }] };
  }
  const problems: LineProblem[] = [];
  const first = new Map<string, number>();
  const seats: PlanSeat[] = [];
  for (const { line, fields } of records) {
    const cell = (name: string) => fields[names.indexOf(name)] ?? "";
    const number = (name: string) => Number(cell(name).replace(",", ".") || "none");
    const place = [cell("section"), cell("row"), cell("number")];
    const key = place.join("\n");
    const refuse = (reason: string) => problems.push({ line, reason });
    if (fields.length > names.length)
      refuse(`There are ${fields.length - names.length} cells too many.`);
    else if (!cell("number")) refuse("The seat has no number.");
    else if (Number.isNaN(number("x"))) refuse(`x is not a number: ${cell("x") || "it is empty"}.`);
    else if (Number.isNaN(number("y"))) refuse(`y is not a number: ${cell("y") || "it is empty"}.`);
    else if (first.has(key))
      refuse(`Seat ${place.filter(Boolean).join(" ")} is on line ${first.get(key)} already.`);
    else {
      first.set(key, line);
      const [section, row] = place as [string, string];
      const [x, y] = [number("x"), number("y")];
      seats.push({ section, row, number: place.join("-"), x, y, category: cell("category") });
    }
  }
  if (records.length === 0) problems.push({ line: 2, reason: "There is no seat." });
  return problems.length > 0 ? { problems } : { layout: layoutOf(seats), problems };
}

interface Positioned {
  position?: { x?: number; y?: number };
}
interface Pretix {
  zones: (Positioned & {
    name?: string;
    rows?: (Positioned & {
      row_number?: string;
      seats?: (Positioned & { seat_number?: string; seat_guid?: string; category?: string })[];
    })[];
  })[];
}

/** Reads a pretix plan: a seat's position is relative to its row, a row's to its zone. */
function readPretix({ zones }: Pretix): Pick<PlanFile, "layout" | "problems"> {
  const problems: LineProblem[] = [];
  const seats: PlanSeat[] = [];
  zones.forEach((zone, zoneIndex) => {
    zone.rows?.forEach((row, rowIndex) => {
      row.seats?.forEach((seat, seatIndex) => {
        const at = (axis: "x" | "y") =>
          [zone, row, seat].reduce((sum, { position }) => sum + (position?.[axis] ?? 0), 0);
        const where = `Zone ${zoneIndex + 1}, row ${rowIndex + 1}, seat ${seatIndex + 1}`;
        if (!seat.seat_number) problems.push({ line: 0, reason: `${where} has no seat_number.` });
        if (!seat.position) problems.push({ line: 0, reason: `${where} has no position.` });
        seats.push({
          section: zone.name ?? String(zoneIndex + 1),
          row: row.row_number ?? "",
          number: seat.seat_guid ?? `${zoneIndex}-${rowIndex}-${seatIndex}`,
          x: at("x"),
          y: at("y"),
          category: seat.category ?? "",
        });
      });
    });
  });
  if (seats.length === 0) problems.push({ line: 0, reason: "There is no seat." });
  return problems.length > 0 ? { problems } : { layout: layoutOf(seats), problems };
}

/** A layout for the preview only. The API makes the real one. */
function layoutOf(seats: PlanSeat[]): Layout {
  const sections = new Map<string, Map<string, PlanSeat[]>>();
  for (const seat of seats) {
    const rows = sections.get(seat.section) ?? new Map<string, PlanSeat[]>();
    sections.set(seat.section, rows);
    rows.set(seat.row, [...(rows.get(seat.row) ?? []), seat]);
  }
  return {
    size: { width: 1000, height: 1000 },
    sections: [...sections].map(([key, rows]) => ({
      key,
      rows: [...rows].map(([label, inRow]) => ({ label, seats: inRow })),
    })),
  };
}
