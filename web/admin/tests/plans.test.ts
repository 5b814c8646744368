import { expect, test } from "vitest";
import { readPlan } from "../src/plans.js";

const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;
const HEADER = "section,row,number,x,y,category,flags";
const linesOf = (text: string) => readPlan(bytes(text)).problems.map(({ line }) => line);

test("a list of seats becomes sections and rows", () => {
  const { format, layout, problems } = readPlan(
    bytes(`${HEADER}\nA,1,1,0,0,gold,\nA,1,2,10,0,gold,aisle\nB,1,1,0,50,blue,\n`),
  );
  expect(format).toBe("csv");
  expect(problems).toEqual([]);
  expect(layout?.sections.map(({ key }) => key)).toEqual(["A", "B"]);
  expect(layout?.sections[0]?.rows[0]?.seats).toHaveLength(2);
});

test.each([
  ["section,row,number\nA,1,1", [1]],
  [`${HEADER}\nA,1,1,0,zero,gold,\nA,1,,0,0,gold,`, [2, 3]],
  [`${HEADER}\nA,1,1,0,0,gold,\n\nA,1,1,5,5,gold,`, [4]],
  [`${HEADER}\nA,1,1,0,0,gold,aisle,more`, [2]],
  [HEADER, [2]],
  [`${HEADER}\n"A\nB",1,1,0,0,gold,\nA,1,2,x,0,gold,`, [4]],
])("a bad line is named as an editor names it: %j", (text, lines) => {
  expect(linesOf(text)).toEqual(lines);
});

test("semicolons, decimal commas, a byte-order mark and windows-1252 are read", () => {
  const text = `${HEADER.replaceAll(",", ";")}\r\nPl\u00e4tze;1;1;1,5;2,5;gold;\r\n`;
  const windows = Uint8Array.from(text, (char) => char.charCodeAt(0)).buffer as ArrayBuffer;
  expect(readPlan(windows).layout?.sections[0]?.key).toBe("Pl\u00e4tze");
  const { layout } = readPlan(bytes(`\uFEFF${text}`));
  expect(layout?.sections[0]?.rows[0]?.seats?.[0]).toMatchObject({ x: 1.5, y: 2.5 });
});

test("seats of a pretix plan lie where zone, row and seat say together", () => {
  const position = { x: 10, y: 5 };
  const seats = [{ seat_number: "1", seat_guid: "a", position, category: "gold" }];
  const zones = [{ name: "Hall", position, rows: [{ row_number: "C", position, seats }] }];
  const { format, layout } = readPlan(bytes(JSON.stringify({ zones })));
  expect(format).toBe("pretix");
  expect(layout?.sections[0]?.rows[0]?.seats?.[0]).toMatchObject({ x: 30, y: 15 });
});

test("a seat of pretix without a number is named by zone, row and place", () => {
  const rows = [{ seats: [{ position: { x: 0, y: 0 } }] }];
  const { problems } = readPlan(bytes(JSON.stringify({ zones: [{ rows }] })));
  expect(problems[0]?.reason).toBe("Zone 1, row 1, seat 1 has no seat_number.");
});

test("what is no plan is said so", () => {
  expect(readPlan(bytes("{")).problems[0]?.reason).toMatch(/^This is not a plan/);
});

test.each([
  [[{ key: "A" }], "section A has no rows"],
  [[{ rows: [{ label: "1", seats: [{ x: 0, y: 0 }] }] }], "row 1 of section 1 has a seat without"],
  [[{ key: "A", rows: [{ label: "1", seats: [{ number: "1", x: 0 }] }] }], "seat 1 has no x and y"],
  [[{ key: "A", rows: [{ label: "1", run: { count: 3 } }] }], "row 1 of section A has a run"],
  [[null], ""],
])("a layout that cannot be drawn is refused before its preview: %j", (sections, reason) => {
  const { layout, problems } = readPlan(bytes(JSON.stringify({ sections })));
  expect(layout).toBeUndefined();
  expect(problems[0]?.reason).toContain(`This is not a plan: ${reason}`);
});
