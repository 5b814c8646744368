//! `/admin/bookings/{bookingId}`: reads a booking with its history, cancels it,
//! or gives money back.

use shared::{
    auth::organiser::Organiser,
    domain::BookingId,
    error::{Code, Result},
    http::{self, Reply, Request},
    inputs::{AdminCancelIn, NoParameters, RefundBookingIn},
    state::State,
    store::refunds::Refund,
    views::{BookingView, RefundView},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(admin_bookings).await
}

async fn admin_bookings(state: State, request: Request) -> Result<Reply> {
    let organiser = request.organiser().await?;
    let id = BookingId::parse(request.parameter("bookingId")).map_err(|_| Code::BookingNotFound);
    if request.method() == "GET" {
        let NoParameters {} = request.query()?;
        let app = organiser.app_filter(None)?;
        let booking = state.bookings.booking_for_admin(app.as_ref(), &id?).await?;
        return Reply::ok(BookingView::with_history(booking), "Booking");
    }
    if request.path().ends_with("/refund") {
        refund(&state, &request, &organiser, id).await
    } else {
        cancel(&state, &request, &organiser, id).await
    }
}

async fn cancel(
    state: &State,
    request: &Request,
    organiser: &Organiser,
    id: Result<BookingId, Code>,
) -> Result<Reply> {
    let cancellation = request.json::<AdminCancelIn>()?.into_request(organiser.actor());
    http::idempotent(state, request, &organiser.scope(), async {
        let app = organiser.app_filter(None)?;
        let booking = state.bookings.cancel_for_admin(app.as_ref(), &id?, &cancellation).await?;
        Reply::ok(BookingView::with_history(booking), "Cancelled")
    })
    .await
}

async fn refund(
    state: &State,
    request: &Request,
    organiser: &Organiser,
    id: Result<BookingId, Code>,
) -> Result<Reply> {
    let (amount, act) = request.json::<RefundBookingIn>()?.into_amount_and_act(organiser.actor());
    request.require_idempotency_key()?;
    http::idempotent(state, request, &organiser.scope(), async {
        let response = |new: &Refund| request.response_to_store(&refund_reply(new.clone()).ok()?);
        let app = organiser.app_filter(None)?;
        let bookings = &state.bookings;
        let refund = bookings.refund_for_admin(app.as_ref(), &id?, amount, &act, &response).await?;
        refund_reply(refund)
    })
    .await
}

fn refund_reply(refund: Refund) -> Result<Reply> {
    Reply::created(RefundView::from(refund), "Refund on record")
}
