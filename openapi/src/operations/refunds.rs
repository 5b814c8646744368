//! Organisers' operations on bookings and refunds.

use super::{RequestInput, Row, any_booking, shape, success};
use crate::examples;
use shared::{
    error::Code,
    inputs::{
        AdminCancelIn, ListAllBookingsIn, ListRefundsIn, RefundBookingIn, RetryRefundIn,
        SettleRefundIn,
    },
    views::{BookingPage, RefundPage, RefundView},
};

/// The operations on bookings and refunds.
pub(super) const ALL: &[Row] = &[
    Row {
        operation: "list-all-bookings",
        description: "Newest first. `from` is inclusive, `to` is exclusive. `status=REFUND_DUE` \
             lists the payments to refund.",
        input: RequestInput::Query(shape::<ListAllBookingsIn>(), examples::all_bookings_query),
        success: success::<BookingPage>(
            &[(200, "A page of bookings, each with `appId` and `userId`")],
            examples::all_bookings,
        ),
        codes: &[],
    },
    Row {
        operation: "get-any-booking",
        description: "The booking as in `GET /admin/bookings`, with the history of admins' actions \
             on it.",
        input: RequestInput::Nothing,
        success: any_booking(&[(200, "The booking")]),
        codes: &[Code::BookingNotFound],
    },
    Row {
        operation: "cancel-any-booking",
        description: "Cancels some or all seats of a booking, whatever its policy says. The seats \
             are free at once. Seats that are cancelled already are ignored, so repeating the \
             request changes nothing.",
        input: RequestInput::Body(shape::<AdminCancelIn>(), examples::admin_cancel),
        success: any_booking(&[(200, "Cancelled, now or before")]),
        codes: &[
            Code::BookingNotFound,
            Code::BookingNotConfirmed,
            Code::SeatNotFound,
            Code::PaymentDisputed,
        ],
    },
    Row {
        operation: "refund-booking",
        description: "Gives back a part of the payment, and cancels nothing. The amount is at most \
             what is left of the payment. It is rounded up to what the provider can pay. Use this \
             call to refund a `REFUND_DUE` booking that an earlier version of the service \
             recorded.",
        input: RequestInput::Body(shape::<RefundBookingIn>(), examples::refund_booking),
        success: success::<RefundView>(&[(201, "The refund is on record")], examples::refund),
        codes: &[Code::BookingNotFound, Code::BookingNotConfirmed, Code::PaymentDisputed],
    },
    Row {
        operation: "list-refunds",
        description: "Newest first. `from` is inclusive, `to` is exclusive. `status=FAILED` also \
             lists refunds with `retriedBy`, which need no attention.",
        input: RequestInput::Query(shape::<ListRefundsIn>(), examples::refunds_query),
        success: success::<RefundPage>(&[(200, "A page of refunds")], examples::refunds),
        codes: &[],
    },
    Row {
        operation: "retry-refund",
        description: "Makes a FAILED refund again, as a new refund. `retryOf` and `retriedBy` link \
             the two refunds. The old refund keeps its status.",
        input: RequestInput::OptionalBody(shape::<RetryRefundIn>(), examples::retry_refund),
        success: success::<RefundView>(&[(201, "The new refund")], examples::retried_refund),
        codes: &[Code::RefundNotFound, Code::RefundNotFailed, Code::PaymentDisputed],
    },
    Row {
        operation: "settle-refund",
        description: "Records that a FAILED refund was paid by hand. It becomes SUCCEEDED.",
        input: RequestInput::Body(shape::<SettleRefundIn>(), examples::settle_refund),
        success: success::<RefundView>(&[(200, "Settled")], examples::settled_refund),
        codes: &[Code::RefundNotFound, Code::RefundNotFailed, Code::PaymentDisputed],
    },
];
