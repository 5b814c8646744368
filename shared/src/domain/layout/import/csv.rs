//! Reads a spreadsheet saved as CSV by Excel, LibreOffice or Google Sheets.

use super::{
    draft::{Draft, DraftSeat, DraftSection, seat_number},
    palette,
};
use crate::domain::layout::{
    Category, CategoryKey, Color, Faults, Flag, Flags, Key, Label, Layout, MAX_SEATS, MAX_SECTIONS,
    RowLabel, Text,
};
use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::{borrow::Cow, collections::HashMap};

const COLUMNS: [&str; 7] = ["section", "row", "number", "x", "y", "category", "flags"];
const SECTION: usize = 0;
const ROW: usize = 1;
const NUMBER: usize = 2;
const X: usize = 3;
const Y: usize = 4;
const CATEGORY: usize = 5;
const FLAGS: usize = 6;

/// Reads a layout from CSV with the header `section,row,number,x,y,category,flags`. Faults name
/// the line, and the column where one is at fault.
pub fn csv_layout(name: Text<200>, bytes: &[u8]) -> Result<Layout, Faults> {
    let text = decode(bytes)?;
    let (text, skipped, hint) = without_separator_line(&text);
    let delimiter = hint.unwrap_or_else(|| delimiter(text));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut file = CsvFile::new(delimiter == b';');
    let mut columns = None;
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 + skipped };
    for record in reader.records() {
        // The text is UTF-8 and lines may differ in length, so nothing else can fail.
        let record = record.map_err(|_| Faults::one("body", "is not CSV"))?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = lines.line_at(record.position().map_or(0, csv::Position::byte));
        match &columns {
            None => columns = Some(header(&record, line)?),
            Some(columns) => file.read_line(&record, columns, line)?,
        }
    }
    if columns.is_none() {
        return Err(Faults::one("line 1", format!("must be the header {}", COLUMNS.join(","))));
    }
    file.faults.none_or(())?;
    if file.draft.sections.is_empty() {
        return Err(Faults::one("line 2", "must be a seat: the file has only a header"));
    }
    file.draft.finish(name)
}

/// UTF-8 if the bytes are valid UTF-8, else windows-1252.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Faults> {
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) if encoding != UTF_8 => {
            Err(Faults::one("line 1", "must be UTF-8 or windows-1252: save the file as CSV UTF-8"))
        }
        Some((_, length)) => match UTF_8.decode_without_bom_handling(&bytes[length..]) {
            (text, false) => Ok(text),
            (text, true) => Err(lost_char(&text, "is not UTF-8, though the file says so")),
        },
        None => match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
            // An earlier program decoded windows-1252 as UTF-8. No file has a replacement character
            // on purpose.
            Some(text) if text.contains(char::REPLACEMENT_CHARACTER) => {
                Err(lost_char(&text, "lost a character on the way: save the file as CSV UTF-8"))
            }
            Some(text) => Ok(text),
            None => Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0),
        },
    }
}

/// The fault of the first line that has a replacement character.
fn lost_char(text: &str, reason: &str) -> Faults {
    let before = text.split(char::REPLACEMENT_CHARACTER).next().unwrap_or_default();
    Faults::one(format!("line {}", before.matches('\n').count() + 1), reason)
}

/// Excel reads and writes a first line `sep=;`. Returns the text after it, the number of lines
/// skipped, and the separator.
fn without_separator_line(text: &str) -> (&str, u64, Option<u8>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.trim_end_matches('\r').trim_matches('"').to_ascii_lowercase();
    match first.as_str() {
        "sep=;" => (rest, 1, Some(b';')),
        "sep=," => (rest, 1, Some(b',')),
        _ => (text, 0, None),
    }
}

/// The delimiter of the header: the first of the two that it has.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    match header.find([',', ';']) {
        Some(at) => header.as_bytes()[at],
        None => b',',
    }
}

/// Counts lines. The reader counts them too, but its records begin before the line feed and the
/// empty lines that precede them.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the record that begins at this byte. Call it for the records in their order.
    fn line_at(&mut self, byte: u64) -> u64 {
        while let Some(c) = self.text.get(self.at) {
            let ends_line = *c == b'\n' || *c == b'\r';
            if self.at as u64 >= byte && !ends_line {
                break;
            }
            let first_of_two = *c == b'\r' && self.text.get(self.at + 1) == Some(&b'\n');
            self.line += u64::from(ends_line && !first_of_two);
            self.at += 1;
        }
        self.line
    }
}

/// The index of the cell of each column, from the header line.
fn header(record: &StringRecord, line: u64) -> Result<[usize; 7], Faults> {
    let cells: Vec<_> = record.iter().map(|cell| cell.trim().to_ascii_lowercase()).collect();
    let mut faults = Faults::default();
    let at = format!("line {line}");
    for (index, cell) in cells.iter().enumerate() {
        if cells[..index].contains(cell) && !cell.is_empty() {
            faults.add(&at, format!("the column {} appears twice", shown(cell)));
        } else if !cell.is_empty() && !COLUMNS.contains(&cell.as_str()) {
            faults.add(&at, format!("the column {} is unknown", shown(cell)));
        }
    }
    let columns = COLUMNS.map(|column| match cells.iter().position(|cell| cell == column) {
        Some(index) => index,
        None => {
            let expected = COLUMNS.join(",");
            faults.add(&at, format!("the column {column} is missing: the header is {expected}"));
            0
        }
    });
    faults.none_or(columns)
}

/// The beginning of a text from the file, for a message.
fn shown(text: &str) -> String {
    format!("'{}'", text.chars().filter(|c| !c.is_control()).take(40).collect::<String>())
}

