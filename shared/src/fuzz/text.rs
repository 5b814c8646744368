//! Text as an attacker writes it: made up, or something valid with a few characters changed.

use proptest::{prelude::*, sample::select};

/// Part of every generated value, so that an error message that repeats a value is detected.
pub const CANARY: &str = "c4nary";

/// One change to a text. A position selects one of its characters, modulo their number.
#[derive(Clone, Debug)]
pub enum Edit {
    Insert(usize, String),
    Remove(usize),
    Replace(usize, char),
    Cut(usize),
    FlipCase(usize),
}

/// Characters that parsers often mishandle.
fn nasty() -> impl Strategy<Value = char> {
    let known: Vec<char> =
        "\0\t\n\r \"'`\\/.:;,@?#%&=*$<>[]{}()-_+~|\u{7f}\u{85}\u{a0}\u{ad}\u{200b}\u{202e}\u{2028}\u{feff}\
        \u{3002}\u{ff0e}\u{130}\u{212a}\u{e000}\u{fffd}\u{10ffff}\u{1f600}eE0149aAzZé"
            .chars()
            .collect();
    prop_oneof![4 => select(known), 1 => any::<char>()]
}

/// Up to `most` changes.
pub fn edits(most: usize) -> impl Strategy<Value = Vec<Edit>> {
    let at = any::<u16>().prop_map(usize::from);
    let piece = prop_oneof![
        4 => nasty().prop_map(String::from),
        1 => select(vec![CANARY, "..", "://", "%00", "%2e", "*.", "xn--", "null", "://*."]).prop_map(String::from),
    ];
    let edit = prop_oneof![
        4 => (at.clone(), piece).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        2 => at.clone().prop_map(Edit::Remove),
        3 => (at.clone(), nasty()).prop_map(|(at, c)| Edit::Replace(at, c)),
        1 => at.clone().prop_map(Edit::Cut),
        1 => at.prop_map(Edit::FlipCase),
    ];
    proptest::collection::vec(edit, 0..=most)
}

/// `text` after the changes, applied in order.
pub fn edited(text: &str, edits: &[Edit]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for edit in edits {
        let (within, around) = (chars.len().max(1), chars.len() + 1);
        match edit {
            Edit::Insert(at, piece) => {
                let at = at % around;
                chars.splice(at..at, piece.chars());
            }
            Edit::Remove(at) if !chars.is_empty() => {
                chars.remove(at % within);
            }
            Edit::Replace(at, c) if !chars.is_empty() => chars[at % within] = *c,
            Edit::Cut(at) => chars.truncate(at % around),
            Edit::FlipCase(at) if !chars.is_empty() => {
                let c = &mut chars[at % within];
                *c = if c.is_ascii_lowercase() {
                    c.to_ascii_uppercase()
                } else {
                    c.to_ascii_lowercase()
                };
            }
            Edit::Remove(_) | Edit::Replace(..) | Edit::FlipCase(_) => {}
        }
    }
    chars.into_iter().collect()
}

/// Any text, with the canary in it.
pub fn odd() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::collection::vec(nasty(), 0..12).prop_map(|chars| chars.into_iter().collect::<String>()),
        1 => any::<String>(),
        1 => (nasty(), 60..300_usize).prop_map(|(c, n)| String::from(c).repeat(n)),
    ]
    .prop_map(|text| format!("{CANARY}{text}"))
}
