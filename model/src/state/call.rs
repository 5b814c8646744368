//! A call in progress: its next step, and what it has read so far.

use super::{Purpose, Seats, Status};

/// The response to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Response {
    /// Reserve: this hold of the user's.
    Held(u8),
    /// Reserve was refused with 409.
    NotHeld,
    /// Confirm has sold the seats.
    Sold,
    /// Confirm was refused with a 4xx.
    NotSold,
    /// Any call: a 503, which promises nothing.
    Unavailable,
    /// Release has given the seats back.
    Released,
    /// Release was refused with a 4xx.
    NotReleased,
    /// The hold has other seats now.
    Changed,
    /// The change was refused with a 4xx.
    NotChanged,
    /// Payment start: this payment of the user's.
    Paying(u8),
    /// Payment start: a 4xx.
    NotPaying,
    /// The booking was cancelled.
    Cancelled,
    /// The cancellation was refused with a 4xx.
    NotCancelled,
}

/// The next step of a call. One step is what one server does atomically.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Step {
    /// There is no call.
    #[default]
    Idle,
    /// Reserve and change: read the seats and the entity.
    ReadSeats,
    /// Reserve: upsert the hold, under the unique index.
    WriteHold,
    /// Reserve and change: mark overdue holds on the seats.
    MarkOverdue,
    /// Reserve and change: read the claims on the seats.
    ReadClaims,
    /// Reserve: restore the locks of the caller's own hold.
    RestoreFound,
    /// Reserve: read that hold again.
    FindAgain,
    /// Reserve: delete those locks, because the hold has ended.
    UndoRestore,
    /// Reserve and change: give the caller's older locks this hold's token.
    RestoreOwn,
    /// Reserve and change: delete the locks that this call took, then respond.
    GiveBack(Response),
    /// Change: read the hold.
    FindToChange,
    /// Change: lock the added seats.
    LockAdded,
    /// Change: the guarded update, under the unique index.
    WriteChange,
    /// Payment start: read the hold.
    FindToPay,
    /// Payment start: create the payment at the provider.
    CreatePayment,
    /// Payment start: the guarded update that stores the payment on the hold.
    StorePayment,
    /// Confirm: read the hold.
    Find,
    /// Confirm: call the provider. The hold had this status.
    Verify(Status),
    /// Confirm: open the transaction with its guarded write to the hold.
    Settle(Purpose),
    /// Confirm: the other guarded writes, and the commit.
    Commit(Purpose),
    /// Confirm: record the payment as REFUND_DUE. The hold had this status.
    RecordRefundDue(Status),
    /// Confirm and release: mark the own overdue hold, then unlock and respond.
    Expire(Response),
    /// Release: the guarded update.
    Release,
    /// Release: read why it did not match.
    FindReleased,
    /// Cancel: read the booking.
    FindToCancel,
    /// Cancel: open the transaction with its guarded write to the booking.
    OpenCancel,
    /// Cancel: the other guarded writes, and the commit.
    CommitCancel,
    /// Cancel, [`crate::Flaw::RefundAfterCommit`]: insert the refund row.
    AddRefund,
    /// Delete the locks, then respond.
    Unlock(Response),
    /// First design, reserve: insert the hold.
    Insert,
    /// First design, confirm: check that the lock is the caller's.
    CheckLock,
    /// First design, confirm: delete the lock.
    DeleteLock,
    /// First design, confirm: one transaction without guards.
    CommitUnguarded,
    /// First design, release: mark the hold.
    MarkReleased,
    /// The call broke off, and its user may repeat it.
    BrokenOff(BrokenCall),
}

/// What kind of call broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BrokenCall {
    /// A reserve of these seats.
    Reserve(Seats),
    Confirm,
    Release,
    /// A change to these seats.
    Change(Seats),
    Pay,
    /// A cancellation of these seats.
    Cancel(Seats),
}

impl Step {
    /// Whether a function works on the call.
    pub fn runs(self) -> bool {
        !matches!(self, Self::Idle | Self::BrokenOff(_))
    }

    /// Whether the call has a transaction open.
    pub fn in_transaction(self) -> bool {
        matches!(self, Self::Commit(_) | Self::CommitCancel)
    }
}

/// A call that a function works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Call {
    pub step: Step,
    /// Which of the user's holds it is about.
    pub token: u8,
    /// Which of the user's payments.
    pub payment: u8,
    /// Reserve and change: how often the write was repeated.
    pub retries: u8,
    /// Reserve and change: some locks were the caller's own already.
    pub met_own_locks: bool,
    /// Confirm: the provider was called for the hold at this version.
    pub verified: bool,
    /// The hold's version that this call has read.
    pub version: u8,
    /// Change: the seats wanted. Cancel: the seats to cancel.
    pub seats: Seats,
    /// Change and payment start: the hold's seats that this call has read. Cancel: the seats
    /// that were cancelled already.
    pub read: Seats,
    /// It began before the entity was cancelled.
    pub before_cancel: bool,
}

impl Call {
    /// Change: the seats that it adds to the hold.
    pub fn added(&self) -> Seats {
        self.seats & !self.read
    }

    /// Change: the seats that it drops from the hold.
    pub fn dropped(&self) -> Seats {
        self.read & !self.seats
    }
}
