//! Why a database call failed.

use crate::error::Error;
use mongodb::error::{Error as DriverError, ErrorKind, WriteFailure};

pub(super) const DUPLICATE_KEY: i32 = 11_000;
const MAX_TIME_EXPIRED: i32 = 50;

/// A database call that failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The server or the driver failed. Only kind and code are shown, because the driver's message
    /// may contain the server's whole response, and with it users' data.
    #[error("mongodb: {}", describe(.0))]
    Driver(DriverError),
    /// The request's deadline passed. The call may or may not have taken effect.
    #[error("mongodb: no response before the deadline")]
    Deadline,
}

impl From<DriverError> for StoreError {
    fn from(error: DriverError) -> Self {
        Self::Driver(error)
    }
}

/// Describes a driver's error without any data from the database.
fn describe(error: &DriverError) -> String {
    let kind = match error.kind.as_ref() {
        ErrorKind::Command(error) => {
            format!("command failed with {} {}", error.code, error.code_name)
        }
        ErrorKind::Write(WriteFailure::WriteError(error)) => {
            format!("write failed with {}", error.code)
        }
        ErrorKind::Write(WriteFailure::WriteConcernError(error)) => {
            format!("write concern failed with {}", error.code)
        }
        ErrorKind::InsertMany(_) => "insert of many failed".into(),
        ErrorKind::Io(error) => format!("i/o: {:?}", error.kind()),
        ErrorKind::ServerSelection { .. } => "no server can be selected".into(),
        ErrorKind::ConnectionPoolCleared { .. } => {
            "the connections to the server were dropped".into()
        }
        ErrorKind::Authentication { .. } => "authentication failed".into(),
        ErrorKind::DnsResolve { .. } => "the servers' names cannot be resolved".into(),
        ErrorKind::Bson(_) | ErrorKind::InvalidResponse { .. } => {
            "a response cannot be read".into()
        }
        ErrorKind::Transaction { .. } => "transaction misused".into(),
        _ => "failed".into(),
    };
    let mut labels: Vec<_> = error.labels().iter().map(String::as_str).collect();
    labels.sort_unstable();
    format!("{kind} [{}]", labels.join(", "))
}

impl StoreError {
    /// Whether the call ran out of time, here or at the server.
    pub(crate) fn is_time_limit(&self) -> bool {
        matches!(self, Self::Deadline) || self.is_server_time_limit()
    }

    /// Whether the server ended the call after the time limit that came with it.
    pub(crate) fn is_server_time_limit(&self) -> bool {
        let Self::Driver(error) = self else { return false };
        match error.kind.as_ref() {
            ErrorKind::Command(error) => error.code == MAX_TIME_EXPIRED,
            // The write was done, but no majority confirmed it in time.
            ErrorKind::Write(WriteFailure::WriteConcernError(error)) => {
                error.code == MAX_TIME_EXPIRED
            }
            _ => false,
        }
    }

    /// Whether the server refused the user or the password.
    pub(crate) fn is_authentication(&self) -> bool {
        matches!(self, Self::Driver(error)
            if matches!(error.kind.as_ref(), ErrorKind::Authentication { .. }))
    }

    /// The unique index that refused the write, if that is what happened.
    pub(crate) fn duplicate(&self) -> Option<&str> {
        let Self::Driver(error) = self else { return None };
        duplicate(error)
    }
}

/// The unique index that refused a write, if that is what happened.
pub(super) fn duplicate(error: &DriverError) -> Option<&str> {
    let message = match error.kind.as_ref() {
        ErrorKind::Command(error) if error.code == DUPLICATE_KEY => &error.message,
        ErrorKind::Write(WriteFailure::WriteError(error)) if error.code == DUPLICATE_KEY => {
            &error.message
        }
        ErrorKind::InsertMany(error) => {
            &error.write_errors.as_ref()?.iter().find(|error| error.code == DUPLICATE_KEY)?.message
        }
        _ => return None,
    };
    // "E11000 duplicate key error collection: db.coll index: name dup key: { … }"
    message.split_once(" index: ").and_then(|(_, rest)| rest.split_whitespace().next())
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let StoreError::Driver(driver) = &error else { return Error::unavailable(error) };
        match driver.kind.as_ref() {
            // The server understood the command and refused it. It will refuse it again, so this is
            // a bug.
            ErrorKind::Command(command)
                if !is_transient_code(command.code) && driver.labels().is_empty() =>
            {
                Error::internal(error)
            }
            ErrorKind::Bson(_)
            | ErrorKind::InvalidArgument { .. }
            | ErrorKind::InvalidResponse { .. } => Error::internal(error),
            ErrorKind::Write(WriteFailure::WriteError(write))
                if !is_transient_code(write.code) && driver.labels().is_empty() =>
            {
                Error::internal(error)
            }
            ErrorKind::InsertMany(_) if driver.labels().is_empty() => Error::internal(error),
            _ => Error::unavailable(error),
        }
    }
}

/// Server errors that go away by themselves: elections, shutdowns, time limits, write conflicts, a
/// lost snapshot, a retried write whose first response was lost in a failover, a full disk.
fn is_transient_code(code: i32) -> bool {
    const TRANSIENT_CODES: [i32; 37] = [
        6, 7, 24, 43, 50, 63, 64, 89, 91, 112, 133, 134, 150, 175, 189, 202, 217, 225, 234, 237,
        239, 246, 251, 261, 262, 279, 290, 365, 9001, 10058, 10107, 11600, 11601, 11602, 13435,
        13436, 14031,
    ];
    TRANSIENT_CODES.contains(&code)
}
