//! A user's e-mail address, telephone number and password, and display names.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{parsed, stored, text};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{collections::HashSet, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

/// In characters. A longer password is wrong in any case.
const MAX_LOGIN_PASSWORD: usize = 1024;

/// An e-mail address in the form in which it is compared: in NFC, trimmed, in lower case,
/// and without invisible characters.
#[derive(Clone, Debug, ToSchema)]
#[schema(
    value_type = String,
    description = "E-mail address, 3–254 characters. It is trimmed and stored in lower case, in \
                   Unicode NFC and without invisible characters.",
    min_length = 3,
    pattern = r"^[^\S\x00-\x1f\x7f-\x9f]*[^@\s\x00-\x1f\x7f-\x9f]+@[^@\s\x00-\x1f\x7f-\x9f]+[^\S\x00-\x1f\x7f-\x9f]*$",
    examples("asha@example.com")
)]
pub struct Email(Forms);

#[derive(Clone, Debug)]
struct Forms {
    address: String,
    /// The form in which earlier versions stored what the client has sent, if it differs.
    earlier: Option<String>,
}

impl Email {
    /// Parses an address. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        text::refuse_controls(raw)?;
        let address = normal_address(raw);
        if !(3..=254).contains(&address.chars().count()) {
            return Err("must have 3 to 254 characters".into());
        }
        let is_part = |part: &str| {
            !text::shows_nothing(part) && !part.contains('@') && !part.contains(char::is_whitespace)
        };
        if !address.split_once('@').is_some_and(|(local, host)| is_part(local) && is_part(host)) {
            return Err("must be an e-mail address".into());
        }
        let earlier = Some(raw.trim().to_lowercase()).filter(|earlier| *earlier != address);
        Ok(Self(Forms { address, earlier }))
    }

    /// An address from the database, which may have a form that no client can send (any more).
    pub(crate) fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Forms { address: String::deserialize(deserializer)?, earlier: None }))
    }

    pub fn as_str(&self) -> &str {
        &self.0.address
    }

    /// The form in which earlier versions stored the same input, if it differs.
    pub(crate) fn earlier(&self) -> Option<&str> {
        self.0.earlier.as_deref()
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.0.address == other.0.address
    }
}

impl Eq for Email {}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.address)
    }
}

fn normal_address(raw: &str) -> String {
    // Lower case may decompose a letter.
    text::comparable(raw).to_lowercase().nfc().collect()
}

/// Display name of a person or an app: 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Display name, 1–100 characters. Not blank, no control characters. It is \
        trimmed and kept in Unicode NFC.",
    min_length = 1,
    pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
    examples("Asha Rao")
)]
pub struct Name(String);

impl Name {
    /// Parses a name. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        text::clean(raw, 1, 100).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A telephone number: `^\+?[0-9 ()-]{3,32}$`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Telephone number: 3–32 digits, spaces, brackets or hyphens, with an optional \
        `+` in front.",
    pattern = r"^ *\+?[0-9 ()-]{3,32} *$",
    examples("+91 98765 43210")
)]
pub struct Phone(String);

impl Phone {
    /// Parses a number. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        text::refuse_controls(raw)?;
        let raw = raw.trim();
        let digits = raw.strip_prefix('+').unwrap_or(raw);
        if (3..=32).contains(&digits.len())
            && digits.bytes().all(|c| c.is_ascii_digit() || b" ()-".contains(&c))
        {
            Ok(Self(raw.to_owned()))
        } else {
            Err("must be 3 to 32 digits, spaces, brackets or hyphens, with a + in front if wanted"
                .into())
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(Email, Name, Phone);
stored!(Name, Phone);

/// A password for a new account: 10 to 128 characters in Unicode NFC.
#[derive(Clone, Debug, ToSchema)]
#[schema(
    value_type = String,
    description = "A new password: 10–128 characters in Unicode NFC. No control characters, and \
                   not one of the most common passwords.",
    format = Password,
    min_length = 10,
    pattern = r"^[^\x00-\x1f\x7f-\x9f]*$",
    examples("a long enough one")
)]
pub struct NewPassword(pub SecretString);

/// A password to check, in Unicode NFC. It is not held to the rules for new passwords.
#[derive(Clone, Debug, ToSchema)]
#[schema(
    value_type = String,
    description = "The password of an account. One of more than 1,024 characters is wrong in any \
        case.",
    format = Password,
    min_length = 1,
    examples("a long enough one")
)]
pub struct LoginPassword(pub SecretString);

impl<'de> Deserialize<'de> for NewPassword {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let password: String = String::deserialize(deserializer)?.nfc().collect();
        if !(10..=128).contains(&password.chars().count()) {
            return Err(de::Error::custom("must have 10 to 128 characters"));
        }
        text::refuse_controls(&password).map_err(de::Error::custom)?;
        if text::shows_nothing(&password) {
            return Err(de::Error::custom("must have a visible character"));
        }
        if is_common(&password) {
            return Err(de::Error::custom("is one of the most common passwords"));
        }
        Ok(Self(password.into()))
    }
}

