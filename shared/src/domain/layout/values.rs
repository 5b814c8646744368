//! The small values of a layout: texts, coordinates, colors and flags.

use crate::domain::{text, whole::whole_number};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use utoipa::ToSchema;

/// The largest coordinate of a plan. It has no unit: plans are scaled to fit.
pub const MAX_COORDINATE: u32 = 100_000;

/// Text of 1 to `MAX` characters that shows something, in NFC and trimmed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Parses a text. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        text::clean(raw, 1, MAX).map(Self)
    }

    /// The text, trimmed and in NFC.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Whole<const MIN: i32, const MAX: i32>(i32);

/// A place on one axis, 0 to 100,000.
pub type Coordinate = Whole<0, { MAX_COORDINATE as i32 }>;
/// A length of the plan, 1 to 100,000.
pub type Extent = Whole<1, { MAX_COORDINATE as i32 }>;
/// A difference of two coordinates.
pub type Delta = Whole<{ -(MAX_COORDINATE as i32) }, { MAX_COORDINATE as i32 }>;

impl<const MIN: i32, const MAX: i32> Whole<MIN, MAX> {
    /// Parses a number. The error says what is wrong with it.
    pub fn parse(value: i64) -> Result<Self, String> {
        i32::try_from(value)
            .ok()
            .filter(|value| (MIN..=MAX).contains(value))
            .map(Self)
            .ok_or_else(|| format!("must be a whole number from {MIN} to {MAX}"))
    }

    /// The number, within the bounds of its type.
    pub fn get(self) -> i32 {
        self.0
    }
}

impl<'de, const MIN: i32, const MAX: i32> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A number beyond 64 bits is out of every range.
        let number = whole_number(deserializer)?.unwrap_or(i64::MAX);
        Self::parse(number).map_err(de::Error::custom)
    }
}

/// A CSS color, kept as `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Color(String);

impl Color {
    /// Parses a CSS color. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let color = csscolorparser::parse(raw)
            .map_err(|_| "must be a CSS color such as #1f6fb2".to_owned())?;
        let [red, green, blue, _] = color.to_rgba8();
        Ok(Self(format!("#{red:02x}{green:02x}{blue:02x}")))
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

macro_rules! flags {
    ($($variant:ident = $name:literal $doc:literal),+ $(,)?) => {
        /// Something that a buyer should know about a seat.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub enum Flag { $(#[doc = $doc] $variant),+ }

        impl Flag {
            /// All flags, in the order of the documentation.
            pub const ALL: &[Flag] = &[$(Flag::$variant),+];
            /// The flag as it appears in requests and responses.
            pub fn as_str(self) -> &'static str { match self { $(Flag::$variant => $name),+ } }
        }
    };
}

flags! {
    Wheelchair = "wheelchair" "A place for a wheelchair.",
    Companion = "companion" "A seat for the companion of somebody who uses a wheelchair.",
    SemiAmbulatory = "semiAmbulatory" "Reached with few or no steps.",
    RestrictedView = "restrictedView" "Part of the stage or screen cannot be seen.",
    Hearing = "hearing" "Covered by a hearing loop or another aid.",
    SignLanguage = "signLanguage" "With a good view of the sign language interpreter.",
    Aisle = "aisle" "Next to an aisle. Two neighbours with this flag have the aisle between them.",
    ExtraLegroom = "extraLegroom" "More room for the legs than usual.",
    LimitedLegroom = "limitedLegroom" "Less room for the legs than usual.",
    PlusSize = "plusSize" "A wider seat.",
    Window = "window" "Next to a window.",
}

/// The flags of one seat, each at most once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u16);

impl Flags {
    /// Adds a flag, if the seat does not have it yet.
    pub fn insert(&mut self, flag: Flag) {
        self.0 |= 1 << flag as u16;
    }

    /// Whether a flag is set.
    pub fn contains(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u16) != 0
    }

    /// Whether no flag is set.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Whether the seat is kept for people who use a wheelchair and their companions.
    pub fn is_accessible(self) -> bool {
        self.contains(Flag::Wheelchair) || self.contains(Flag::Companion)
    }

    /// The flags, in the order of the documentation.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.iter().copied().filter(move |flag| self.contains(*flag))
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<I: IntoIterator<Item = Flag>>(flags: I) -> Self {
        flags.into_iter().fold(Self::default(), |mut all, flag| {
            all.insert(flag);
            all
        })
    }
}

impl Serialize for Flags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Flags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> de::Visitor<'de> for List {
            type Value = Flags;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Flags, A::Error> {
                let mut flags = Flags::default();
                while let Some(flag) = list.next_element()? {
                    flags.insert(flag);
                }
                Ok(flags)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_has_one_name_everywhere() {
        for flag in Flag::ALL {
            assert_eq!(serde_json::to_value(flag).unwrap(), flag.as_str());
        }
        let all: Flags = Flag::ALL.iter().copied().collect();
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Flags>(&text).unwrap(), all);
        assert!(serde_json::from_str::<Flags>(r#"["Aisle"]"#).is_err());
        assert!(serde_json::from_str::<Flags>(r#""aisle""#).is_err());
    }

    #[test]
    fn colors_become_hexadecimal() {
        for (raw, hex) in [
            ("#C0392B", "#c0392b"),
            ("#fff", "#ffffff"),
            ("red", "#ff0000"),
            ("rgb(1,2,3)", "#010203"),
        ] {
            assert_eq!(Color::parse(raw).unwrap(), Color(hex.into()), "{raw}");
        }
        for bad in ["", "reddish", "#12", "url(x)", "#1234567890"] {
            assert!(Color::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn texts_are_counted_in_characters_and_are_printable() {
        assert!(Text::<4>::parse("αβγδ").is_ok() && Text::<4>::parse("αβγδε").is_err());
        for bad in ["", "  ", "\u{3164}", "a\tb", "a\u{85}b"] {
            assert!(Text::<16>::parse(bad).is_err(), "{bad:?}");
        }
    }
}
