//! Refunds and disputes that a provider reports: what is new is recorded in one transaction.

use super::{
    Store,
    bookings::{Booking, RefundNote, Stored},
    cancellations::refunded_or_due,
    database_time,
    disputes::{Dispute, DisputeStatus},
    refunds::{Refund, RefundSource, RefundStatus},
    tx,
};
use crate::{
    domain::{EventType, Timestamp},
    payment::{DisputeState, ProviderDispute, ProviderRefund, RefundState},
};
use mongodb::{
    ClientSession,
    bson::{Document, oid::ObjectId, serialize_to_document},
    error::Error as DriverError,
};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// When a provider is asked about a refund of its own that is not paid yet.
const FIRST_PAUSE: Duration = Duration::from_secs(60);

/// Everything that a provider reports about money that went back from a payment.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProviderReport {
    pub refunds: Vec<ProviderRefund>,
    pub disputes: Vec<ProviderDispute>,
}

/// What was new in a report.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewFindings {
    /// Refunds that we did not make, by our new ids.
    pub foreign: Vec<String>,
    /// Refunds that are not paid after all, or never were.
    pub failed: Vec<String>,
    /// New disputes, and those that were decided.
    pub disputes: Vec<String>,
}

/// The report says nothing new.
#[derive(Debug)]
pub(crate) struct NothingNew;

impl Store {
    /// Records what is new in a provider's report about the payment of a booking. Repeating
    /// the call is safe.
    pub(crate) async fn record_report(
        &self,
        booking: ObjectId,
        report: &ProviderReport,
    ) -> Result<NewFindings, tx::Failure<NothingNew>> {
        tx::run(self, &ReportTransaction { store: self, booking, report }).await
    }
}

struct ReportTransaction<'a> {
    store: &'a Store,
    /// The id of the booking's document.
    booking: ObjectId,
    report: &'a ProviderReport,
}

impl tx::Body for ReportTransaction<'_> {
    type Value = NewFindings;
    type Reason = NothingNew;

    async fn run(
        &self,
        session: &mut ClientSession,
    ) -> Result<tx::Step<NewFindings, NothingNew>, DriverError> {
        let Self { store, report, .. } = *self;
        let Some(booking) = store.bookings.find_in(session, self.booking).await? else {
            return Ok(tx::Step::Abort(NothingNew));
        };
        let known = store.refunds.of_in(session, booking.id).await?;
        let (mut findings, mut note) = (NewFindings::default(), RefundNote::default());
        let mut changes = Changes {
            store,
            booking: &booking,
            known: &known,
            refunded_or_due: refunded_or_due(&known),
            findings: &mut findings,
            note: &mut note,
        };
        let mut is_changed = false;
        let before = made_before(&booking, &known, &report.refunds);
        for listed in &report.refunds {
            let row = known.iter().find(|row| row.matches_report(listed));
            is_changed |= match row {
                Some(row) => changes.update_refund(session, row, listed.state).await?,
                None if before.contains(&listed.provider_id.as_str()) => false,
                None => changes.add(session, listed).await?,
            };
        }
        if !report.disputes.is_empty() {
            is_changed |= changes.add_disputes(session, &report.disputes).await?;
        }
        if !is_changed {
            return Ok(tx::Step::Abort(NothingNew));
        }
        store.bookings.note_refund(session, booking.id, note).await?;
        Ok(tx::Step::Commit(findings))
    }
}

/// What a report changes in a booking and its refunds.
struct Changes<'a> {
    store: &'a Store,
    booking: &'a Booking,
    /// The refunds that are on record.
    known: &'a [Refund],
    /// What went back of the payment, or will.
    refunded_or_due: i64,
    findings: &'a mut NewFindings,
    note: &'a mut RefundNote,
}

