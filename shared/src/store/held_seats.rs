//! The seats of holds and bookings, with the prices at which they were held.

use super::{Store, StoreError, bookings::Booking, reservations::Hold, wanted_seats::WantedSeat};
use crate::domain::SeatNumber;
use mongodb::bson::{Document, doc, oid::ObjectId};
use serde::{Deserialize, Serialize};

/// A seat of a hold or a booking, with the price at which it was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldSeat {
    pub seat_id: ObjectId,
    #[serde(deserialize_with = "SeatNumber::stored")]
    pub seat_number: SeatNumber,
    /// In the currency's minor unit.
    pub price: i64,
    /// What people call the seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
}

impl From<&WantedSeat> for HeldSeat {
    fn from(seat: &WantedSeat) -> Self {
        Self {
            seat_id: seat.id,
            seat_number: seat.seat_number.clone(),
            price: seat.price,
            label: seat.label.clone(),
            section: seat.section.clone(),
            row: seat.row.clone(),
        }
    }
}

impl HeldSeat {
    fn document(&self) -> Document {
        let mut seat = doc! {
            "seatId": self.seat_id, "seatNumber": self.seat_number.as_str(), "price": self.price,
        };
        let texts = [("label", &self.label), ("section", &self.section), ("row", &self.row)];
        for (name, text) in texts {
            seat.extend(text.as_ref().map(|text| (name.to_owned(), text.into())));
        }
        seat
    }
}

/// The seats of a hold, with their prices, in the order of the request.
#[derive(Clone, Debug)]
pub(crate) struct Basket(pub Vec<HeldSeat>);

impl Basket {
    pub fn seat_ids(&self) -> Vec<ObjectId> {
        self.0.iter().map(|seat| seat.seat_id).collect()
    }

    /// Sum of the prices, in the currency's minor unit.
    pub fn amount(&self) -> i64 {
        self.0.iter().map(|seat| seat.price).sum()
    }

    /// The seats as fields of a hold's document. They are literals, because a seat number may begin
    /// with a dollar sign.
    pub(super) fn fields(&self) -> Document {
        let seats: Vec<Document> = self.0.iter().map(HeldSeat::document).collect();
        doc! {
            "seatIds": {"$literal": self.seat_ids()},
            "seats": {"$literal": seats},
            "amount": {"$literal": self.amount()},
        }
    }
}

/// A document that names seats by id, and, unless an earlier version wrote it, with their prices.
pub trait HasSeats {
    /// The ids, and the seats to fill in.
    fn seats(&mut self) -> (&[ObjectId], &mut Vec<HeldSeat>);
}

impl HasSeats for Hold {
    fn seats(&mut self) -> (&[ObjectId], &mut Vec<HeldSeat>) {
        (&self.seat_ids, &mut self.seats)
    }
}

impl HasSeats for Booking {
    fn seats(&mut self) -> (&[ObjectId], &mut Vec<HeldSeat>) {
        (&self.seat_ids, &mut self.seats)
    }
}

impl Store {
    /// Fills in the seats of holds and bookings of earlier versions, which stored only seat
    /// ids. Today's price of a seat is the price at which it was held, because
    /// earlier versions could not change prices.
    pub async fn fill_seats<T: HasSeats>(&self, rows: &mut [T]) -> Result<(), StoreError> {
        let mut wanted: Vec<ObjectId> = Vec::new();
        for row in rows.iter_mut() {
            let (ids, seats) = row.seats();
            if seats.is_empty() {
                wanted.extend(ids);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let found = self.seats.find_any(&wanted).await?;
        for row in rows {
            let (ids, seats) = row.seats();
            if seats.is_empty() {
                let seat = |id: &ObjectId| found.iter().find(|seat| seat.id == *id);
                seats.extend(ids.iter().filter_map(seat).map(HeldSeat::from));
            }
        }
        Ok(())
    }
}
