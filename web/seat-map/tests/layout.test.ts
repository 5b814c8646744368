import { expect, test } from "vitest";
import { placesOf } from "../src/layout.js";
import { Plan, readable } from "../src/plan.js";
import { money } from "../src/texts.js";

const size = { width: 1000, height: 1000 };
const run = { first: 1, count: 5, x: 0, y: 0, dx: 100, dy: 0, bend: 40, gaps: [2] };

function plan(numbers: string[]) {
  const seats = numbers.map((seatNumber, index) => ({
    seatId: String(index),
    seatNumber,
    price: 1,
  }));
  return new Plan(seats);
}

test("a run numbers its seats, leaves its gaps empty, and bends in the middle", () => {
  const places = placesOf({ size, sections: [{ key: "S", rows: [{ label: "A", run }] }] });
  expect(places.map(({ number }) => number)).toEqual(["A-1", "A-2", "A-3", "A-4"]);
  expect(places.map(({ x }) => x)).toEqual([0, 100, 300, 400]);
  expect(places.map(({ y }) => y)).toEqual([0, 30, 30, 0]);
});

test("a run names its section only where another section has a row of that label", () => {
  const rows = [{ label: "A", run }];
  const two = placesOf({
    size,
    sections: [
      { key: "S", rows },
      { key: "T", rows },
    ],
  });
  expect(two[0]?.number).toBe("S-A-1");
  expect(two[4]?.number).toBe("T-A-1");
});

test("a seat without a category has its row's, or the only one there is", () => {
  const seats = [
    { number: "1", x: 0, y: 0 },
    { number: "2", x: 100, y: 0, category: "gold" },
  ];
  const [first, second] = placesOf({
    size,
    categories: [
      { key: "gold", label: "Gold" },
      { key: "blue", label: "Blue" },
    ],
    sections: [{ key: "S", rows: [{ label: "A", category: "blue", seats }] }],
  });
  expect([first?.category, second?.category]).toEqual(["blue", "gold"]);
});

test.each([
  [["A1", "A2", "A10"], "A", [0, 100, 900]],
  [["1A", "1B", "1D"], "1", [0, 100, 300]],
  [["Stalls-C-12", "Stalls-C-13"], "C", [0, 100]],
  [["Ä-1", "Ä-2"], "Ä", [0, 100]],
])("numbers such as %s say row and column", (numbers, row, xs) => {
  const { spots } = plan(numbers);
  expect(spots.every((spot) => spot.row === row)).toBe(true);
  expect(spots.map(({ x }) => x - spots[0]!.x)).toEqual(xs);
});

test.each([
  ["EXTRA_LEGROOM", "Extra legroom"],
  ["extraLegroom", "extra legroom"],
  ["Gold", "Gold"],
  ["VIP", "VIP"],
  ["Front Rows", "Front Rows"],
])("the key %s is shown as %s", (key, shown) => {
  expect(readable(key)).toBe(shown);
});

test("money has the currency's own digits", () => {
  expect(money(45000, "INR", "en-IN")).toBe("₹450.00");
  expect(money(450, "JPY", "en")).toBe("¥450");
  expect(money(1500, "KWD", "en").replace(/\s/g, " ")).toBe("KWD 1.500");
});
