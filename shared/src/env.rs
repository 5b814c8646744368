//! Environment variables, and the error for one that is missing or malformed.

use std::{fmt, str::FromStr};

/// A setting that keeps a function from starting: which one, and what is wrong with it.
#[derive(Debug)]
pub struct SettingError {
    name: String,
    problem: String,
}

impl SettingError {
    /// The setting `name` has that problem. Never put the setting's value into it.
    pub fn new(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { name: name.into(), problem: problem.into() }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever a library put into its message.
        write!(f, "{}: {}", self.name, self.problem.replace(['\n', '\r'], " "))
    }
}

impl std::error::Error for SettingError {}

/// Where environment variables come from.
pub trait Env {
    /// The variable's value; an empty one counts as not set.
    fn get(&self, name: &str) -> Option<String>;

    /// The variable's value, which must be there.
    fn require(&self, name: &str) -> Result<String, SettingError> {
        self.get(name).ok_or_else(|| SettingError::new(name, "is missing"))
    }

    /// The variable read as a `T`, or `default` where it is not set.
    fn parse<T: FromStr>(&self, name: &str, default: T, wanted: &str) -> Result<T, SettingError> {
        match self.get(name) {
            None => Ok(default),
            Some(raw) => {
                raw.trim().parse().map_err(|_| SettingError::new(name, format!("must be {wanted}")))
            }
        }
    }
}

/// The process's own environment.
#[derive(Clone, Copy, Debug)]
pub struct ProcessEnv;

impl Env for ProcessEnv {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.trim().is_empty())
    }
}
