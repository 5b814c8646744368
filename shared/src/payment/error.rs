//! Why a call to a provider has failed.

#![expect(missing_docs, reason = "the names of most fields say it")]

use std::error::Error;

/// Why a call has failed. The cause is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// There was no connection. Nothing has happened.
    #[error("the payment provider cannot be reached")]
    Unreachable(#[source] Cause),
    /// The request may have been carried out. Repeat it with the same key, or look it up.
    #[error("the payment provider's response is lost or makes no sense")]
    Unknown(#[source] Cause),
    /// The provider has too many requests, or works on the same one. Nothing has happened yet.
    #[error("the payment provider is busy")]
    Busy(#[source] Refusal),
    /// The provider does not accept the account's credentials.
    #[error("the payment provider refuses the credentials")]
    Credentials(#[source] Refusal),
    /// The account has too little money for a refund now. Nothing has happened.
    #[error("the account's balance is too low")]
    LowBalance(#[source] Refusal),
    /// The provider cannot charge or refund such an amount or currency.
    #[error("the amount is not payable: {0}")]
    NotPayable(String),
    /// The provider refuses the request for good. Nothing has happened.
    #[error("the payment provider refuses the request")]
    Refused(#[source] Refusal),
}

/// The cause of a failed call.
pub type Cause = Box<dyn Error + Send + Sync>;

/// An error response of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("HTTP {status} {code}: {message}")]
pub struct Refusal {
    pub status: u16,
    /// The provider's code, or the type of its error. Empty if it has sent none.
    pub code: String,
    pub message: String,
    /// The field that is wrong. Empty if the provider names none.
    pub field: String,
}
