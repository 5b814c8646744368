import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";
import { parseCsv, readSeatLines, toCsv } from "../src/csv.js";
import { minorUnits } from "../src/format.js";
import { mapParallel } from "../src/parallel.js";
import { instantOf, wallTime } from "../src/zone.js";

const LIMIT_BYTES = 60_000;

test("the dashboard's script is at most 60 kB gzipped", async () => {
  const built = await build({ logLevel: "silent", build: { write: false } });
  const [output] = Array.isArray(built) ? built : [built];
  if (!output || !("output" in output)) throw new Error("vite watches");
  const size = output.output.reduce(
    (sum, file) => sum + (file.type === "chunk" ? gzipSync(file.code).length : 0),
    0,
  );
  console.log(`admin: ${size} bytes of script gzipped`);
  expect(size).toBeLessThanOrEqual(LIMIT_BYTES);
});

test("fields may be quoted, and a quoted field may hold line breaks", () => {
  const records = parseCsv('\uFEFFa;b\r\n"x;""y""";"two\nlines"\r\n\r\n3;4');
  expect(records).toEqual([
    { line: 1, fields: ["a", "b"] },
    { line: 2, fields: ['x;"y"', "two\nlines"] },
    { line: 5, fields: ["3", "4"] },
  ]);
});

test("every line that cannot be read is named", () => {
  const { seats, problems } = readSeatLines(
    "seatNumber,price,row\nA1,450,A\n,450\nA1,450\nA2,dear\nA3,1,A,?\nA4,0.5",
  );
  expect(seats.map(({ seatNumber }) => seatNumber)).toEqual(["A1", "A4"]);
  expect(problems.map(({ line }) => line)).toEqual([3, 4, 5, 6]);
  expect(problems[1]?.reason).toBe("Seat A1 is on line 2 already.");
});

test("a header that lacks or invents a column is said, and nothing is read", () => {
  expect(readSeatLines("seat,price\nA1,1").problems.map(({ reason }) => reason)).toEqual([
    "Unknown columns: seat. Known: seatNumber, price, section, row, category.",
    "The column seatNumber is missing.",
  ]);
});

test.each([
  ["12.50", "USD", 1250],
  ["12,5", "EUR", 1250],
  ["450", "JPY", 450],
  ["1.234", "KWD", 1234],
  ["1.5", "JPY", undefined],
  ["1.234", "USD", undefined],
  ["-1", "USD", undefined],
])("%s %s is %s minor units", (text, currency, expected) => {
  expect(minorUnits(text, currency)).toBe(expected);
});

test("a cell that a spreadsheet would run is text, and quotes are doubled", () => {
  expect(toCsv([["=1+1", 'a "b"', 3, undefined, "-x"]])).toBe(`'=1+1,"a ""b""",3,,'-x`);
});

test.each([
  ["2026-01-22T18:00", "Asia/Kolkata", "2026-01-22T12:30:00.000Z"],
  ["2026-07-01T00:00", "America/New_York", "2026-07-01T04:00:00.000Z"],
  ["2026-12-31T23:30", "Pacific/Auckland", "2026-12-31T10:30:00.000Z"],
  ["2026-03-29T03:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
  ["2026-10-25T02:30", "Europe/Berlin", "2026-10-25T01:30:00.000Z"],
])("%s in %s is %s, and back", (wall, zone, instant) => {
  expect(instantOf(wall, zone)).toBe(instant);
  expect(wallTime(instant, zone)).toBe(wall);
});

test("an hour that the clocks skip is read as the next", () => {
  expect(instantOf("2026-03-29T02:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
});

test("a list is mapped in its order, with no more calls under way than allowed", async () => {
  let running = 0;
  let most = 0;
  const doubled = await mapParallel([5, 4, 3, 2, 1], 2, async (item) => {
    most = Math.max(most, ++running);
    // The first calls end last.
    for (let turn = 0; turn < item; turn++) await Promise.resolve();
    running--;
    return 2 * item;
  });
  expect(doubled).toEqual([10, 8, 6, 4, 2]);
  expect(most).toBe(2);
});
