//! Buyers' operations: seats, holds, payments, bookings, accounts, and what anybody may read.

use super::{RequestInput, Row, shape, success, with_required, without_envelope};
use crate::examples;
use shared::{
    error::Code,
    inputs::{
        CancelBookingIn, ConfirmIn, FeedSeatsIn, ListBookingsIn, ListEntitiesIn, ListSeatsIn,
        QuoteCancellationIn, ReleaseIn, ReserveIn, SignIn, SignupIn, StartPaymentIn,
    },
    views::{
        BookingPage, BookingView, EntityPage, EntityView, EventHandled, FeedSeatsView, FeedView,
        HoldList, HoldView, PaymentView, QuoteView, Released, SeatPage, TokenView,
    },
};

/// The operations of buyers and of anybody.
pub(super) const ALL: &[Row] = &[
    Row {
        operation: "list-seats",
        description: "Lists the seats that can be reserved now, in the natural order of their \
             numbers (A2 before A10). With `include=all` it lists all seats, for a seat map. Then \
             each seat has `status`, and a locked seat has `expiresIn` and `mine`.\n\n\
             A listing may be outdated when you read it: `POST /reserve-seat` decides. For an \
             unknown entity the list is empty.",
        input: RequestInput::Query(shape::<ListSeatsIn>(), examples::seats_query),
        success: success::<SeatPage>(&[(200, "The seats")], examples::seats),
        codes: &[],
    },
    Row {
        operation: "reserve",
        description: "Holds 1 to 10 different seats of one entity: all of them, or none. The price \
             cannot change during the hold. If the caller already holds exactly these seats, the \
             response is 200 with the same token. A repeated call never extends a hold.\n\n\
             With `bestAvailable` the service chooses the seats, and `adjacent` says whether they \
             are side by side. A repeated call without an `Idempotency-Key` holds other seats.\n\n\
             With `reservationToken`, the caller's live hold is changed to exactly `seatIds`, and \
             the response is 200. Kept seats keep their price, and new seats have today's price. \
             The hold still ends at the same time. If the change fails, the old hold stays.",
        input: RequestInput::Body(shape::<ReserveIn>(), examples::reserve),
        success: success::<HoldView>(
            &[
                (201, "The seats are held"),
                (200, "The caller holds exactly these seats already, or their hold was changed"),
            ],
            examples::hold,
        ),
        codes: &[
            Code::PaymentStarted,
            Code::SeatNotFound,
            Code::EntityNotFound,
            Code::ReservationNotFound,
            Code::ReservationAlreadyConfirmed,
            Code::ReservationReleased,
            Code::ReservationExpired,
            Code::EntityCancelled,
            Code::SalesNotOpen,
            Code::SalesClosed,
            Code::SalesPaused,
            Code::SeatAlreadyBooked,
            Code::SeatAlreadyLocked,
            Code::SeatNotForSale,
            Code::NotEnoughSeats,
            Code::SeatLimitReached,
            Code::HoldLimitReached,
        ],
    },
    Row {
        operation: "list-reservations",
        description: "The caller's live holds in this app. A page can restore them after a reload.",
        input: RequestInput::Nothing,
        success: success::<HoldList>(&[(200, "The holds")], examples::holds),
        codes: &[],
    },
    Row {
        operation: "start-payment",
        description: "Starts the payment of a hold at the app's provider. The response has what \
             the buyer's browser needs to pay. This extends the hold to at least \
             `PAYMENT_WINDOW_SECONDS` from now, once for each hold. The hold's seats can no longer \
             be changed. Repeating the request gives the same payment. With the simulation this \
             call is optional.",
        input: RequestInput::Body(shape::<StartPaymentIn>(), examples::start_payment),
        success: success::<PaymentView>(
            &[(201, "Started"), (200, "Started before")],
            examples::started_payment,
        ),
        codes: &[
            Code::ReservationNotFound,
            Code::ReservationAlreadyConfirmed,
            Code::ReservationReleased,
            Code::PaymentNotNeeded,
            Code::AmountNotPayable,
            Code::PaymentsNotConfigured,
            Code::ReservationExpired,
        ],
    },
    Row {
        operation: "payment-events",
        description: "The webhook that is registered at Stripe or Razorpay. The provider's \
             signature over the raw body is the credential. Only the payment's id is taken from \
             the event. The service reads the payment from the provider, and then settles the hold \
             as `POST /confirm-booking` does. After a 503 the provider sends the event again.",
        input: RequestInput::Nothing,
        success: success::<EventHandled>(
            &[(200, "Handled, or about something else")],
            examples::event_handled,
        ),
        codes: &[Code::InvalidSignature, Code::PayloadTooLarge],
    },
    Row {
        operation: "confirm",
        description: "Turns a hold and a payment into a booking. After a 503, send the same \
             request again, with the same token and `paymentId`.\n\n\
             A payment is never lost: on any 4xx, `details.refundDue: true` means that the \
             payment was taken and is recorded for a refund.\n\n\
             With Stripe and Razorpay, only a payment that was started for this hold confirms it. \
             With the simulation, ids that begin with `pay_fail` are declined, ids that begin with \
             `pay_pending` stay open, and `pay_unavailable` returns 503. Every other id is \
             accepted. An app without a provider gets `PAYMENTS_NOT_CONFIGURED`.",
        input: RequestInput::Body(shape::<ConfirmIn>(), examples::confirm),
        success: success::<BookingView>(
            &[(201, "Booked"), (200, "Booked before by the same call")],
            examples::booking,
        ),
        codes: &[
            Code::PaymentFailed,
            Code::ReservationNotFound,
            Code::ReservationAlreadyConfirmed,
            Code::ReservationReleased,
            Code::PaymentAlreadyUsed,
            Code::PaymentPending,
            Code::PaymentMismatch,
            Code::PaymentsNotConfigured,
            Code::SeatAlreadyBooked,
            Code::ReservationExpired,
        ],
    },
    Row {
        operation: "release",
        description: "Repeating the request is safe. `RESERVATION_EXPIRED` means that nothing is \
             left to release: treat it as success.",
        input: RequestInput::Body(shape::<ReleaseIn>(), examples::release),
        success: success::<Released>(&[(200, "Released, now or before")], examples::released),
        codes: &[
            Code::ReservationNotFound,
            Code::ReservationAlreadyConfirmed,
            Code::ReservationExpired,
        ],
    },
    Row {
        operation: "quote-cancellation",
        description: "What a cancellation would refund now, by the booking's cancellation policy. \
             Nothing is changed.",
        input: RequestInput::Query(shape::<QuoteCancellationIn>(), examples::no_query),
        success: success::<QuoteView>(&[(200, "What goes back")], examples::quote),
        codes: &[Code::BookingNotFound, Code::BookingNotConfirmed, Code::SeatNotFound],
    },
    Row {
        operation: "cancel-booking",
        description: "Cancels some or all seats of a booking. The seats are free at once, and the \
             refund is on record: `refunds` shows its progress. Repeating the request is safe.",
        input: RequestInput::Body(shape::<CancelBookingIn>(), examples::cancel_booking),
        success: success::<BookingView>(
            &[(200, "Cancelled, now or before")],
            examples::cancelled_booking,
        ),
        codes: &[
            Code::BookingNotFound,
            Code::BookingNotConfirmed,
            Code::SeatNotFound,
            Code::CancellationNotAllowed,
            Code::RefundChanged,
            Code::PaymentDisputed,
        ],
    },
    Row {
        operation: "list-bookings",
        description: "The caller's bookings in this app, newest first, in every status.",
        input: RequestInput::Query(shape::<ListBookingsIn>(), examples::page_query),
        success: success::<BookingPage>(&[(200, "A page of bookings")], examples::bookings),
        codes: &[],
    },
    Row {
        operation: "get-booking",
        description: "A booking of the caller in this app. Another user's booking and a malformed \
             id return 404.",
        input: RequestInput::Nothing,
        success: success::<BookingView>(&[(200, "The booking")], examples::booking),
        codes: &[Code::BookingNotFound],
    },
    Row {
        operation: "signup",
        description: "The account works in all apps. The token works only in this one.",
        input: RequestInput::Body(shape::<SignupIn>(), examples::signup),
        success: with_required(
            success::<TokenView>(&[(201, "Signed up, and signed in")], examples::new_user_token),
            "UserToken",
            &["user"],
        ),
        codes: &[Code::EmailTaken],
    },
    Row {
        operation: "login",
        description: "An unknown address and a wrong password get the same response after the same \
             time. Too many wrong passwords for one account return 429.",
        input: RequestInput::Body(shape::<SignIn>(), examples::sign_in),
        success: with_required(
            success::<TokenView>(&[(200, "Signed in")], examples::user_token),
            "UserToken",
            &["user"],
        ),
        codes: &[Code::InvalidCredentials],
    },
    Row {
        operation: "list-entities",
        description: "Entities are sorted by `startsAt`; entities without a date come last. \
             Without `from`, the list has the entities that are not over. The call needs no user.",
        input: RequestInput::Query(shape::<ListEntitiesIn>(), examples::page_query),
        success: success::<EntityPage>(&[(200, "A page of entities")], examples::entity_page),
        codes: &[],
    },
    Row {
        operation: "get-entity",
        description: "The call needs no user.",
        input: RequestInput::Nothing,
        success: with_required(
            success::<EntityView>(&[(200, "The entity")], examples::listed_entity),
            "EntityWithSections",
            &["sections"],
        ),
        codes: &[Code::EntityNotFound],
    },
    Row {
        operation: "get-feed",
        description: "The states of all seats, without an envelope, for any page. \
             `access-control-allow-origin` is `*`, and caches keep the response for a second. If \
             the `ETag` is sent as `If-None-Match` and the states are unchanged, the response is \
             304. Query parameters are ignored.\n\n\
             Poll again after `refreshMs` milliseconds plus a random delay, but not while the page \
             is hidden. Drop a response with the same `epoch` and a smaller `seq`: it comes from \
             an outdated cache.",
        input: RequestInput::Nothing,
        success: without_envelope::<FeedView>(
            &[(200, "The states"), (304, "Unchanged since the `ETag` in `If-None-Match`")],
            examples::feed,
        ),
        codes: &[Code::FeedNotFound],
    },
    Row {
        operation: "get-feed-seats",
        description: "The seats in the order of the feed's states, without an envelope. A version \
             of the list never changes, so caches keep it. The list is always compressed with \
             gzip. A client that refuses gzip gets at most 4 MB. Other query parameters are \
             ignored.",
        input: RequestInput::Query(shape::<FeedSeatsIn>(), examples::feed_seats_query),
        success: without_envelope::<FeedSeatsView<'static>>(
            &[(200, "The seats")],
            examples::feed_seats,
        ),
        codes: &[Code::FeedNotFound, Code::FeedVersionGone, Code::NotAcceptable],
    },
];
