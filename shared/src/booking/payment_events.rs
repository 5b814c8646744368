//! Events of payment providers. An event only names a payment. The payment is fetched, and settles
//! its hold by the same steps as a confirmation, with the user read from the hold.

use super::{
    BookingService,
    payment_check::{NamedPayment, PaymentClaim},
};
use crate::{
    domain::{PaymentProvider, ReservationToken, UserId},
    error::Result,
    payment::{PaymentRef, ProviderEvent},
    store::{apps::App, reservations::Hold},
};
use hyper::HeaderMap;
use tracing::info;

impl BookingService {
    /// Handles an event that came to the app's webhook, signed by its secret. Repeating
    /// the call is safe.
    ///
    /// # Errors
    /// `INVALID_SIGNATURE`, or `SERVICE_UNAVAILABLE` if the provider has to send it again.
    pub async fn payment_event(
        &self,
        app: &App,
        provider: PaymentProvider,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<()> {
        let verified = self.accounts.verify_event(app, provider, headers, body).await?;
        let Some((event, account)) = verified else { return Ok(()) };
        let kind = event.kind.as_str();
        if event.is_about_money_back
            && let Some(payment) = &event.payment_id
            && let Some(booking) = self.store.bookings.find_by_payment(&app.app_id, payment).await?
        {
            return self.reconcile(app, &booking, event.dispute_id.as_deref()).await;
        }
        let Some(reference) = reference(provider, &event) else {
            info!(kind, "an event of a provider names no payment");
            return Ok(());
        };
        let Some(hold) = self.hold_of_event(app, &reference, &event).await? else {
            info!(kind, "an event of a provider is about no hold of this app");
            return Ok(());
        };
        let account = hold.payment.as_ref().map_or(account, |payment| {
            if reference.started_id() == payment.id { payment.account } else { account }
        });
        let named = NamedPayment { account, reference, cancels: false };
        self.settle_named(app, hold.user_id.into(), hold.reservation_token, &named, kind).await
    }

    /// Settles a hold by a payment that its provider has named. No client waits for the outcome.
    /// `why` is for the log.
    ///
    /// # Errors
    /// The state of the payment could not be read. Repeating the call is safe.
    pub(super) async fn settle_named(
        &self,
        app: &App,
        user: UserId,
        token: ReservationToken,
        named: &NamedPayment,
        why: &str,
    ) -> Result<()> {
        match self.settle(app, user, token, PaymentClaim::Named(named)).await {
            Err(error) if error.code().status() >= 500 => Err(error),
            Err(error) => {
                info!(why, code = error.code().as_str(), "the provider's report sold nothing");
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    async fn hold_of_event(
        &self,
        app: &App,
        reference: &PaymentRef,
        event: &ProviderEvent,
    ) -> Result<Option<Hold>> {
        let holds = &self.store.reservations;
        if let Some(hold) = holds.find_by_payment(&app.app_id, reference.started_id()).await? {
            return Ok(Some(hold));
        }
        let Some(token) = event.token else { return Ok(None) };
        Ok(holds.find_by_token(token).await?.filter(|hold| hold.app_id == app.app_id))
    }
}

/// The payment that an event names.
fn reference(provider: PaymentProvider, event: &ProviderEvent) -> Option<PaymentRef> {
    match provider {
        PaymentProvider::Stripe => event.payment_id.clone().map(PaymentRef::Intent),
        PaymentProvider::Razorpay => {
            event.order_id.clone().map(|order_id| PaymentRef::Order { order_id, payment_id: None })
        }
        PaymentProvider::Simulated => None,
    }
}
