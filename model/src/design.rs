//! Which protocol is checked, what is wrong with it, and how much may happen.

/// The order in which calls do their work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// The design that this project began with: check the lock, delete it, then commit; check the
    /// reservation outside the transaction; no unique index; plain DEL.
    First,
    /// The protocol of `docs/ARCHITECTURE.md`.
    Current,
}

/// One thing that [`Design::Current`] does wrong. The tests show what each costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Locks are deleted whatever token they carry.
    PlainDelete,
    /// There are no unique indexes on seats, and the writes of a sale have no guards.
    NoIndexNoGuards,
    /// There is no unique index on claimed seats; the guards are there.
    NoIndex,
    /// Locks are deleted before the commit. This breaks no property and only weakens the gate.
    UnlocksFirst,
    /// The sale requires ACTIVE, but `expiresAt` was checked before the transaction only.
    ChecksExpiryEarly,
    /// A repeated upsert sets its fields again.
    ReplayRevives,
    /// A payment that came too late gets its response without a record.
    SilentMoney,
    /// Confirm does not require the version whose amount was verified.
    ConfirmIgnoresVersion,
    /// A change updates the hold that it read, without a guard.
    UnguardedChange,
    /// A change does not require that no payment was started.
    ChangeIgnoresPayment,
    /// A change drops seats in one write and adds seats in a second one.
    ChangesInTwoWrites,
    /// A change keeps the locks of the seats that it drops.
    KeepsDroppedLocks,
    /// The update that stores a payment does not require the version that the payment was made for.
    StoreIgnoresVersion,
    /// The update that stores a payment does not require that the hold is live, and extends it.
    StoreRevives,
    /// The payment's idempotency key is the token alone.
    KeyWithoutVersion,
    /// The client gets the payment even if it could not be stored on the hold.
    ShowsUnstoredPayment,
    /// Every stored payment extends the hold.
    ExtendsEveryTime,
    /// A payment of another amount is recorded, but stays stored on the hold.
    KeepsSpentPayment,
    /// A provider's event sells without the guards of a confirm.
    EventSellsUnguarded,
    /// A cancellation frees the seats first, and cancels the booking in a second write.
    FreesSeatsFirst,
    /// A cancellation leaves its seats in the reservation.
    KeepsClaim,
    /// A cancellation inserts the refund row after its commit.
    RefundAfterCommit,
    /// A cancellation requires neither the booking's version nor its own seats.
    UnguardedCancel,
    /// A cancelled booking's payment leaves the unique index on payments.
    ForgetsPayment,
    /// The entity's cancel reads the bookings once, and repeats only for live holds.
    CancelsBookingsOnce,
    /// The entity's cancel ends with the first read that finds no claim.
    CancelEndsAtOnce,
    /// Removing a seat deletes its document.
    DeletesRemovedSeat,
    /// Removing a seat does not require AVAILABLE.
    RemovesBookedSeat,
}

/// How much may happen. The checker explores everything that may happen within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Users, 3 at most. Each makes up to two calls, and repeats each call that broke off.
    pub users: usize,
    /// How many times Redis may lose everything.
    pub wipes: u8,
    /// Processes that die between two steps.
    pub crashes: u8,
    /// Lost replies. Either the client gives a call up and may repeat it while the first still
    /// runs, or the driver repeats an upsert.
    pub lost_replies: u8,
    /// Calls beyond two, of all users together.
    pub extra_calls: u8,
    /// Whether Redis works. If not, every call continues without it.
    pub redis: bool,
    /// Changes of a hold, of all users together.
    pub changes: u8,
    /// A user who gave a call up may make another one, as in a second browser tab. Otherwise it
    /// repeats the same call.
    pub tabs: bool,
    /// Only a payment that was started for the hold can confirm it.
    pub payments: bool,
    /// The provider may take another amount than the payment was made for.
    pub other_amounts: bool,
    /// How many events the provider may send.
    pub events: u8,
    /// Users may cancel what they bought.
    pub cancels: bool,
    /// The organiser may cancel the entity.
    pub entity_cancel: bool,
    /// Seats that the organiser removes.
    pub removals: u8,
}

impl Bounds {
    /// Users who reserve, confirm and release. Nothing fails, but time passes.
    pub const fn users(users: usize) -> Self {
        Self {
            users,
            wipes: 0,
            crashes: 0,
            lost_replies: 0,
            extra_calls: 0,
            redis: true,
            changes: 0,
            tabs: false,
            payments: false,
            other_amounts: false,
            events: 0,
            cancels: false,
            entity_cancel: false,
            removals: 0,
        }
    }

    /// Whether it matters how much a payment took. Otherwise amounts are left out, which keeps the
    /// number of states small.
    pub(crate) fn amounts(&self) -> bool {
        self.changes > 0 || self.payments || self.cancels || self.entity_cancel
    }
}
