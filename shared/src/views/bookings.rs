//! Holds and bookings in response bodies.

use super::{
    TimestampView,
    cancellations::{BookingRefundView, CancellationView, RefundSummary, summary},
    history::{DisputeView, HistoryEntryView},
};
use crate::{
    clock::own_seconds,
    domain::{
        AppId, BookingId, CancellationPolicy, Currency, EntityId, ObjectId, PaymentId,
        ReservationToken, SeatId, SeatNumber, UserId,
    },
    store::{
        booking_pages::BookingCursor,
        bookings::{Booking, BookingStatus, PaymentStatus, Stored},
        held_seats::HeldSeat,
        reservations::Hold,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

/// A hold: seats that are reserved for a user until they are paid for or the hold expires.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Hold)]
pub struct HoldView {
    /// Token of the hold, for `POST /confirm-booking` and `POST /release-seat`.
    reservation_token: ReservationToken,
    /// The event, ride or show that the seats belong to; present only in `GET /reservations`.
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_id: Option<EntityId>,
    /// The seats, in the order of the request.
    seat_ids: Vec<SeatId>,
    /// When the hold expires, by the server's clock.
    expires_at: TimestampView,
    /// Seconds until the hold expires, rounded down.
    expires_in: u64,
    /// Sum of the seats' prices in the currency's minor unit, fixed for the life of the hold.
    #[schema(minimum = 0)]
    price: i64,
    /// Currency of the price, an ISO 4217 code.
    currency: Currency,
    /// The seats with their prices, in the order of `seatIds`.
    seats: Vec<HeldSeatView>,
    /// Whether the seats are side by side. Present only for a hold made with `bestAvailable`, until
    /// the hold is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    adjacent: Option<bool>,
    /// `true` once the payment was started, otherwise absent. Only in `GET /reservations`.
    #[serde(skip_serializing_if = "Option::is_none")]
    paying: Option<bool>,
}

/// A seat of a hold or a booking.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HeldSeat)]
pub struct HeldSeatView {
    /// Id of the seat.
    seat_id: SeatId,
    /// The seat number printed on the ticket.
    seat_number: SeatNumber,
    /// Price of the seat when it was held, in the currency's minor unit.
    #[schema(minimum = 0)]
    price: i64,
    /// Label of the seat, for people; absent if the seat has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Key of the seat's section when it was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
    /// Label of the seat's row when it was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<String>,
    /// Whether the seat is part of the sale; present only in bookings.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<BookedSeatStatus>,
}

/// `CONFIRMED`: the seat is sold to the booking's user. `CANCELLED`: it was never sold, or is no
/// longer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum BookedSeatStatus {
    Confirmed,
    Cancelled,
}

impl From<HeldSeat> for HeldSeatView {
    fn from(seat: HeldSeat) -> Self {
        Self {
            seat_id: seat.seat_id.into(),
            seat_number: seat.seat_number,
            price: seat.price,
            label: seat.label,
            section: seat.section,
            row: seat.row,
            status: None,
        }
    }
}

impl HoldView {
    /// The hold with its `entityId`, and whether its payment was started.
    pub fn with_entity(hold: Hold) -> Self {
        let paying = hold.payment.is_some().then_some(true);
        Self { entity_id: Some(hold.entity_id.clone()), paying, ..hold.into() }
    }
}

impl From<Hold> for HoldView {
    fn from(hold: Hold) -> Self {
        Self {
            reservation_token: hold.reservation_token,
            entity_id: None,
            seat_ids: seat_ids(&hold.seat_ids),
            expires_at: hold.expires_at.into(),
            expires_in: own_seconds(hold.remaining_ms()),
            price: hold.amount,
            currency: hold.currency,
            seats: hold.seats.into_iter().map(HeldSeatView::from).collect(),
            paying: None,
            adjacent: hold.adjacent,
        }
    }
}

/// A booking: the outcome of a payment for a hold.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Booking)]
pub struct BookingView {
    /// Public id of the booking.
    booking_id: BookingId,
    /// The event, ride or show that the seats belong to.
    entity_id: EntityId,
    /// The seats, in the order in which they were reserved.
    seat_ids: Vec<SeatId>,
    /// Token of the hold that was paid for.
    reservation_token: ReservationToken,
    /// Amount of the payment in the currency's minor unit.
    #[schema(minimum = 0)]
    amount: i64,
    /// Currency of the amount, an ISO 4217 code.
    currency: Currency,
    /// The seats with their prices, in the order of `seatIds`.
    seats: Vec<HeldSeatView>,
    /// Id of the payment at the payment provider; absent if the booking cost nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<PaymentId>,
    /// Whether the provider took the payment.
    #[schema(value_type = PaymentStatus)]
    payment_status: Stored<PaymentStatus>,
    /// Whether the seats are sold.
    #[schema(value_type = BookingStatus)]
    status: Stored<BookingStatus>,
    /// When the booking was made.
    booking_date: TimestampView,
    /// What the payment provider took, in the currency's minor unit.
    #[schema(minimum = 0)]
    paid_amount: i64,
    /// Sum of the refunds that have succeeded, in the currency's minor unit.
    #[schema(minimum = 0)]
    refunded_amount: i64,
    /// How much of the payment was given back.
    refund_status: RefundSummary,
    /// The refunds, oldest first.
    refunds: Vec<BookingRefundView>,
    /// The cancellations, oldest first.
    cancellations: Vec<CancellationView>,
    /// What you get back if you cancel. Absent: you cannot cancel.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_policy: Option<CancellationPolicy>,
    /// The tenant; present only for admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<AppId>,
    /// The user who paid; present only for admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    /// What admins did to the booking and its refunds, oldest first; present only where an admin
    /// reads or changes one booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<HistoryEntryView>>,
    /// Disputes of the payment, oldest first; present where `history` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    disputes: Option<Vec<DisputeView>>,
}

impl BookingView {
    /// The booking with its `appId` and `userId`.
    pub fn for_admin(booking: Booking) -> Self {
        let (app, user) = (booking.app_id.clone(), booking.user_id.into());
        Self { app_id: Some(app), user_id: Some(user), ..booking.into() }
    }

    /// The booking for an admin, with what admins did to it.
    pub fn with_history(mut booking: Booking) -> Self {
        let history = std::mem::take(&mut booking.history);
        let history = history.into_iter().map(HistoryEntryView::from).collect();
        let disputes = std::mem::take(&mut booking.disputes);
        let disputes = disputes.into_iter().map(DisputeView::from).collect();
        Self { history: Some(history), disputes: Some(disputes), ..Self::for_admin(booking) }
    }
}

impl From<Booking> for BookingView {
    fn from(booking: Booking) -> Self {
        let is_free = booking.payment_id.is_free(booking.reservation_token);
        let (refund_status, refunded_amount) = summary(&booking);
        let paid_amount = booking.paid_amount();
        let is_sold = booking.status == BookingStatus::Confirmed;
        // A cancellation takes its seats from `seatIds`.
        let status = |seat: &HeldSeat| {
            if is_sold && booking.seat_ids.contains(&seat.seat_id) {
                BookedSeatStatus::Confirmed
            } else {
                BookedSeatStatus::Cancelled
            }
        };
        let seat_ids = if booking.seats.is_empty() {
            seat_ids(&booking.seat_ids)
        } else {
            booking.seats.iter().map(|seat| seat.seat_id.into()).collect()
        };
        let seats = booking.seats.iter().map(|seat| HeldSeatView {
            status: Some(status(seat)),
            ..HeldSeatView::from(seat.clone())
        });
        let seats = seats.collect();
        Self {
            booking_id: booking.booking_id,
            entity_id: booking.entity_id,
            seat_ids,
            reservation_token: booking.reservation_token,
            amount: booking.amount,
            currency: booking.currency,
            seats,
            payment_id: (!is_free).then_some(booking.payment_id),
            payment_status: booking.payment_status,
            status: booking.status,
            booking_date: booking.booking_date.into(),
            paid_amount,
            refunded_amount,
            refund_status,
            refunds: booking.refunds.into_iter().map(BookingRefundView::from).collect(),
            cancellations: booking.cancellations.into_iter().map(CancellationView::from).collect(),
            cancellation_policy: booking.terms.map(|terms| terms.policy),
            app_id: None,
            user_id: None,
            history: None,
            disputes: None,
        }
    }
}

/// A page of bookings, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookingPage {
    /// The bookings, newest first.
    bookings: Vec<BookingView>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BookingCursor>)]
    next_cursor: Option<String>,
}

impl BookingPage {
    /// A page with each booking converted by `view`.
    pub fn new(
        (bookings, next): (Vec<Booking>, Option<BookingCursor>),
        view: fn(Booking) -> BookingView,
    ) -> Self {
        let bookings = bookings.into_iter().map(view).collect();
        Self { bookings, next_cursor: next.map(|next| next.encode()) }
    }
}

fn seat_ids(ids: &[ObjectId]) -> Vec<SeatId> {
    ids.iter().copied().map(SeatId::from).collect()
}

/// The caller's holds that have not expired.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldList {
    /// The holds, oldest first, each with its `entityId`.
    pub reservations: Vec<HoldView>,
}