impl Changes<'_> {
    /// Updates a known refund to the state that the provider reports. SUCCEEDED may become FAILED.
    /// Returns whether the refund has changed.
    async fn update_refund(
        &mut self,
        session: &mut ClientSession,
        row: &Refund,
        state: RefundState,
    ) -> Result<bool, DriverError> {
        let (from, to, paid_back) = match (row.status.known(), state) {
            (Some(RefundStatus::Submitted), RefundState::Succeeded) => {
                ("SUBMITTED", RefundStatus::Succeeded, row.amount)
            }
            (Some(RefundStatus::Submitted), RefundState::Failed) => {
                ("SUBMITTED", RefundStatus::Failed, 0)
            }
            (Some(RefundStatus::Succeeded), RefundState::Failed) => {
                ("SUCCEEDED", RefundStatus::Failed, -row.amount)
            }
            _ => return Ok(false),
        };
        // What an admin has settled by hand stays.
        if !self.store.end_refund(session, row, from, to).await? {
            return Ok(false);
        }
        self.note.paid_back += paid_back;
        if to == RefundStatus::Failed {
            self.refunded_or_due -= row.amount;
            self.findings.failed.push(row.refund_id.clone());
        }
        Ok(true)
    }

    /// Records a refund that we did not make.
    async fn add(
        &mut self,
        session: &mut ClientSession,
        listed: &ProviderRefund,
    ) -> Result<bool, DriverError> {
        let status = match listed.state {
            RefundState::Submitted => RefundStatus::Submitted,
            RefundState::Succeeded => RefundStatus::Succeeded,
            RefundState::Failed => RefundStatus::Failed,
        };
        self.insert(session, &listed.provider_id, listed.amount, status).await?;
        Ok(true)
    }

    async fn insert(
        &mut self,
        session: &mut ClientSession,
        provider_id: &str,
        amount: i64,
        status: RefundStatus,
    ) -> Result<(), DriverError> {
        let now = database_time(&self.store.database).await?;
        let refund = Refund {
            status: Stored::Known(status),
            source: Some(Stored::Known(RefundSource::Provider)),
            provider_id: Some(provider_id.to_owned()),
            ask_at: (status == RefundStatus::Submitted).then(|| later(now)),
            // The provider is only asked for its state: we never request this refund.
            asked: 1,
            ..Refund::new(id_of(self.booking, provider_id), self.booking, amount, now)
        };
        let event = match status {
            RefundStatus::Pending | RefundStatus::Submitted => EventType::RefundDue,
            RefundStatus::Succeeded => EventType::RefundSucceeded,
            RefundStatus::Failed => EventType::RefundFailed,
        };
        let refund = refund.with_event(&self.store.subscriptions, event);
        self.store.refunds.insert(session, &refund).await?;
        if refund.is_paid_or_due() {
            self.refunded_or_due += amount;
        }
        if status == RefundStatus::Succeeded {
            self.note.paid_back += amount;
        }
        self.findings.foreign.push(refund.refund_id);
        Ok(())
    }

    /// Records disputes, each with the state that the provider reports. Returns whether one is new
    /// or has changed.
    async fn add_disputes(
        &mut self,
        session: &mut ClientSession,
        reported: &[ProviderDispute],
    ) -> Result<bool, DriverError> {
        let now = database_time(&self.store.database).await?;
        let mut all = self.booking.disputes.clone();
        let mut is_changed = false;
        for dispute in reported {
            let status = DisputeStatus::from(dispute.state);
            match all.iter_mut().find(|known| known.dispute_id == dispute.provider_id) {
                Some(known) if !known.may_become(status) => continue,
                Some(known) => {
                    let new = Dispute::new(dispute, now);
                    *known = Dispute { created_at: known.created_at, ..new };
                }
                None => all.push(Dispute::new(dispute, now)),
            }
            is_changed = true;
            self.findings.disputes.push(dispute.provider_id.clone());
            self.record_decision(session, dispute).await?;
        }
        if is_changed {
            let all: Result<Vec<Document>, _> = all.iter().map(serialize_to_document).collect();
            self.note.disputes = Some(all?);
        }
        Ok(is_changed)
    }

    /// What was lost in a dispute went back to the buyer, so it is recorded as a refund. If the
    /// bank changes its decision, that refund changes too.
    async fn record_decision(
        &mut self,
        session: &mut ClientSession,
        dispute: &ProviderDispute,
    ) -> Result<(), DriverError> {
        let of_dispute = |row: &&Refund| row.provider_id.as_ref() == Some(&dispute.provider_id);
        let row = self.known.iter().find(of_dispute);
        match (dispute.state, row) {
            (DisputeState::Lost, None) => {
                // A bank may take back more than what is left of the payment. Only what is left is
                // recorded.
                let left = self.booking.paid_amount() - self.refunded_or_due;
                let lost = dispute.amount.min(left.max(0));
                if lost > 0 {
                    let status = RefundStatus::Succeeded;
                    self.insert(session, &dispute.provider_id, lost, status).await?;
                }
            }
            (DisputeState::Lost, Some(row)) => {
                let (from, to) = ("FAILED", RefundStatus::Succeeded);
                let is_retried = row.retried_by.is_some();
                if !is_retried && self.store.end_refund(session, row, from, to).await? {
                    self.note.paid_back += row.amount;
                    self.refunded_or_due += row.amount;
                }
            }
            (DisputeState::Won, Some(row)) => {
                let (from, to) = ("SUCCEEDED", RefundStatus::Failed);
                if self.store.end_refund(session, row, from, to).await? {
                    self.note.paid_back -= row.amount;
                    self.refunded_or_due -= row.amount;
                }
            }
            (DisputeState::Won, None) | (DisputeState::Open, _) => {}
        }
        Ok(())
    }
}

/// The refunds that a provider had made before the booking was recorded, by the provider's ids. The
/// booking has only what was left then. Providers list the newest first.
///
/// If one of them has failed since, a later refund may be counted in its place. That is right: the
/// later one gives back what the failed one did not, and the booking's amount has neither.
fn made_before<'a>(
    booking: &Booking,
    known: &[Refund],
    listed: &'a [ProviderRefund],
) -> Vec<&'a str> {
    let mut returned = booking.returned_before;
    let is_foreign = |refund: &&ProviderRefund| {
        refund.state != RefundState::Failed && !known.iter().any(|row| row.matches_report(refund))
    };
    let foreign = listed.iter().rev().filter(is_foreign);
    let before = foreign.take_while(|refund| {
        returned -= refund.amount;
        returned >= 0
    });
    before.map(|refund| refund.provider_id.as_str()).collect()
}

fn later(now: Timestamp) -> Timestamp {
    let pause = i64::try_from(FIRST_PAUSE.as_millis()).unwrap_or(0);
    Timestamp::from_millis(now.as_millis() + pause)
}

/// The id of a refund's document by the provider's id, so that there is only one.
fn id_of(booking: &Booking, provider_id: &str) -> ObjectId {
    let text = format!("{}/{}/{provider_id}", booking.app_id.as_str(), booking.id);
    let mut id = [0; 12];
    id.iter_mut().zip(Sha256::digest(text)).for_each(|(to, from)| *to = from);
    ObjectId::from_bytes(id)
}