impl NewPassword {
    /// Whether it is the e-mail address, or the part before the `@`. Attackers try these first.
    pub(crate) fn is_address(&self, email: &Email) -> bool {
        let password = normal_address(self.0.expose_secret());
        let local = email.as_str().split('@').next();
        password == email.as_str() || Some(password.as_str()) == local
    }
}

/// Whether it is one of the common passwords, which attackers try on every account. Upper and lower
/// case count as equal.
fn is_common(password: &str) -> bool {
    static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect()
    });
    COMMON.contains(text::comparable(password).to_lowercase().as_str())
}

impl<'de> Deserialize<'de> for LoginPassword {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let password: String = String::deserialize(deserializer)?.nfc().collect();
        if password.is_empty() {
            return Err(de::Error::custom("must have at least one character"));
        }
        // No account has such a password. An empty one is wrong just the same, and costs less.
        let is_possible = password.chars().count() <= MAX_LOGIN_PASSWORD;
        Ok(Self(if is_possible { password } else { String::new() }.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_lower_cased_and_trimmed() {
        assert_eq!(Email::parse("  Ann@Example.COM ").unwrap().as_str(), "ann@example.com");
        for bad in [
            "",
            "a@",
            "@b",
            "ab",
            "a@b@c",
            "a b@c",
            "a\u{7}@b",
            "a@b\n",
            &format!("{}@b", "a".repeat(253)),
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_telephone_number_has_no_control_characters_not_even_around_it() {
        assert_eq!(Phone::parse(" +91 98765 ").unwrap().as_str(), "+91 98765");
        for bad in ["\t+91 98765", "+91 98765\n", "+91\t98765", "12", "+", "letters"] {
            assert!(Phone::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn passwords_are_counted_in_characters_of_their_composed_form() {
        let read = |text: &str| serde_json::from_value::<NewPassword>(text.into()).is_ok();
        assert!(!read("123456788") && read("1234567880"));
        for letter in ["x", "漢", "🚌", "e\u{301}"] {
            assert!(!read(&letter.repeat(9)) && read(&letter.repeat(128)), "{letter}");
            assert!(!read(&letter.repeat(129)), "{letter}");
        }
        assert!(!read("🚌🚌🚌") && !read(&" ".repeat(12)) && !read(&"\u{200b}".repeat(12)));
    }

    #[test]
    fn a_login_password_that_is_too_long_equals_no_password() {
        let read = |text: &str| {
            let read = serde_json::from_value::<LoginPassword>(text.into()).ok()?;
            Some(read.0.expose_secret().to_owned())
        };
        let longest = "漢".repeat(1024);
        assert_eq!(read(&longest).unwrap(), longest);
        assert_eq!(read(&"x".repeat(1025)).unwrap(), "");
        assert_eq!(read(""), None);
    }

    #[test]
    fn addresses_that_look_alike_are_the_same() {
        let plain = Email::parse("jos\u{e9}@example.com").unwrap();
        assert_eq!(plain.earlier(), None);
        for same in ["jos\u{65}\u{301}@Example.com", "jos\u{e9}\u{200b}@example.com\u{feff}"] {
            let same = Email::parse(same).unwrap();
            assert_eq!(same, plain);
            assert!(same.earlier().is_some());
        }
        for bad in ["\u{3164}@example.com", "a@\u{200b}", "a\u{a0}b@example.com", "\u{2800}@b"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        // Normal forms are stable.
        for raw in ["İ@example.com", "ΑΣ@example.com", "ẞ@example.com"] {
            let once = Email::parse(raw).unwrap();
            assert_eq!(Email::parse(once.as_str()).unwrap().earlier(), None, "{raw}");
        }
    }

    #[test]
    fn the_most_common_passwords_are_refused_in_any_case() {
        let reason = |text: &str| {
            serde_json::from_value::<NewPassword>(text.into()).err().map(|e| e.to_string())
        };
        for common in ["1234567890", "qwertyuiop", "Password123", "WONDERWOMAN"] {
            assert_eq!(reason(common).unwrap(), "is one of the most common passwords", "{common}");
        }
        assert_eq!(reason("password123x"), None);
        let entries =
            include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#'));
        assert!(entries.clone().count() > 1000);
        for entry in entries {
            assert!(entry.len() >= 10 && entry == entry.to_lowercase(), "never met: {entry}");
        }
    }

    #[test]
    fn a_password_that_equals_the_address_is_recognised() {
        let email = Email::parse("Ann.Example@example.com").unwrap();
        let is = |text: &str| NewPassword(text.to_owned().into()).is_address(&email);
        assert!(
            is("ann.example@example.com") && is("Ann.Example") && is("ANN.EXAMPLE@EXAMPLE.COM")
        );
        assert!(!is("ann.example1") && !is("example.com"));
    }
}