/// The state of a file while its lines are read.
struct CsvFile {
    draft: Draft,
    decimal_comma: bool,
    sections: HashMap<String, usize>,
    categories: HashMap<String, usize>,
    /// The line of each seat, by its number.
    lines: HashMap<String, u64>,
    faults: Faults,
}

/// What is wrong with a line, and in which column.
type LineFault = (Option<usize>, String);

impl CsvFile {
    fn new(decimal_comma: bool) -> Self {
        Self {
            draft: Draft::default(),
            decimal_comma,
            sections: HashMap::new(),
            categories: HashMap::new(),
            lines: HashMap::new(),
            faults: Faults::default(),
        }
    }

    /// Reads one line, and adds its faults to the list. Fails at once if the file is too large.
    fn read_line(
        &mut self,
        record: &StringRecord,
        columns: &[usize; 7],
        line: u64,
    ) -> Result<(), Faults> {
        if let Err((column, reason)) = self.add_seat(record, columns, line) {
            let column = column.map_or_else(String::new, |column| format!(", {}", COLUMNS[column]));
            self.faults.add(format!("line {line}{column}"), reason);
        }
        let too_large = if self.lines.len() > MAX_SEATS {
            format!("is seat {}: at most {MAX_SEATS} are allowed", self.lines.len())
        } else if self.draft.sections.len() > MAX_SECTIONS {
            format!(
                "is in section {}: at most {MAX_SECTIONS} are allowed",
                self.draft.sections.len()
            )
        } else {
            return Ok(());
        };
        self.faults.add(format!("line {line}"), too_large);
        std::mem::take(&mut self.faults).none_or(())
    }

    fn add_seat(
        &mut self,
        record: &StringRecord,
        columns: &[usize; 7],
        line: u64,
    ) -> Result<(), LineFault> {
        let last = columns.iter().copied().max().unwrap_or_default();
        if record.len() <= last {
            return Err((None, format!("must have {} cells, and has {}", last + 1, record.len())));
        }
        let unnamed = |index: &usize| !columns.contains(index);
        if (0..record.len()).filter(unnamed).any(|index| !record[index].trim().is_empty()) {
            return Err((None, "has a cell without a column".into()));
        }
        let cell = |column: usize| record[columns[column]].trim();
        let in_column = |column: usize| move |reason: String| (Some(column), reason);
        let key = Key::parse(cell(SECTION)).map_err(in_column(SECTION))?;
        let row = RowLabel::parse(cell(ROW)).map_err(in_column(ROW))?;
        let label = Text::<32>::parse(cell(NUMBER)).map_err(in_column(NUMBER))?;
        let number =
            seat_number(key.as_str(), row.as_str(), label.as_str()).map_err(in_column(NUMBER))?;
        let x = coordinate(cell(X), self.decimal_comma).map_err(in_column(X))?;
        let y = coordinate(cell(Y), self.decimal_comma).map_err(in_column(Y))?;
        let category = CategoryKey::parse(cell(CATEGORY)).map_err(in_column(CATEGORY))?;
        let flags = flags(cell(FLAGS)).map_err(in_column(FLAGS))?;
        if let Some(first) = self.lines.insert(number.key(), line) {
            return Err((Some(NUMBER), format!("the seat appears twice: first in line {first}")));
        }
        let category = self.category(&category).map_err(in_column(CATEGORY))?;
        let section = self.section(key).map_err(in_column(SECTION))?;
        let seat = DraftSeat { number, label, place: (x, y), category, flags };
        section.row(row).seats.push(seat);
        Ok(())
    }

    fn category(&mut self, key: &CategoryKey) -> Result<usize, String> {
        if let Some(index) = self.categories.get(key.as_str()) {
            return Ok(*index);
        }
        let index = self.draft.categories.len();
        self.draft.categories.push(Category {
            key: key.clone(),
            label: Label::parse(key.as_str())?,
            color: Color::parse(palette::color(index))?,
            mark: Text::parse(&palette::mark(index))?,
        });
        self.categories.insert(key.as_str().to_owned(), index);
        Ok(index)
    }

    fn section(&mut self, key: Key) -> Result<&mut DraftSection, String> {
        let sections = &mut self.draft.sections;
        let index = match self.sections.get(key.as_str()) {
            Some(index) => *index,
            None => {
                self.sections.insert(key.as_str().to_owned(), sections.len());
                let label = Label::parse(key.as_str())?;
                sections.push(DraftSection::new(key, label));
                sections.len() - 1
            }
        };
        Ok(&mut sections[index])
    }
}

/// Reads a number. A file with `;` may have a comma before the decimals.
fn coordinate(cell: &str, decimal_comma: bool) -> Result<f64, String> {
    const MAX: f64 = 1e9;
    let text = match decimal_comma && !cell.contains('.') {
        true => Cow::Owned(cell.replacen(',', ".", 1)),
        false => Cow::Borrowed(cell),
    };
    // `parse` also accepts "inf" and "NaN".
    let plain = text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    match text.parse::<f64>() {
        Ok(number) if plain && number.abs() <= MAX => Ok(number),
        Ok(_) if plain => Err("must be between -1000000000 and 1000000000".into()),
        Ok(_) | Err(_) if cell.is_empty() => Err("is required".into()),
        Ok(_) | Err(_) => Err(format!("must be a number, not {}", shown(cell))),
    }
}

fn flags(cell: &str) -> Result<Flags, String> {
    let flag = |name: &str| {
        let flag = Flag::ALL.iter().copied().find(|flag| flag.as_str() == name);
        flag.ok_or_else(|| {
            let known: Vec<_> = Flag::ALL.iter().map(|flag| flag.as_str()).collect();
            format!("{} is not one of {}", shown(name), known.join(", "))
        })
    };
    cell.split_whitespace().map(flag).collect()
}

#[cfg(test)]
mod tests;
