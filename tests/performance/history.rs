//! Fills a database with the old data of many tenants. The data of the tests is small beside it.

use mongodb::{
    Database,
    bson::{Bson, DateTime, Document, doc, oid::ObjectId},
};

use crate::support::{
    people::{Tenant, User},
    unique,
};

const MINUTE_MS: i64 = 60_000;
/// The number of old reservations per user and tenant.
const PAST: usize = 100;
/// Seats of each old entity.
const SEATS: usize = 300;

/// Writes old data for these users in both tenants, and for other users in other tenants. All of
/// it follows the schema.
pub async fn write(database: &Database, tenants: &[Tenant; 2], users: &[User]) {
    let strangers: Vec<ObjectId> = (0..20).map(|_| ObjectId::new()).collect();
    let known = users.iter().map(|user| ObjectId::parse_str(&user.user_id).expect("an id"));
    let everybody: Vec<ObjectId> = strangers.into_iter().chain(known).collect();
    let others: Vec<String> = (0..3).map(|_| unique("past")).collect();
    let all = tenants.iter().map(|tenant| (tenant.app_id.clone(), tenant.entity.clone()));
    let all: Vec<_> = all.chain(others.into_iter().map(|app| (app, unique("hall")))).collect();
    let (mut apps, mut seats, mut reservations, mut bookings) = (vec![], vec![], vec![], vec![]);
    for (app, entity) in &all {
        apps.extend((0..20).map(|_| self::app()));
        // Beside the current entity, whose seats belong to the test.
        seats.extend((0..3).flat_map(|_| hall(app)));
        for user in &everybody {
            for number in 0..PAST {
                let hold = hold(app, entity, *user, number, reservations.len());
                bookings.extend(booking(&hold, number));
                reservations.push(hold);
            }
        }
    }
    let people = (0..2_000).map(|_| {
        let now = DateTime::now();
        let email = format!("{}@example.com", unique("past"));
        doc! {
            "email": email, "passwordHash": "none", "name": "A user", "createdAt": now,
            "updatedAt": now,
        }
    });
    let keys = (0..500).map(|_| {
        let now = DateTime::now();
        let key = unique("key");
        doc! {
            "_id": key, "bodyHash": "", "owner": "", "lockedUntil": now, "createdAt": now,
            "updatedAt": now,
        }
    });
    let (people, keys) = (people.collect(), keys.collect());
    let refunds = bookings.iter().enumerate().map(|(number, booking)| refund(booking, number));
    let refunds = refunds.collect();
    for (name, documents) in [
        ("refunds", refunds),
        ("apps", apps),
        ("users", people),
        ("seats", seats),
        ("reservations", reservations),
        ("bookings", bookings),
        ("idempotency_keys", keys),
    ] {
        database
            .collection::<Document>(name)
            .insert_many(documents)
            .await
            .unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

fn ago(minutes: usize) -> DateTime {
    let minutes = i64::try_from(minutes).expect("not so long");
    DateTime::from_millis(DateTime::now().timestamp_millis() - minutes * MINUTE_MS)
}

fn app() -> Document {
    let id = unique("past");
    let origin = format!("https://{id}.example.org");
    doc! {
        "appId": id, "apiKeyHash": "none", "name": "A past tenant", "domain": "BUS",
        "allowedDomains": [origin],
        "allowServerRequests": false, "isActive": false, "version": 1_i64,
        "createdBy": "admin@example.com",
        "createdAt": ago(1_000), "updatedAt": ago(1_000),
    }
}

/// The seats of an entity, two of three sold.
fn hall(app: &str) -> Vec<Document> {
    let entity = unique("hall");
    let seat = |number: usize| {
        let sold = if number.is_multiple_of(3) { "AVAILABLE" } else { "BOOKED" };
        doc! {
            "appId": app, "domain": "EVENT", "entityId": &entity,
            "seatNumber": format!("A{number:04}"),
            "seatOrder": format!("A{number:04}"), "status": sold, "price": 100_i64,
            "currency": "INR", "metadata": {},
            "createdAt": ago(2_000), "updatedAt": ago(1_000),
        }
    };
    (0..SEATS).map(seat).collect()
}

/// An old reservation. Most have ended. One in 20 is overdue and not yet marked, one in 20 is still
/// live. No two have the same millisecond.
fn hold(app: &str, entity: &str, user: ObjectId, number: usize, made: usize) -> Document {
    let (status, left_minutes) = match number % 20 {
        0 => ("ACTIVE", -1),
        1 => ("ACTIVE", 60),
        2..8 => ("CONFIRMED", -60),
        8..14 => ("EXPIRED", -60),
        _ => ("RELEASED", -60),
    };
    let made_ms = ago(number + 1).timestamp_millis() + i64::try_from(made).expect("not so many");
    let made_at = DateTime::from_millis(made_ms);
    let expires_at =
        DateTime::from_millis(DateTime::now().timestamp_millis() + left_minutes * MINUTE_MS);
    // In a different hall than the listed one. Only live holds are in the listed hall, because a
    // listing must read them.
    let entity =
        if left_minutes > 0 { entity.to_owned() } else { format!("{entity}-{}", number % 5) };
    let token = uuid::Uuid::new_v4().to_string();
    let mut hold = doc! {
        "reservationToken": token, "userId": user, "appId": app, "entityId": entity,
        "seatIds": [ObjectId::new()],
        "amount": 100_i64, "currency": "INR", "status": status, "expiresAt": expires_at,
        "createdAt": made_at, "updatedAt": made_at,
    };
    if matches!(status, "ACTIVE" | "CONFIRMED") {
        hold.insert("claimed", true);
    }
    hold
}

/// The booking of a reservation, if it has one: usually a sale, sometimes a payment to refund.
fn booking(hold: &Document, number: usize) -> Option<Document> {
    let (status, payment) = match (hold.get_str("status").expect("a status"), number % 20) {
        ("CONFIRMED", _) => ("CONFIRMED", "SUCCESS"),
        ("RELEASED", 14) => ("FAILED", "FAILED"),
        ("EXPIRED", 8) => ("REFUND_DUE", "SUCCESS"),
        _ => return None,
    };
    let same = [
        "userId",
        "appId",
        "entityId",
        "seatIds",
        "reservationToken",
        "amount",
        "currency",
        "createdAt",
    ];
    let mut booking: Document = same
        .into_iter()
        .map(|field| (field.to_owned(), hold.get(field).cloned().unwrap_or(Bson::Null)))
        .collect();
    let id = &unique("")[1..11];
    booking.extend(doc! {
        "bookingId": format!("BK-20260101-{}", id.to_uppercase()), "paymentStatus": payment,
        "paymentId": unique("pay_past"), "status": status,
        "bookingDate": hold.get("createdAt").cloned(),
        "updatedAt": ago(1),
    });
    Some(booking)
}

/// An old refund of a booking. Most were paid.
fn refund(booking: &Document, number: usize) -> Document {
    let status = match number % 50 {
        0 => "FAILED",
        1 => "PENDING",
        2 => "SUBMITTED",
        _ => "SUCCEEDED",
    };
    let same = ["appId", "bookingId", "reservationToken", "paymentId", "amount", "currency"];
    let same = same.into_iter().chain(["createdAt", "updatedAt"]);
    let mut refund: Document = same
        .map(|field| (field.to_owned(), booking.get(field).cloned().unwrap_or(Bson::Null)))
        .collect();
    refund.extend(doc! {
        "refundId": unique("RF"), "booking": ObjectId::new(), "status": status, "asked": 1_i64,
    });
    refund
}

/// Moves the end of a hold into the past, as time would.
pub async fn run_out(database: &Database, token: &str) {
    let past = doc! {"$set": {"expiresAt": ago(1)}};
    let reservations = database.collection::<Document>("reservations");
    let moved =
        reservations.update_one(doc! {"reservationToken": token}, past).await.expect("an update");
    assert_eq!(moved.matched_count, 1);
}
