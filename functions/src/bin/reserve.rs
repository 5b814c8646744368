//! `POST /reserve-seat`: holds one seat or a basket while the user pays.

use shared::{
    auth::Caller,
    booking::Reserved,
    config::RateLimit,
    domain::{ReservationToken, SeatIds},
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
    let caller = request.caller(RateLimit::Reserve).await?;
    http::idempotent(&state, &request, &caller.scope(), async {
        let input: ReserveIn = request.json()?;
        if let Some(token) = input.reservation_token {
            return change(&state, &caller, token, input).await;
        }
        let seats = match input {
            ReserveIn { seat_id: Some(seat), seat_ids: None, best_available: None, .. } => {
                SeatIds::one(seat)
            }
            ReserveIn { seat_id: None, seat_ids: Some(seats), best_available: None, .. } => seats,
            ReserveIn { seat_id: None, seat_ids: None, best_available: Some(best), .. } => {
                let key = request.held_key();
                let (entity, seats) = (&best.entity_id, best.request());
                let hold = state.bookings.reserve_best(&caller, entity, seats, key).await?;
                return Reply::created(HoldView::from(hold), "Seats held");
            }
            ReserveIn { seat_id: None, seat_ids: None, best_available: None, .. } => {
                return Err(Error::field("seatId", "is required, or seatIds, or bestAvailable"));
            }
            ReserveIn { best_available: Some(_), .. } => {
                return Err(Error::field(
                    "bestAvailable",
                    "must not come together with seatId or seatIds",
                ));
            }
            ReserveIn { .. } => {
                return Err(Error::field("seatId", "must not come together with seatIds"));
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

/// Changes a hold to exactly the seats in `seatIds`.
async fn change(
    state: &State,
    caller: &Caller,
    token: ReservationToken,
    input: ReserveIn,
) -> Result<Reply> {
    let ReserveIn { seat_id: None, seat_ids: Some(seats), best_available: None, .. } = input else {
        return Err(Error::field(
            "seatIds",
            "must come with reservationToken, and seatId and bestAvailable must not",
        ));
    };
    let hold = state.bookings.change(caller, token, &seats).await?;
    Reply::ok(HoldView::from(hold), "Hold changed")
}
