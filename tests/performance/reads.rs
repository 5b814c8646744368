//! Which reads go to secondaries when the setting allows it for listings. The profiler of each
//! member of a replica set shows it.

use futures_util::future::join_all;
use mongodb::{
    Client, Database,
    options::{ReadPreference, SelectionCriteria},
};
use serde_json::json;

use super::profile::{self, Query};
use crate::support::{
    payment,
    people::Tenant,
    replica_set::{self, ReplicaSet, direct},
    stacks::{BOOKING, Plan},
    unique,
};

/// The queries of a listing, and no others.
const LISTING: [&str; 3] = [
    "reservations find {appId, claimed, entityId, expiresAt $gt now, status}",
    "seats find {appId, entityId, notForSale $exists, removed $exists, status} sort seatOrder",
    "seats find {appId, entityId, removed $exists, status $in} sort seatOrder",
];

/// The reads of reserve, confirm and release before they write, and of a user's lists afterwards.
const BOOKING_READS: [&str; 8] = [
    "seats aggregate {_id $in, appId, removed $exists}",
    "reservations find {appId, claimed, seatIds $in}",
    "reservations find {appId, expiresAt $gt now, status, userId}",
    "reservations find {appId, reservationToken, userId}",
    "reservations find {appId, reservationToken, userId} linearizable",
    "bookings find {appId, reservationToken, status}",
    "bookings find {appId, bookingDate range, userId} sort bookingDate, _id",
    "bookings find {appId, bookingId, userId}",
];

/// Every step of a booking, with refusals and repeats, and with listings between the steps.
async fn book(tenant: &Tenant, seats: &[String]) {
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let list = async || {
        for query in ["", "&include=all"] {
            bob.get(&format!("/seats?entityId={}{query}", tenant.entity)).await.expect(200);
        }
    };
    list().await;
    let hold = ann.hold(&[&seats[0]]).await;
    list().await;
    ann.reserve(&[&seats[0]]).await.expect(200);
    bob.reserve(&[&seats[0]]).await.error(409, "SEAT_ALREADY_LOCKED");
    let paid = payment();
    let booking = ann.confirm(&hold, &paid).await.expect(201)["bookingId"]
        .as_str()
        .expect("an id")
        .to_owned();
    list().await;
    ann.confirm(&hold, &paid).await.expect(200);
    bob.reserve(&[&seats[0]]).await.error(409, "SEAT_ALREADY_BOOKED");
    let hold = ann.hold(&[&seats[1]]).await;
    ann.confirm(&hold, &unique("pay_fail")).await.error(402, "PAYMENT_FAILED");
    let hold = ann.hold(&[&seats[2]]).await;
    list().await;
    ann.release(&hold).await.expect(200);
    ann.release(&hold).await.expect(200);
    list().await;
    let unknown = json!({"reservationToken": uuid::Uuid::new_v4().to_string()});
    ann.post("/release-seat", &unknown).await.error(404, "RESERVATION_NOT_FOUND");
    ann.reservations().await;
    ann.bookings().await;
    ann.get(&format!("/bookings/{booking}")).await.expect(200);
}

/// The database as one member has it.
async fn on(client: &Client, name: &str) -> Database {
    let nearest = SelectionCriteria::ReadPreference(ReadPreference::Nearest { options: None });
    let options = mongodb::options::DatabaseOptions::builder().selection_criteria(nearest).build();
    client.database_with_options(name, options)
}

#[tokio::test]
async fn replicas_serve_listings_and_nothing_that_holds_or_books() {
    let _alone = replica_set::alone().await;
    let set = ReplicaSet::start(3).await;
    let mut plan = Plan {
        functions: Some(BOOKING),
        mongodb_uri: Some(set.uri()),
        ..Plan::new("reads").unlimited()
    };
    plan.env.push(("LISTING_READ_PREFERENCE", "secondaryPreferred".to_owned()));
    let stack = plan.start().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    set.agrees(&stack.database, &tenant.app_id).await;
    let primary = set.primary().await;
    let clients = join_all(set.members.iter().map(|member| direct(member.port))).await;
    let databases = join_all(clients.iter().map(|client| on(client, &stack.database))).await;
    for database in &databases {
        profile::begin_small(database).await;
    }
    book(&tenant, &seats).await;
    let seen: Vec<Vec<Query>> = join_all(databases.iter().map(profile::end)).await;
    assert_eq!(set.primary().await, primary, "another was elected in between: nothing can be said");

    let shapes = |of: &dyn Fn(usize) -> bool| -> Vec<&str> {
        let of = seen.iter().enumerate().filter(|(member, _)| of(*member));
        of.flat_map(|(_, queries)| queries.iter().map(|query| query.shape.as_str())).collect()
    };
    let (by_replicas, by_primary) =
        (shapes(&|member| member != primary), shapes(&|member| member == primary));
    for shape in LISTING {
        assert!(by_replicas.contains(&shape), "no replica was asked for {shape}: {by_replicas:#?}");
        assert!(!by_primary.contains(&shape), "the primary was asked for {shape}");
    }
    let strange: Vec<_> = by_replicas.iter().filter(|shape| !LISTING.contains(shape)).collect();
    assert!(strange.is_empty(), "replicas were asked for more than listings: {strange:#?}");
    for shape in BOOKING_READS {
        assert!(
            by_primary.contains(&shape),
            "the primary was not asked for {shape}: {by_primary:#?}"
        );
    }
    for (member, query) in seen
        .iter()
        .enumerate()
        .flat_map(|(member, all)| all.iter().map(move |query| (member, query)))
    {
        let wanted = query.preference.as_deref().unwrap_or("primary");
        let expected = if member == primary { "primary" } else { "secondaryPreferred" };
        assert_eq!(wanted, expected, "{}", query.shape);
    }

    // A removal spares held seats, and a replica may not know a new hold yet.
    profile::begin_small(&databases[primary]).await;
    let path = format!("/admin/apps/{}/entities/{}/seats/remove", tenant.app_id, tenant.entity);
    let all = json!({"where": {"seatIds": seats}});
    stack.admin().await.post(&path, &all).await.expect(200);
    let seen = profile::end(&databases[primary]).await;
    assert!(seen.iter().any(|query| query.shape == LISTING[0]), "{seen:#?}");
}
