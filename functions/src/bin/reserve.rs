//! `POST /reserve-seat`: holds one seat or a basket while the user pays.

use shared::{
    booking::Reserved,
    config::RateLimit,
    domain::SeatIds,
    error::{Error, Result},
    http::{self, Reply, Request},
    inputs::ReserveIn,
    state::State,
    views::HoldView,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> http::Exit {
    http::serve(reserve).await
}

async fn reserve(state: State, request: Request) -> Result<Reply> {
    let caller = request.caller(Some(RateLimit::Reserve)).await?;
    http::once(&state, &request, &caller.scope(), async {
        let seats = match request.json()? {
            ReserveIn { seat_id: Some(seat), seat_ids: None } => SeatIds::one(seat),
            ReserveIn { seat_id: None, seat_ids: Some(seats) } => seats,
            ReserveIn { seat_id: Some(_), seat_ids: Some(_) } => {
                return Err(Error::field("seatId", "must not come together with seatIds"));
            }
            ReserveIn { seat_id: None, seat_ids: None } => {
                return Err(Error::field("seatId", "is required, or seatIds"));
            }
        };
        match state.bookings.reserve(&caller, &seats).await? {
            Reserved::New(hold) => Reply::created(HoldView::from(hold), "Seats held"),
            Reserved::Already(hold) => {
                Reply::ok(HoldView::from(hold), "You already hold these seats")
            }
        }
    })
    .await
}
