//! Starting a payment: first at the provider, then one guarded update that stores it in the
//! hold and extends the hold, once in its life. A payment that no hold has stored is never
//! shown to a client.

use super::{
    BookingService,
    accounts::OpenAccount,
    payment_check::{charge_of, provider_error},
};
use crate::{
    auth::Caller,
    clock::{Backoff, Deadline},
    domain::{PaymentId, PaymentProvider, ReservationToken},
    error::{Code, Error, Result},
    faults::around,
    payment::{AmountDue, PaymentOutcome, PaymentRef, ProviderError, StartedPayment},
    store::{
        bookings::Stored,
        hold_payments::HoldPayment,
        reservations::{Hold, HoldStatus},
    },
};
use secrecy::SecretString;

/// A payment that the caller can make now.
#[derive(Debug)]
pub struct PaymentStart {
    /// The hold that it pays for.
    pub hold: Hold,
    /// Whether this call has started it.
    pub is_new: bool,
    /// The provider that takes the payment.
    pub provider: PaymentProvider,
    /// The id of an intent, an order, or a payment of the simulation.
    pub id: String,
    /// The provider's name for the status of the payment.
    pub status: String,
    /// What the buyer's browser needs, if the payment is an intent.
    pub client_secret: Option<SecretString>,
    /// Stripe's publishable key, or Razorpay's key id.
    pub public_key: Option<String>,
}

impl BookingService {
    /// Starts the payment of the caller's live hold, or finds the one that was started.
    ///
    /// # Errors
    /// For the hold: `RESERVATION_NOT_FOUND`, `RESERVATION_EXPIRED`, `RESERVATION_RELEASED` or
    /// `RESERVATION_ALREADY_CONFIRMED`. For the payment: `PAYMENT_NOT_NEEDED`,
    /// `AMOUNT_NOT_PAYABLE` or `PAYMENTS_NOT_CONFIGURED`.
    pub async fn start_payment(
        &self,
        caller: &Caller,
        token: ReservationToken,
    ) -> Result<PaymentStart> {
        let mut backoff = Backoff::default();
        loop {
            let hold = self.own_hold(caller, token).await?;
            if self.changed_since_overdue(&hold).await? {
                if !backoff.pause().await {
                    return Err(changed_at_every_attempt());
                }
                continue;
            }
            check_payable(&hold)?;
            if let Some(started) = hold.payment.clone() {
                return self.started_before(caller, hold, &started).await;
            }
            let account = self.accounts.current(&caller.app).await?;
            let charge = charge_of(&hold);
            let start = account.gateway.start(&charge);
            let payment = in_time(around("payment.start", start)).await?;
            let stored = HoldPayment {
                provider: Stored::Known(account.provider),
                account: account.id,
                id: id_of(&payment),
                version: hold.version,
            };
            let holds = &self.store.reservations;
            if let Some(hold) = holds.start_payment(&hold, &stored, self.payment_window).await? {
                // The locks end with the hold, which lasts longer now. Best effort.
                let _ = self.relock_hold(&hold).await;
                return Ok(payment_start(hold, account, payment, true));
            }
            // The hold has ended or has changed, or another call has started its payment.
            if !backoff.pause().await {
                return Err(changed_at_every_attempt());
            }
        }
    }

    /// The payment that an earlier call has stored.
    async fn started_before(
        &self,
        caller: &Caller,
        hold: Hold,
        started: &HoldPayment,
    ) -> Result<PaymentStart> {
        let account = self.accounts.find(&caller.app, started.account).await?;
        let charge = AmountDue { version: started.version, ..charge_of(&hold) };
        let reference = reference(started)?;
        let check = || account.gateway.check(&reference, &charge);
        let (payment, status) = match &reference {
            // Only the response to the creation has the client's secret. Creating it again with the
            // same idempotency key returns that response.
            PaymentRef::Intent(_) => {
                let (payment, outcome) =
                    tokio::join!(in_time(account.gateway.start(&charge)), in_time(check()));
                let payment = payment?;
                // A provider that no longer knows the idempotency key has made another intent.
                if id_of(&payment) != started.id {
                    return Err(Error::unavailable("the provider repeated another payment"));
                }
                (payment, status_of(&outcome?, "succeeded"))
            }
            PaymentRef::Order { order_id, .. } => {
                let order = StartedPayment::Order {
                    order_id: order_id.clone(),
                    status: "created".to_owned(),
                };
                (order, status_of(&in_time(check()).await?, "paid"))
            }
            PaymentRef::Simulated(id) => {
                (StartedPayment::Simulated { payment_id: id.clone() }, None)
            }
        };
        // The call that started the payment may have died before it set the locks.
        let _ = self.relock_hold(&hold).await;
        let mut start = payment_start(hold, account, payment, false);
        if let Some(status) = status {
            start.status = status;
        }
        Ok(start)
    }
}

