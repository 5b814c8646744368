/** Seats for a plan, or for a grid of `rows` × `columns`. */
export function make(layout, query) {
  const seats = [];
  const push = (seatNumber, more = {}) =>
    seats.push({
      seatId: String(seats.length).padStart(24, "0"),
      seatNumber,
      price: 45000,
      ...more,
    });
  if (!layout) {
    for (let row = 0; row < Number(query.get("rows") ?? 10); row++) {
      for (let column = 1; column <= Number(query.get("columns") ?? 12); column++) {
        const category = row < 3 ? "GOLD" : "STANDARD";
        push(`${String.fromCharCode(65 + row)}${column}`, {
          category,
          price: row < 3 ? 90000 : 45000,
        });
      }
    }
    return { seats };
  }
  const labels = layout.sections.flatMap((section) => [
    ...new Set(section.rows.map((row) => row.label)),
  ]);
  for (const section of layout.sections) {
    for (const row of section.rows) {
      const place = { section: section.key, row: row.label };
      for (const seat of row.seats ?? []) push(seat.number, place);
      if (!row.run) continue;
      const several = labels.filter((label) => label === row.label).length > 1;
      const { first, count, step = 1, gaps = [] } = row.run;
      for (let seat = 0; seat < count - gaps.length; seat++) {
        push(`${several ? `${section.key}-` : ""}${row.label}-${first + seat * step}`, place);
      }
    }
  }
  return { seats };
}
