//! Which payment a hold is to be settled by, and the state of that payment at its provider.

use super::{BookingService, accounts::OpenAccount};
use crate::{
    clock::Deadline,
    domain::{ObjectId, PaymentId, PaymentProvider},
    error::{Code, Error, Result},
    faults::around,
    payment::{AmountDue, Mismatch, PaymentOutcome, PaymentRef, ProviderError, TakenPayment},
    store::{apps::App, hold_payments::HoldPayment, reservations::Hold, sales::Payment},
};
use std::time::Duration;
use tracing::error;

/// Time kept for the sale while the provider is called.
const SALE_TIME: Duration = Duration::from_secs(2);

/// The payment by which a hold is to be settled.
#[derive(Clone, Copy, Debug)]
pub(super) enum PaymentClaim<'a> {
    /// The client sent this id, or none.
    Given(Option<&'a PaymentId>),
    /// The provider has named this payment.
    Named(&'a NamedPayment),
}

/// A payment that a provider has named.
#[derive(Clone, Debug)]
pub(super) struct NamedPayment {
    /// The app's account at the provider.
    pub(super) account: Option<ObjectId>,
    pub(super) reference: PaymentRef,
    /// Whether to cancel it at the provider if its hold has ended and it was never paid.
    pub(super) cancels: bool,
}

impl NamedPayment {
    /// Whether it was started for this hold and stored in it.
    fn is_started_for(&self, hold: &Hold) -> bool {
        hold.payment.as_ref().is_some_and(|payment| payment.id == self.reference.started_id())
    }
}

impl PaymentClaim<'_> {
    /// The id that the booking of `hold` has, if it was paid by this claim.
    pub(super) fn payment_id(self, hold: &Hold) -> Option<PaymentId> {
        match self {
            Self::Given(Some(given)) => Some(given.clone()),
            Self::Given(None) => Some(PaymentId::free(hold.reservation_token)),
            Self::Named(named) => PaymentId::parse(named.reference.started_id()).ok(),
        }
    }

    /// Whether the provider has named a payment that was not started for this hold.
    pub(super) fn is_stray(self, hold: &Hold) -> bool {
        match self {
            Self::Given(_) => false,
            Self::Named(named) => !named.is_started_for(hold),
        }
    }

    /// Whether the client sent the id of one attempt, while another attempt paid the same order.
    pub(super) fn names_another_than(self, outcome: &PaymentOutcome) -> bool {
        match (self, outcome) {
            (Self::Given(Some(given)), PaymentOutcome::Taken { payment, .. }) => {
                payment.payment_id != *given
            }
            _ => false,
        }
    }

    /// Whether a booking that was paid with `id` is the outcome of this claim.
    pub(super) fn is_of(self, hold: &Hold, id: &PaymentId) -> bool {
        match self {
            Self::Given(Some(given)) => given == id,
            Self::Given(None) => id.is_free(hold.reservation_token),
            // Only the provider knows the payment of an order.
            Self::Named(named) => named.reference.started_id() == id.as_str(),
        }
    }
}

/// What is known about the payment of one version of a hold.
#[derive(Clone, Debug)]
pub(super) enum PaymentCheck {
    /// There is nothing to pay.
    Free,
    /// The payment was not started for this hold. The provider was not asked.
    Foreign,
    /// The app has no payment provider.
    NotConfigured,
    /// The provider was asked, and `outcome` is its response.
    Judged { by: AskedAccount, outcome: PaymentOutcome },
}

/// The account that was asked about a payment.
#[derive(Clone, Debug)]
pub(super) struct AskedAccount {
    provider: PaymentProvider,
    account: Option<ObjectId>,
}

impl AskedAccount {
    /// A payment that was taken, as a booking records it.
    pub(super) fn taken(&self, payment: &TakenPayment) -> Payment {
        Payment {
            id: payment.payment_id.clone(),
            amount: payment.amount,
            returned: payment.returned,
            currency: payment.currency.clone(),
            provider: Some(self.provider),
            account: self.account,
            mismatch: None,
        }
    }

