//! Defects that other booking backends had. Each test has the name of one.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use mongodb::bson::{Document, doc, oid::ObjectId};
use serde_json::json;

use crate::support::{
    invariants::{self, Books},
    payment,
    people::{Hold, PRICE, User},
    proxy::{Action, Proxy},
    reply::Reply,
    stacks::{self, Plan},
    tokens,
};

/// The script as the functions send it, after the part that all scripts share.
const RELEASE: &str = concat!(
    include_str!("../../shared/src/locks/seat_changes.lua"),
    include_str!("../../shared/src/locks/release.lua")
);

/// More users of this user's app, stored directly: a sign-up of each would cost a bcrypt.
async fn crowd(user: &User, size: usize) -> Vec<User> {
    let ids: Vec<_> = (0..size).map(|_| ObjectId::new()).collect();
    let users = user.tenant.stack.database().await.collection::<Document>("users");
    let id = ObjectId::parse_str(&user.user_id).expect("an id");
    let signed_up =
        users.find_one(doc! {"_id": id}).await.expect("a response").expect("the user is there");
    let copies = ids.iter().map(|id| {
        let mut copy = signed_up.clone();
        copy.extend(doc! {"_id": id, "email": format!("{id}@example.com")});
        copy
    });
    users.insert_many(copies).await.expect("they are stored");
    let secret = &user.tenant.stack.credentials.user_jwt_secret;
    let known = |id: ObjectId| {
        let user_id = id.to_hex();
        let token = tokens::resign(&user.token, secret, |_, claims| {
            claims["sub"] = user_id.as_str().into()
        });
        User { token, user_id, ..user.clone() }
    };
    ids.into_iter().map(known).collect()
}

/// All that a tenant has, for a comparison.
fn whole(books: &Books) -> [&Vec<Document>; 3] {
    [&books.seats, &books.reservations, &books.bookings]
}

#[tokio::test]
async fn the_same_confirm_sent_32_times_at_once_makes_one_booking_that_all_responses_name() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0], &seats[1]]).await;
    let paid = payment();
    let replies = join_all((0..32).map(|_| user.confirm(&hold, &paid))).await;
    let booking = |r: &Reply| r.expect(r.status)["bookingId"].as_str().unwrap().to_owned();
    let ids: BTreeSet<String> = replies.iter().map(booking).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(replies.iter().filter(|r| r.status == 201).count(), 1, "one of them made it");
    assert!(replies.iter().all(|r| matches!(r.status, 200 | 201)));
    let books = invariants::check(&tenant).await;
    assert_eq!(books.bookings.len(), 1);
    replies.iter().for_each(|reply| invariants::assert_kept(&books, reply, &user, &hold, &paid));
    invariants::money_is_accounted_for(&books, &[paid]);
    invariants::no_locks_left_but(&tenant, &[]).await;
}

#[tokio::test]
async fn a_booking_whose_locks_cannot_be_taken_away_is_confirmed_all_the_same() {
    let shared = stacks::usual().await;
    let port = shared
        .redis_url
        .rsplit_once(':')
        .and_then(|(_, port)| port.trim_end_matches('/').parse().ok());
    let redis = Proxy::to(port.expect("a port")).await;
    let plan = Plan {
        functions: Some(&[
            "admin-login",
            "register-app",
            "create-seats",
            "signup",
            "reserve",
            "confirm",
        ]),
        env: vec![("REDIS_URL", format!("redis://127.0.0.1:{}", redis.port()))],
        ..Plan::new("unlocking").unlimited()
    };
    let tenant = plan.start().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let script = ::redis::Script::new(RELEASE);
    let script =
        script.prepare_invoke().load_async(&mut shared.redis().await).await.expect("it is loaded");
    let mut payments = Vec::new();
    // The connection to Redis ends during the call, or Redis does not respond.
    for (seat, action) in seats.iter().zip([Action::LoseReply, Action::Hold]) {
        let hold = user.hold(&[seat]).await;
        let paid = payment();
        let trap = redis.trap(&script, action, usize::MAX);
        let reply = user.confirm(&hold, &paid).await;
        reply.expect(201);
        assert!(trap.count() >= 1, "{action:?}: the locks were to be taken away");
        let books = invariants::check(&tenant).await;
        invariants::assert_kept(&books, &reply, &user, &hold, &paid);
        // A lock that stays decides nothing: the repeat gets the booking.
        user.confirm(&hold, &paid).await.expect(200);
        payments.push(paid);
        // After a failure, Redis is not called for a second.
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
    invariants::money_is_accounted_for(&invariants::check(&tenant).await, &payments);
}

#[tokio::test]
async fn a_seat_list_sent_again_leaves_sold_and_held_seats_as_they_are() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers = ["A1", "A2", "A3"];
    let seats = tenant.seats(&numbers).await;
    let user = tenant.user().await;
    user.book(&[&seats[0]]).await;
    let hold = user.hold(&[&seats[1]]).await;
    let before = invariants::check(&tenant).await;
    let list = |numbers: &[&str]| {
        let seats: Vec<_> =
            numbers.iter().map(|n| json!({"seatNumber": n, "price": PRICE + 1})).collect();
        json!({
            "appId": tenant.app_id, "entityId": tenant.entity, "currency": "INR", "seats": seats,
        })
    };
    let admin = tenant.stack.admin().await;
    // The same list, and the list with one more seat: all or none.
    for body in [list(&numbers), list(&["A1", "A2", "A3", "A4"])] {
        admin.post("/admin/seats", &body).await.error(409, "SEAT_ALREADY_EXISTS");
        let after = invariants::check(&tenant).await;
        assert_eq!(whole(&after), whole(&before));
        invariants::no_locks_left_but(&tenant, &[&seats[1]]).await;
    }
    user.confirm(&hold, &payment()).await.expect(201);
    let other = tenant.user().await;
    other.reserve(&[&seats[0]]).await.error(409, "SEAT_ALREADY_BOOKED");
    assert_eq!(other.free_seats().await, seats[2..]);
}

