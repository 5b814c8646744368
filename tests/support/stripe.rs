//! What Stripe does when it calls us.

use aws_lc_rs::hmac;
use std::time::{SystemTime, UNIX_EPOCH};

/// The time in seconds since 1970, as Stripe signs it.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The header `stripe-signature` of an event that was sent at this second.
pub fn signature(secret: &str, at: u64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={hex}")
}
