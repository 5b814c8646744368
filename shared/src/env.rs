//! Environment variables, and the error for a missing or malformed one.

use std::{fmt, str::FromStr};

/// A setting that keeps a function from starting, and what is wrong with it.
#[derive(Debug)]
pub struct SettingError {
    name: String,
    problem: String,
}

impl SettingError {
    /// `problem` must not contain the setting's value: it may be a secret.
    pub fn new(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { name: name.into(), problem: problem.into() }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A library's message may have several lines. The log needs one.
        write!(f, "{}: {}", self.name, self.problem.replace(['\n', '\r'], " "))
    }
}

impl std::error::Error for SettingError {}

/// A source of environment variables.
pub trait Env {
    /// The variable's value; `None` if it is not set or empty.
    fn get(&self, name: &str) -> Option<String>;

    /// The variable's value. Fails if it is not set.
    fn require(&self, name: &str) -> Result<String, SettingError> {
        self.get(name).ok_or_else(|| SettingError::new(name, "is missing"))
    }

    /// The variable as a `T`, or `default` if it is not set. If it is no `T`, the
    /// error says that it must be `wanted`.
    fn parse<T: FromStr>(&self, name: &str, default: T, wanted: &str) -> Result<T, SettingError> {
        match self.get(name) {
            None => Ok(default),
            Some(raw) => {
                raw.trim().parse().map_err(|_| SettingError::new(name, format!("must be {wanted}")))
            }
        }
    }
}

/// The environment of this process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessEnv;

impl Env for ProcessEnv {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.trim().is_empty())
    }
}
