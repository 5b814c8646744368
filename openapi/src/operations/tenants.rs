//! The admin's operations on tenants, and the operator's operations.

use super::{RequestInput, Row, shape, success, with_required};
use crate::examples;
use shared::{
    error::Code,
    inputs::{
        AnalyticsIn, CreateSecretKeyIn, ListAppsIn, PutPaymentsIn, RegisterIn, RotateIn, SignIn,
        UpdateIn,
    },
    report::Report,
    views::{
        AppList, AppView, DeletedSecretKey, HealthView, NewKey, NewSecretKey, PaymentSetupView,
        SecretKeyList, TokenView,
    },
};

/// The admin's operations on tenants, and the operator's operations.
pub(super) const ALL: &[Row] = &[
    Row {
        operation: "admin-login",
        description: "Too many wrong passwords for one account return 429. While Redis is \
             unavailable, the response is 503.",
        input: RequestInput::Body(shape::<SignIn>(), examples::admin_sign_in),
        success: success::<TokenView>(&[(200, "Signed in")], examples::admin_token),
        codes: &[Code::InvalidCredentials, Code::RateLimited],
    },
    Row {
        operation: "register-app",
        description: "The API key is shown only in this response. Without `appId`, one is \
             generated. `allowedDomains` may be empty only with `allowServerRequests: true`.",
        input: RequestInput::Body(shape::<RegisterIn>(), examples::register),
        success: with_required(
            success::<AppView>(&[(201, "Registered")], examples::new_app),
            "NewApp",
            &["apiKey"],
        ),
        codes: &[Code::AppAlreadyExists],
    },
    Row {
        operation: "list-apps",
        description: "Oldest first. API keys are not shown.",
        input: RequestInput::Query(shape::<ListAppsIn>(), examples::page_query),
        success: success::<AppList>(&[(200, "A page of the tenants")], examples::apps),
        codes: &[],
    },
    Row {
        operation: "update-app",
        description: "Send at least one field. `isActive: false` switches the app off: its next \
             request gets `APP_INACTIVE`. While Redis is unavailable, this takes up to 5 s.",
        input: RequestInput::Body(shape::<UpdateIn>(), examples::update),
        success: success::<AppView>(&[(200, "Changed")], examples::app),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "rotate-key",
        description: "The new key is shown only in this response. The old key works for \
             `overlapSeconds` more, even if the key is rotated again in between. Without an \
             overlap, every older key ends at once. Five keys can be valid at a time. The body \
             may be omitted.",
        input: RequestInput::OptionalBody(shape::<RotateIn>(), examples::rotate),
        success: success::<NewKey<'static>>(&[(200, "The new key")], examples::new_key),
        codes: &[Code::AppNotFound, Code::TooManyKeys],
    },
    Row {
        operation: "put-payments",
        description: "Stripe needs `secretKey`, `publishableKey` and `webhookSecret`; Razorpay \
             needs `keyId`, `keySecret` and `webhookSecret`. Register the URL in the response at \
             the provider. Replaced keys are kept for the payments that were made with them.",
        input: RequestInput::Body(shape::<PutPaymentsIn>(), examples::put_payments),
        success: success::<PaymentSetupView>(&[(200, "Set")], examples::payment_setup),
        codes: &[Code::AppNotFound, Code::LimitReached, Code::PaymentsNotConfigured],
    },
    Row {
        operation: "get-payments",
        description: "The response never contains a secret.",
        input: RequestInput::Nothing,
        success: success::<PaymentSetupView>(&[(200, "The provider")], examples::payment_setup),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "create-secret-key",
        description: "A secret key authenticates the tenant's own server, as a bearer token. It \
             must never be in a page. The key is shown only in this response. An app has at most \
             10.",
        input: RequestInput::Body(shape::<CreateSecretKeyIn>(), examples::create_secret_key),
        success: success::<NewSecretKey<'static>>(
            &[(201, "The new key")],
            examples::new_secret_key,
        ),
        codes: &[Code::AppNotFound, Code::LimitReached],
    },
    Row {
        operation: "list-secret-keys",
        description: "Oldest first. The keys themselves are not shown.",
        input: RequestInput::Nothing,
        success: success::<SecretKeyList>(&[(200, "The keys")], examples::secret_keys),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "delete-secret-key",
        description: "The key stops working within 5 s, and at its next request while Redis is up.",
        input: RequestInput::Nothing,
        success: success::<DeletedSecretKey>(&[(200, "Deleted")], examples::deleted_secret_key),
        codes: &[Code::AppNotFound, Code::SecretKeyNotFound],
    },
    Row {
        operation: "analytics",
        description: "Counts holds and bookings from `from` (inclusive) to `to` (exclusive). \
             `bookings` and `revenue` count only CONFIRMED bookings.",
        input: RequestInput::Query(shape::<AnalyticsIn>(), examples::analytics_query),
        success: success::<Report>(&[(200, "The figures")], examples::analytics),
        codes: &[],
    },
    Row {
        operation: "health",
        description: "When MongoDB is down, the response is 503 and `details` has the same fields. \
             `degraded` means that only Redis is down: everything works, but slower.",
        input: RequestInput::Nothing,
        success: success::<HealthView>(&[(200, "`ok` or `degraded`")], examples::health),
        codes: &[],
    },
];
