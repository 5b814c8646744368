/** A problem with a line of a file. Lines count from 1, as in an editor; 0 means no single line. */
export interface LineProblem {
  line: number;
  reason: string;
}

export interface SeatLine {
  seatNumber: string;
  price: string;
  section?: string;
  row?: string;
  category?: string;
}

const KNOWN = ["seatNumber", "price", "section", "row", "category"];

/** Parses CSV with commas or semicolons. Each record has the number of its first line. */
export function parseCsv(text: string): { line: number; fields: string[] }[] {
  const source = text.replace(/^\uFEFF/, "");
  const separator = (source.split("\n", 1)[0] ?? "").includes(";") ? ";" : ",";
  const records: { line: number; fields: string[] }[] = [];
  let fields: string[] = [];
  let field = "";
  let quoted = false;
  let line = 1;
  let began = 1;
  const end = () => {
    const all = [...fields, field].map((each) => each.trim());
    if (all.some(Boolean)) records.push({ line: began, fields: all });
    fields = [];
    field = "";
  };
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (char === "\n") line++;
    if (quoted) {
      if (char !== '"') field += char;
      else if (source[at + 1] === '"') field += source[at++];
      else quoted = false;
    } else if (char === '"' && field === "") quoted = true;
    else if (char === separator) {
      fields.push(field);
      field = "";
    } else if (char === "\n") {
      end();
      began = line;
    } else if (char !== "\r") field += char;
  }
  end();
  return records;
}

/** Reads a list of seats with a header. Returns the seats, and the problems of other lines. */
export function readSeatLines(text: string): { seats: SeatLine[]; problems: LineProblem[] } {
  const [header, ...records] = parseCsv(text);
  const problems: LineProblem[] = [];
  if (!header) return { seats: [], problems: [{ line: 1, reason: "The list is empty." }] };
  const unknown = header.fields.filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0) {
    problems.push({
      line: 1,
      reason: `Unknown columns: ${unknown.join(", ")}. Known: ${KNOWN.join(", ")}.`,
    });
  }
  for (const name of ["seatNumber", "price"]) {
    if (!header.fields.includes(name))
      problems.push({ line: 1, reason: `The column ${name} is missing.` });
  }
  if (problems.length > 0) return { seats: [], problems };
  const first = new Map<string, number>();
  const seats = records.flatMap(({ line, fields }) => {
    const pairs = header.fields.map((name, index) => [name, fields[index] ?? ""] as const);
    const seat = Object.fromEntries(pairs.filter(([, value]) => value !== "")) as Partial<SeatLine>;
    const reason = problemOf(seat, fields.length - header.fields.length, first);
    if (reason) {
      problems.push({ line, reason });
      return [];
    }
    first.set(seat.seatNumber!, line);
    return [seat as SeatLine];
  });
  return { seats, problems };
}

function problemOf(
  seat: Partial<SeatLine>,
  extra: number,
  first: Map<string, number>,
): string | undefined {
  if (extra > 0) return `There are ${extra} fields too many.`;
  if (!seat.seatNumber) return "The seat number is missing.";
  if ([...seat.seatNumber].length > 64) return "The seat number has more than 64 characters.";
  const earlier = first.get(seat.seatNumber);
  if (earlier) return `Seat ${seat.seatNumber} is on line ${earlier} already.`;
  if (!seat.price || !/^\d+([.,]\d+)?$/.test(seat.price))
    return "The price is not an amount such as 450 or 12.50.";
  return undefined;
}

/** A table as CSV. A cell that a spreadsheet would run as a formula gets an apostrophe. */
export function toCsv(rows: (string | number | undefined)[][]): string {
  const cell = (value: string | number | undefined) => {
    const text = String(value ?? "");
    const safe = typeof value === "string" && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
    return /[",\n\r;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n");
}

export function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\uFEFF", text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
