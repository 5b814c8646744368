//! Text that people write: what is kept, what shows nothing, and what compares as equal.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The text in Unicode NFC and trimmed, if it has `min` to `max` characters and shows something.
pub(super) fn clean(raw: &str, min: usize, max: usize) -> Result<String, String> {
    refuse_controls(raw)?;
    let text: String = raw.nfc().collect();
    let text = text.trim_matches(is_edge);
    let length = text.chars().count();
    if length < min || length > max {
        return Err(format!("must have {min} to {max} characters"));
    }
    if shows_nothing(text) {
        return Err("must have a visible character".into());
    }
    Ok(text.to_owned())
}

pub(super) fn refuse_controls(raw: &str) -> Result<(), String> {
    if raw.chars().any(char::is_control) {
        return Err("must not contain control characters".into());
    }
    Ok(())
}

/// The text as it is compared: in NFC, without invisible characters, with one space for any
/// white space, and trimmed.
pub(super) fn comparable(text: &str) -> String {
    // A character that was between a letter and its accent keeps NFC from joining them.
    let seen: String = text.nfc().filter(|c| !is_invisible(*c)).nfc().collect();
    let words: Vec<&str> = seen.split(is_blank).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Whether a reader would see nothing at all.
pub(super) fn shows_nothing(text: &str) -> bool {
    text.chars().all(|c| is_blank(c) || is_invisible(c))
}

/// Characters that mean nothing at the start or the end of a text. Joiners and variation selectors
/// are not among them: an emoji may end with one.
fn is_edge(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// White space, and letters and symbols whose glyph is empty.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{13441}' | '\u{13442}' | '\u{1d159}')
}

/// Characters that have no glyph of their own: Unicode's `Default_Ignorable_Code_Point`, which
/// never shrinks, and the format characters of annotations and hieroglyphs.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character cannot be printed: it has no standard glyph, breaks the line, or reverses
/// the letters around it, so that `12A` looks like `A21`.
pub(super) fn is_unprintable(c: char) -> bool {
    let is_noncharacter = u32::from(c) & 0xfffe == 0xfffe || matches!(c, '\u{fdd0}'..='\u{fdef}');
    is_noncharacter
        || matches!(c, '\u{202a}'..='\u{202e}')
        || matches!(
            c.general_category(),
            GeneralCategory::PrivateUse
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        )
}

/// The value of a decimal digit of any script.
pub(super) fn decimal_digit(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let is_digit = |code| {
        char::from_u32(code).is_some_and(|c| c.general_category() == GeneralCategory::DecimalNumber)
    };
    let code = u32::from(c);
    if !is_digit(code) {
        return None;
    }
    // A script's digits are ten in a row, from zero up. Several such rows may follow one another.
    let below = (1..=code).take_while(|n| is_digit(code - n)).count();
    u32::try_from(below % 10).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_composed_and_trimmed_and_otherwise_as_it_is() {
        for (raw, kept) in [
            ("  Asha Rao\u{3000}", "Asha Rao"),
            ("\u{feff}e\u{301}\u{200b}", "é"),
            ("ردیف‌ها ۱", "ردیف‌ها ۱"),
            ("👨‍👩‍👧", "👨‍👩‍👧"),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
            ("क्‍ष", "क्‍ष"),
            ("a\u{200b}b  c", "a\u{200b}b  c"),
        ] {
            assert_eq!(clean(raw, 1, 100).as_deref(), Ok(kept), "{raw:?}");
        }
    }

    #[test]
    fn what_shows_nothing_is_refused_and_so_are_control_characters() {
        for bad in [
            "",
            " ",
            "\u{a0}\u{3000}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{200b}",
            "\u{200d}\u{fe0f}",
            "\u{e0041}\u{e007f}",
            "\u{180e}",
            "\u{2028}",
            "\u{202e}\u{2066}",
            "a\u{7}",
            "a\n",
            "\u{85}a",
            "\u{7f}",
        ] {
            assert!(clean(bad, 1, 100).is_err(), "{bad:?}");
        }
        assert!(clean("\u{301}", 1, 100).is_ok(), "an accent alone is drawn");
    }

    #[test]
    fn what_looks_alike_compares_as_equal() {
        for (one, two) in [
            ("A1", "\u{2003}A\u{200b}1\u{a0}"),
            ("A 1", "A\u{a0}\u{3000} 1"),
            ("A 1", "A \u{200b} 1"),
            ("é", "e\u{34f}\u{301}"),
            ("Å", "\u{212b}"),
            ("ردیف‌ها", "ردیفها"),
        ] {
            assert_eq!(comparable(one), comparable(two), "{one:?} {two:?}");
        }
        assert_ne!(comparable("A 1"), comparable("A1"));
    }

    #[test]
    fn the_digits_of_every_script_have_their_value() {
        for (digits, zero) in
            [("०१२३४५६७८९", 0), ("۰۱۲", 0), ("٧٨٩", 7), ("๑", 1), ("５", 5), ("𝟠𝟡𝟢", 8), ("𑓙", 9)]
        {
            for (n, digit) in digits.chars().enumerate() {
                assert_eq!(decimal_digit(digit), Some((zero + n as u32) % 10), "{digit}");
            }
        }
        assert!("一²Ⅻa½".chars().all(|c| decimal_digit(c).is_none()));
        // Every row of digits has a multiple of ten.
        let all: Vec<char> = ('\0'..=char::MAX).filter(|c| decimal_digit(*c).is_some()).collect();
        assert!(all.len() > 650 && all.len().is_multiple_of(10));
        assert!(
            all.chunks(10).all(|row| row.iter().map(|c| decimal_digit(*c)).eq((0..10).map(Some)))
        );
    }
}
