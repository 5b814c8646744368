//! What is known of a user; and names.

use super::{parsed, text};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, de};
use unicode_normalization::UnicodeNormalization;

/// An e-mail address, trimmed and lower-cased: the form in which addresses are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Reads an address, or says what is wrong with it.
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

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name of a person or an app, for people: 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Reads a name, or says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        text(raw, 1, 100)?;
        if raw.trim().is_empty() { Err("must not be blank".into()) } else { Ok(Self(raw.to_owned())) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A telephone number: `^\+?[0-9 ()-]{3,32}$`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads a number, or says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let digits = raw.strip_prefix('+').unwrap_or(raw);
        if (3..=32).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit() || b" ()-".contains(&c)) {
            Ok(Self(raw.to_owned()))
        } else {
            Err("must be 3 to 32 digits, spaces, brackets or hyphens, with a + in front if wanted".into())
        }
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(Email, Name, Phone);

/// A password that someone chooses: 10 to 71 bytes in Unicode NFC (bcrypt reads 72 and one is its end mark).
#[derive(Clone, Debug)]
pub struct NewPassword(pub SecretString);

/// A password that someone signs in with: whatever could have been typed, up to 1,024 bytes.
#[derive(Clone, Debug)]
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
        Ok(Self(password.into()))
    }
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
        for bad in ["", "a@", "@b", "ab", "a@b@c", "a b@c", "a\u{7}@b", "a@b\n", &format!("{}@b", "a".repeat(253))] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn passwords_are_counted_in_bytes_of_their_composed_form() {
        let read = |text: &str| serde_json::from_value::<NewPassword>(text.into()).is_ok();
        assert!(!read("123456789") && read("1234567890") && read(&"x".repeat(71)) && !read(&"x".repeat(72)));
        // five letters e with a combining accent: fifteen bytes as typed, ten when composed
        assert!(read(&"e\u{301}".repeat(5)) && !read(&"e\u{301}".repeat(4)));
    }
}