fn changed_at_every_attempt() -> Error {
    Error::unavailable("the hold changed at every attempt to pay it")
}

/// The error for a hold that cannot be paid, or no longer can.
fn check_payable(hold: &Hold) -> Result<()> {
    match hold.status {
        HoldStatus::Active if hold.is_live() => {}
        HoldStatus::Active | HoldStatus::Expired => return Err(Code::ReservationExpired.into()),
        HoldStatus::Confirmed | HoldStatus::Cancelled => {
            return Err(Code::ReservationAlreadyConfirmed.into());
        }
        HoldStatus::Released | HoldStatus::Unknown => return Err(Code::ReservationReleased.into()),
    }
    if hold.amount == 0 { Err(Code::PaymentNotNeeded.into()) } else { Ok(()) }
}

/// How the provider finds a started payment.
pub(super) fn reference(started: &HoldPayment) -> Result<PaymentRef> {
    let payment_id = || PaymentId::parse(&started.id).map_err(Error::internal);
    match started.provider.known() {
        Some(PaymentProvider::Stripe) => Ok(PaymentRef::Intent(payment_id()?)),
        Some(PaymentProvider::Razorpay) => {
            Ok(PaymentRef::Order { order_id: started.id.clone(), payment_id: None })
        }
        Some(PaymentProvider::Simulated) => Ok(PaymentRef::Simulated(payment_id()?)),
        None => Err(Error::unavailable("a later version has started the payment")),
    }
}

fn id_of(payment: &StartedPayment) -> String {
    match payment {
        StartedPayment::Intent { payment_id, .. } | StartedPayment::Simulated { payment_id } => {
            payment_id.as_str().to_owned()
        }
        StartedPayment::Order { order_id, .. } => order_id.clone(),
    }
}

/// The payment's status at the provider. `None`: the outcome names none.
fn status_of(outcome: &PaymentOutcome, paid: &str) -> Option<String> {
    match outcome {
        PaymentOutcome::Taken { .. } => Some(paid.to_owned()),
        PaymentOutcome::Pending { status } => Some(status.clone()),
        PaymentOutcome::Declined => Some("canceled".to_owned()),
        PaymentOutcome::Mismatch(_) => None,
    }
}

fn payment_start(
    hold: Hold,
    account: OpenAccount,
    payment: StartedPayment,
    is_new: bool,
) -> PaymentStart {
    let id = id_of(&payment);
    let (status, client_secret) = match payment {
        StartedPayment::Intent { status, client_secret, .. } => (status, Some(client_secret)),
        StartedPayment::Order { status, .. } => (status, None),
        StartedPayment::Simulated { .. } => ("created".to_owned(), None),
    };
    let OpenAccount { provider, public_key, .. } = account;
    PaymentStart { hold, is_new, provider, id, status, client_secret, public_key }
}

/// The provider's response, within the request's time.
async fn in_time<T>(call: impl Future<Output = Result<T, ProviderError>>) -> Result<T> {
    match tokio::time::timeout(Deadline::current().remaining(), call).await {
        Ok(Err(ProviderError::NotPayable(reason))) => {
            tracing::warn!(reason, "a provider cannot charge an amount");
            Err(Code::AmountNotPayable.into())
        }
        Ok(response) => response.map_err(provider_error),
        Err(_) => Err(Error::unavailable("the payment provider did not answer in time")),
    }
}
