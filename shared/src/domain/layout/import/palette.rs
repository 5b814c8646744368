//! Colors and marks for categories that have none.

/// Colors that people with color blindness can tell apart, by Okabe and Ito, and some more.
const COLORS: [&str; 12] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7b3294", "#8c510a",
    "#1b7837", "#c51b7d", "#4d4d4d", "#e69f00",
];

const MARKS: [&str; 12] = ["●", "■", "▲", "◆", "★", "✚", "▼", "○", "□", "△", "◇", "☆"];

/// The color of the category with this index.
pub(super) fn color(index: usize) -> &'static str {
    COLORS[index % COLORS.len()]
}

/// The mark of the category with this index. No two categories have the same.
pub(super) fn mark(index: usize) -> String {
    MARKS.get(index).map_or_else(|| (index + 1).to_string(), |mark| (*mark).to_owned())
}