    /// A payment that was declined.
    pub(super) fn declined(&self, hold: &Hold, id: &PaymentId) -> Payment {
        Payment {
            id: id.clone(),
            amount: hold.amount,
            returned: 0,
            currency: hold.currency.clone(),
            provider: Some(self.provider),
            account: self.account,
            mismatch: None,
        }
    }
}

/// What the booking of a hold that cost nothing records.
pub(super) fn free_payment(hold: &Hold) -> Payment {
    Payment {
        id: PaymentId::free(hold.reservation_token),
        amount: hold.amount,
        returned: 0,
        currency: hold.currency.clone(),
        provider: None,
        account: None,
        mismatch: None,
    }
}

/// The charge for a hold: what a payment has to pay for.
pub(super) fn charge_of(hold: &Hold) -> AmountDue {
    AmountDue {
        app_id: hold.app_id.clone(),
        token: hold.reservation_token,
        version: hold.version,
        amount: hold.amount,
        currency: hold.currency.clone(),
    }
}

/// The error for a call to a provider that failed. The cause goes to the log.
pub(super) fn provider_error(error: ProviderError) -> Error {
    match error {
        ProviderError::Credentials(_) | ProviderError::Refused(_) => {
            error!(alarm = "PAYMENT_PROVIDER", error = %error, "a payment provider refuses us");
        }
        ProviderError::Unreachable(_)
        | ProviderError::Unknown(_)
        | ProviderError::Busy(_)
        | ProviderError::LowBalance(_)
        | ProviderError::NotPayable(_) => {}
    }
    Error::unavailable(error)
}