#[tokio::test]
async fn a_hold_cannot_be_confirmed_released_or_seen_with_the_credentials_of_another_tenant() {
    let stack = stacks::usual().await;
    let (one, two) = (stack.tenant().await, stack.tenant().await);
    let seat = one.seat().await;
    let ann = one.user().await;
    let hold = ann.hold(&[&seat]).await;
    let before = invariants::check(&one).await;
    // Another user, and the same user signed in on the other tenant's page.
    let reply =
        two.post("/auth/login", &json!({"email": ann.email, "password": ann.password})).await;
    let token = reply.expect(200)["token"].as_str().unwrap().to_owned();
    let abroad = User { tenant: two.clone(), token, ..ann.clone() };
    for stranger in [two.user().await, abroad] {
        for paid in [payment(), "pay_fail_elsewhere".to_owned(), "pay_unavailable".to_owned()] {
            stranger.confirm(&hold, &paid).await.error(404, "RESERVATION_NOT_FOUND");
        }
        stranger.release(&hold).await.error(404, "RESERVATION_NOT_FOUND");
        assert!(stranger.reservations().await.is_empty());
        assert!(stranger.bookings().await.is_empty());
    }
    let (after, theirs) = (invariants::check(&one).await, invariants::check(&two).await);
    assert_eq!(whole(&after), whole(&before));
    assert!(theirs.reservations.is_empty() && theirs.bookings.is_empty());
    invariants::no_locks_left_but(&one, &[&seat]).await;
    ann.confirm(&hold, &payment()).await.expect(201);
}

#[tokio::test]
async fn a_user_who_asks_for_his_own_hold_again_keeps_it_and_its_lock() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let basket: Vec<&str> = seats.iter().map(String::as_str).collect();
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let hold = ann.hold(&basket).await;
    let before = invariants::check(&tenant).await;
    for _ in 0..3 {
        let again = ann.reserve(&basket).await;
        assert_eq!((again.status, Hold::of(&again)), (200, hold.clone()));
        let locks = invariants::locks(&tenant).await;
        for seat in &basket {
            assert_eq!(locks[*seat]["reservationToken"], hold.token.as_str());
            bob.reserve(&[seat]).await.error(409, "SEAT_ALREADY_LOCKED");
        }
    }
    assert_eq!(whole(&invariants::check(&tenant).await), whole(&before), "not made longer either");
    ann.confirm(&hold, &payment()).await.expect(201);
}

#[tokio::test]
async fn of_200_users_who_want_one_seat_one_gets_it_and_all_others_get_a_conflict() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let ann = tenant.user().await;
    let users = crowd(&ann, 200).await;
    let basket = [seat.as_str()];
    let replies = join_all(users.iter().map(|user| user.reserve(&basket))).await;
    let winners: Vec<usize> = (0..200).filter(|n| replies[*n].status == 201).collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.error(409, "SEAT_ALREADY_LOCKED");
    }
    let hold = Hold::of(&replies[winners[0]]);
    let books = invariants::check(&tenant).await;
    assert_eq!(books.reservations.len(), 1, "the losers left no hold");
    assert_eq!(books.live(), BTreeSet::from([hold.token.as_str()]));
    invariants::no_locks_left_but(&tenant, &basket).await;
    let (winner, paid) = (&users[winners[0]], payment());
    let sold = winner.confirm(&hold, &paid).await;
    invariants::assert_kept(&invariants::check(&tenant).await, &sold, winner, &hold, &paid);
}
