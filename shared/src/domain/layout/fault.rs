//! What is wrong with a layout or with a file to import.

use crate::error::Error;

/// How many faults one response names. A file with a wrong column has one in each line.
const MAX_FAULTS: usize = 20;

/// One fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Path of the element, or the line of a file.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The first faults of a layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        if self.0.len() < MAX_FAULTS {
            self.0.push(Fault { field: field.into(), reason: reason.into() });
        }
    }

    pub(super) fn one(field: impl Into<String>, reason: impl Into<String>) -> Self {
        let mut faults = Self::default();
        faults.add(field, reason);
        faults
    }

    /// `value`, if there is no fault.
    pub(super) fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The faults, at least one and at most 20.
    pub fn as_slice(&self) -> &[Fault] {
        &self.0
    }
}

impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Self::fields(faults.0.into_iter().map(|fault| (fault.field, fault.reason)))
    }
}
