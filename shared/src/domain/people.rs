//! A user's e-mail address, telephone number and password, and display names.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{parsed, text};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{collections::HashSet, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

/// An e-mail address, trimmed and in lower case, so that equal addresses compare as equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "E-mail address, 3–254 characters. It is trimmed and stored in lower case.",
    min_length = 3,
    max_length = 254,
    pattern = r"^[^\S\x00-\x1f\x7f-\x9f]*[^@\s\x00-\x1f\x7f-\x9f]+@[^@\s\x00-\x1f\x7f-\x9f]+[^\S\x00-\x1f\x7f-\x9f]*$",
    examples("asha@example.com")
)]
pub struct Email(String);

impl Email {
    /// Parses an address. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        if raw.chars().any(char::is_control) {
            return Err("must not contain control characters".into());
        }
        let address = raw.trim().to_lowercase();
        text(&address, 3, 254)?;
        match address.split_once('@') {
            Some((local, host))
                if !local.is_empty()
                    && !host.is_empty()
                    && !host.contains('@')
                    && !address.contains(char::is_whitespace) =>
            {
                Ok(Self(address))
            }
            _ => Err("must be an e-mail address".into()),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Display name of a person or an app: 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Display name, 1–100 characters. Not blank, no control characters.",
    min_length = 1,
    max_length = 100,
    pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
    examples("Asha Rao")
)]
pub struct Name(String);

impl Name {
    /// Parses a name. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        text(raw, 1, 100)?;
        if raw.trim().is_empty() {
            Err("must not be blank".into())
        } else {
            Ok(Self(raw.to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A telephone number: `^\+?[0-9 ()-]{3,32}$`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "Telephone number: 3–32 digits, spaces, brackets or hyphens, with an optional `+` in front.",
    pattern = r"^\+?[0-9 ()-]{3,32}$",
    examples("+91 98765 43210")
)]
pub struct Phone(String);

impl Phone {
    /// Parses a number. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
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

/// A password for a new account: 10 to 71 bytes in Unicode NFC. bcrypt reads 72 bytes, and the
/// last one marks the end.
#[derive(Clone, Debug, ToSchema)]
#[schema(
    value_type = String,
    description = "A new password: 10–71 bytes of UTF-8 in Unicode NFC. No control characters, and not one of the most \
                   common passwords.",
    format = Password,
    // Three characters can be ten bytes.
    min_length = 3,
    max_length = 71,
    pattern = r"^[^\x00-\x1f\x7f-\x9f]*$",
    examples("a long enough one")
)]
pub struct NewPassword(pub SecretString);

/// A password to check, of at most 1,024 bytes. It is not held to the rules for new passwords.
#[derive(Clone, Debug, ToSchema)]
#[schema(
    value_type = String,
    description = "The password of an account, 1–1,024 bytes of UTF-8.",
    format = Password,
    min_length = 1,
    max_length = 1024,
    examples("a long enough one")
)]
pub struct LoginPassword(pub SecretString);

impl<'de> Deserialize<'de> for NewPassword {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let password: String = String::deserialize(deserializer)?.nfc().collect();
        if !(10..=71).contains(&password.len()) {
            return Err(de::Error::custom("must have 10 to 71 bytes"));
        }
        if password.chars().any(char::is_control) {
            return Err(de::Error::custom("must not contain control characters"));
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
        let password = self.0.expose_secret().trim().to_lowercase();
        let local = email.as_str().split('@').next();
        password == email.as_str() || Some(password.as_str()) == local
    }
}

/// Whether attackers try it on every account, because it is common. Upper and lower case count
/// as equal.
fn is_common(password: &str) -> bool {
    static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect()
    });
    COMMON.contains(password.to_lowercase().as_str())
}

impl<'de> Deserialize<'de> for LoginPassword {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        if !(1..=1024).contains(&raw.len()) {
            return Err(de::Error::custom("must have 1 to 1024 bytes"));
        }
        Ok(Self(raw.nfc().collect::<String>().into()))
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
    fn passwords_are_counted_in_bytes_of_their_composed_form() {
        let read = |text: &str| serde_json::from_value::<NewPassword>(text.into()).is_ok();
        assert!(
            !read("123456788")
                && read("1234567880")
                && read(&"x".repeat(71))
                && !read(&"x".repeat(72))
        );
        // five letters e with a combining accent: fifteen bytes as typed, ten when composed
        assert!(read(&"e\u{301}".repeat(5)) && !read(&"e\u{301}".repeat(4)));
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