impl BookingService {
    /// The claim to check. A hold that costs nothing needs no payment, so the id that the client
    /// sent is ignored. Only the simulation reads it.
    pub(super) fn effective_claim<'a>(
        &self,
        app: &App,
        hold: &Hold,
        claim: PaymentClaim<'a>,
    ) -> PaymentClaim<'a> {
        let is_simulated = self.accounts.provider_of(app) == Some(PaymentProvider::Simulated);
        match claim {
            PaymentClaim::Given(_) if hold.amount == 0 && !is_simulated => {
                PaymentClaim::Given(None)
            }
            PaymentClaim::Given(_) | PaymentClaim::Named(_) => claim,
        }
    }

    /// Asks the provider about a claimed payment. If it does not respond in time, the hold
    /// stays as it is.
    pub(super) async fn check(
        &self,
        app: &App,
        hold: &Hold,
        claim: PaymentClaim<'_>,
    ) -> Result<PaymentCheck> {
        let given = match claim {
            PaymentClaim::Given(given) => given,
            PaymentClaim::Named(named) => {
                let account = self.accounts.find(app, named.account).await?;
                let cancels = named.cancels && !hold.is_live();
                return self.judge(hold, account, &named.reference, cancels).await;
            }
        };
        let Some(given) = given else {
            if hold.amount == 0 {
                return Ok(PaymentCheck::Free);
            }
            return Err(Error::field("paymentId", "is required"));
        };
        let (account, payment) = match &hold.payment {
            Some(started) => match started_ref(started, given)? {
                Some(payment) => (self.accounts.find(app, started.account).await?, payment),
                None => return Ok(PaymentCheck::Foreign),
            },
            None => match self.accounts.provider_of(app) {
                None => return Ok(PaymentCheck::NotConfigured),
                Some(PaymentProvider::Stripe | PaymentProvider::Razorpay) => {
                    return Ok(PaymentCheck::Foreign);
                }
                Some(PaymentProvider::Simulated) => {
                    (self.accounts.current(app).await?, PaymentRef::Simulated(given.clone()))
                }
            },
        };
        self.judge(hold, account, &payment, false).await
    }

    async fn judge(
        &self,
        hold: &Hold,
        account: OpenAccount,
        payment: &PaymentRef,
        cancels: bool,
    ) -> Result<PaymentCheck> {
        let OpenAccount { provider, id, gateway, .. } = account;
        let charge = charge_of(hold);
        let call = if cancels {
            gateway.cancel(payment, &charge)
        } else {
            gateway.check(payment, &charge)
        };
        let outcome = within_sale_time(call).await?;
        Ok(PaymentCheck::Judged { by: AskedAccount { provider, account: id }, outcome })
    }

    /// The error for a payment that its provider has named for this live hold and that was not
    /// started for it. If it was taken, it is recorded for a refund. `None`: read the hold again.
    pub(super) async fn refuse_stray<T>(
        &self,
        hold: &Hold,
        by: &AskedAccount,
        outcome: &PaymentOutcome,
    ) -> Result<Option<T>> {
        if self.is_outdated(hold).await? {
            return Ok(None);
        }
        let mismatch = Error::payment_mismatch("reservation");
        match outcome {
            PaymentOutcome::Taken { payment, others }
            | PaymentOutcome::Mismatch(
                Mismatch::Amount(payment, others) | Mismatch::Currency(payment, others),
            ) => {
                self.record_others(hold, by, std::slice::from_ref(payment)).await?;
                self.record_others(hold, by, others).await?;
                Err(mismatch.with_refund_due(true))
            }
            PaymentOutcome::Pending { .. }
            | PaymentOutcome::Declined
            | PaymentOutcome::Mismatch(Mismatch::Reservation | Mismatch::App | Mismatch::Mode) => {
                Err(mismatch)
            }
        }
    }

    /// Whether a live hold is not what it was when it was read. After a failover, a majority read
    /// may not know yet that its payment was started.
    async fn is_outdated(&self, hold: &Hold) -> Result<bool> {
        let user = hold.user_id.into();
        let holds = &self.store.reservations;
        let latest = holds.find_linearizable(&hold.app_id, user, hold.reservation_token).await?;
        Ok(latest.is_none_or(|latest| latest.version != hold.version || !latest.is_live()))
    }

    /// The error for a payment that was not started for this live hold. `None`:
    /// read the hold again.
    pub(super) async fn refuse_foreign<T>(
        &self,
        hold: &Hold,
        claim: PaymentClaim<'_>,
    ) -> Result<Option<T>> {
        let PaymentClaim::Given(Some(given)) = claim else { return Ok(None) };
        if self.is_outdated(hold).await? {
            return Ok(None);
        }
        // An earlier payment of this hold may have been recorded for a refund.
        let record = self.store.bookings.find_by_payment(&hold.app_id, given).await?;
        let record = record.filter(|record| record.reservation_token == hold.reservation_token);
        let refund_due = record.is_some();
        let field = record.and_then(|record| record.mismatch);
        let error = Error::payment_mismatch(field.as_deref().unwrap_or("reservation"));
        Err(error.with_refund_due(refund_due))
    }
}

/// The reference by which the provider finds the given payment. `None`: it is not the payment that
/// was started for the hold.
fn started_ref(started: &HoldPayment, given: &PaymentId) -> Result<Option<PaymentRef>> {
    match started.provider.known() {
        Some(PaymentProvider::Stripe) => {
            Ok((started.id == given.as_str()).then(|| PaymentRef::Intent(given.clone())))
        }
        Some(PaymentProvider::Razorpay) => {
            let (order_id, payment_id) = (started.id.clone(), Some(given.clone()));
            Ok(Some(PaymentRef::Order { order_id, payment_id }))
        }
        Some(PaymentProvider::Simulated) => Ok(Some(PaymentRef::Simulated(given.clone()))),
        None => Err(Error::unavailable("a later version has started the payment")),
    }
}

/// The provider's response, if it comes early enough to sell the seats afterwards.
pub(super) async fn within_sale_time<T>(
    call: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T> {
    let timeout = Deadline::current().remaining().saturating_sub(SALE_TIME);
    match tokio::time::timeout(timeout, around("payment.verify", call)).await {
        Ok(response) => response.map_err(provider_error),
        Err(_) => Err(Error::unavailable("the payment provider did not answer in time")),
    }
}

/// The error for a live hold whose payment may still succeed.
pub(super) fn pending(status: &str) -> Error {
    Error::from(Code::PaymentPending).with_details(serde_json::json!({"paymentStatus": status}))
}
