//! Refunds and disputes of a booking's payment, as the provider reports them.

use super::{BookingService, accounts::OpenAccount, payment_check::provider_error};
use crate::{
    domain::{BookingId, ObjectId},
    error::Result,
    metrics::{self, Metric},
    store::{
        apps::App,
        bookings::Booking,
        provider_reports::{NewFindings, ProviderReport},
        tx::Failure,
    },
};
use tracing::error;

impl BookingService {
    /// Asks the provider about the refunds and disputes of a booking's payment, and records what is
    /// new. `dispute` is the id of the dispute that an event has named.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`. Repeating the call is safe.
    pub(super) async fn reconcile(
        &self,
        app: &App,
        booking: &Booking,
        dispute: Option<&str>,
    ) -> Result<()> {
        let account = self.accounts.find(app, booking.account).await?;
        let OpenAccount { gateway, .. } = account;
        let (payment, currency) = (&booking.payment_id, &booking.currency);
        let (refunds, disputes) = tokio::join!(
            gateway.refunds(payment, currency),
            gateway.disputes(payment, currency, dispute)
        );
        let refunds = refunds.map_err(provider_error)?;
        let disputes = disputes.map_err(provider_error)?;
        let report = ProviderReport { refunds, disputes };
        self.record(booking.id, &booking.booking_id, &report).await
    }

    /// Records what is new in a report, and raises an alarm for it.
    pub(super) async fn record(
        &self,
        booking: ObjectId,
        booking_id: &BookingId,
        report: &ProviderReport,
    ) -> Result<()> {
        match self.store.record_report(booking, report).await {
            Ok(findings) => {
                raise_alarms(booking_id, &findings);
                Ok(())
            }
            Err(Failure::Aborted(_)) => Ok(()),
            Err(Failure::Store(cause) | Failure::Unknown(cause)) => Err(cause.into()),
        }
    }
}

fn raise_alarms(booking: &BookingId, findings: &NewFindings) {
    let booking = booking.as_str();
    for refund in &findings.foreign {
        metrics::count(Metric::ProviderReports);
        error!(alarm = "PROVIDER_REFUND", booking, refund, "money went back that we did not send");
    }
    for refund in &findings.failed {
        metrics::count(Metric::RefundsFailed);
        error!(alarm = "REFUND_FAILED", booking, refund, "a refund failed");
    }
    for dispute in &findings.disputes {
        metrics::count(Metric::ProviderReports);
        error!(alarm = "PAYMENT_DISPUTE", booking, dispute, "a payment is disputed, or was");
    }
}
