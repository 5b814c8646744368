//! The signatures of webhook requests.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How old a signature of Stripe may be.
const TOLERANCE: Duration = Duration::from_secs(300);

/// Verifies `Stripe-Signature: t=…,v1=…[,v1=…]`. While a secret is being replaced, Stripe signs
/// with both. Signatures of other schemes (`v0`) do not count.
pub(super) fn is_stripe_signature(
    header: &str,
    body: &[u8],
    secret: &SecretString,
    now: SystemTime,
) -> bool {
    let values = |name| {
        header
            .split(',')
            .filter_map(|item| item.trim().split_once('='))
            .filter_map(move |(key, value)| (key == name).then_some(value))
    };
    let Some((signed_at, time)) = values("t").next().and_then(|t| Some((t, t.parse().ok()?)))
    else {
        return false;
    };
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    if now.saturating_sub(Duration::from_secs(time)) > TOLERANCE {
        return false;
    }
    let message = [signed_at.as_bytes(), b".", body].concat();
    values("v1").any(|signature| is_hmac(signature, &message, secret))
}

/// Verifies the hexadecimal HMAC-SHA256 of a message, in constant time. An
/// empty secret signs nothing.
pub(super) fn is_hmac(signature: &str, message: &[u8], secret: &SecretString) -> bool {
    let secret = secret.expose_secret().as_bytes();
    let mut tag = [0; 32];
    if secret.is_empty() || hex::decode_to_slice(signature, &mut tag).is_err() {
        return false;
    }
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), message, &tag).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id": "evt_1"}"#;
    const SIGNED_AT: u64 = 1_700_000_000;

    fn sign(secret: &str, message: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hmac::sign(&key, message).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn stripe(secret: &str) -> String {
        sign(secret, &[format!("{SIGNED_AT}.").as_bytes(), BODY].concat())
    }

    fn accepts(header: &str, body: &[u8], age: u64) -> bool {
        let now = UNIX_EPOCH + Duration::from_secs(SIGNED_AT + age);
        is_stripe_signature(header, body, &"whsec_a".into(), now)
    }

    #[test]
    fn a_signature_is_good_for_five_minutes() {
        let header = format!("t={SIGNED_AT},v1={}", stripe("whsec_a"));
        assert!(accepts(&header, BODY, 0));
        assert!(accepts(&header, BODY, 300));
        assert!(!accepts(&header, BODY, 301));
    }

    #[test]
    fn one_good_signature_among_several_is_enough() {
        let (good, other) = (stripe("whsec_a"), stripe("whsec_b"));
        assert!(accepts(&format!("t={SIGNED_AT},v1={other},v1={good},v0={other}"), BODY, 0));
        assert!(accepts(&format!("v1={good}, t={SIGNED_AT}"), BODY, 0));
        assert!(!accepts(&format!("t={SIGNED_AT},v1={other}"), BODY, 0));
        assert!(!accepts(&format!("t={SIGNED_AT},v0={good}"), BODY, 0));
    }

    #[test]
    fn a_changed_body_time_or_form_is_refused() {
        let good = stripe("whsec_a");
        assert!(!accepts(&format!("t={SIGNED_AT},v1={good}"), br#"{"id":"evt_1"}"#, 0));
        assert!(!accepts(&format!("t={},v1={good}", SIGNED_AT + 1), BODY, 0));
        for header in [
            "",
            "t=,v1=",
            "v1=ab",
            "t=x,v1=ab",
            "t=1",
            &format!("t={SIGNED_AT},v1={}", &good[..62]),
        ] {
            assert!(!accepts(header, BODY, 0), "{header}");
        }
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        assert!(is_hmac(&sign("s", BODY), BODY, &"s".into()));
        assert!(!is_hmac(&sign("", BODY), BODY, &"".into()));
    }
}
