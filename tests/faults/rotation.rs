//! The keys for users' tokens change in Secrets Manager while running processes have
//! read the old ones.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use stack::admin::Credentials;

use super::{
    BUDGET, FaultRig, WAIT_TIMEOUT, fault_slot, held, shared_server, to_confirm, to_reserve,
};
use crate::support::{
    invariants, payment,
    people::{Hold, User},
    poll::eventually,
    proxy::Action,
    reply::Reply,
    runtime_api::{Environment, Event},
    secrets_manager::Manager,
    tokens,
};

const OF_THE_ENVIRONMENT: &[&str] =
    &["ADMIN_EMAIL", "ADMIN_PASSWORD_HASH", "ADMIN_JWT_SECRET", "USER_JWT_SECRET"];

/// A rig whose functions know their keys from a secret. Its users' tokens are signed
/// with the key `env`.
struct Vault {
    rig: FaultRig,
    manager: Arc<Manager>,
    id: String,
}

impl Vault {
    /// With the old key alone.
    async fn new(seats: usize) -> Self {
        Self::on(Manager::shared().await, seats).await
    }

    async fn on(manager: Arc<Manager>, seats: usize) -> Self {
        let mut rig = FaultRig::new(seats).await;
        let id = manager.keep(&secret(&rig, &["env"])).await;
        for name in OF_THE_ENVIRONMENT {
            rig.settings.remove(*name);
        }
        for (name, value) in manager.settings(&id) {
            rig.set(name, value);
        }
        rig.set("RATE_LIMIT_LOGIN", "1000000/60");
        Self { rig, manager, id }
    }

    /// Stores these keys as the current ones. The first signs.
    async fn rotate(&self, kids: &[&str]) {
        self.manager.rotate(&self.id, &secret(&self.rig, kids)).await;
    }

    /// The user with a token of a new sign-in.
    async fn sign_in(&self, login: &Environment, user: &User, kid: &str) -> User {
        let body = json!({"email": user.email, "password": user.password});
        let reply = login.call(&Event::of(user, "POST", "/auth/login", &body), BUDGET).await;
        let token = reply.expect(200)["token"].as_str().expect("a token").to_owned();
        assert_eq!(tokens::kid(&token), kid);
        User { token, ..user.clone() }
    }
}

fn secret(rig: &FaultRig, kids: &[&str]) -> Value {
    let credentials = &rig.tenant.stack.credentials;
    let key = |kid: &&str| match *kid {
        "env" => json!({"kid": "env", "secret": credentials.user_jwt_secret}),
        new => json!({"kid": new, "secret": format!("a secret of the key {new}, long enough")}),
    };
    json!({
        "adminEmail": credentials.email,
        "adminPasswordHash": credentials.password_hash,
        "adminJwtKeys": [{"kid": "env", "secret": credentials.admin_jwt_secret}],
        "userJwtKeys": kids.iter().map(key).collect::<Vec<_>>(),
    })
}

fn listing(user: &User) -> Event {
    Event::of(user, "GET", "/reservations", &Value::Null)
}

/// A sale with a 2xx response. At the end it must be in the database.
struct Sale {
    user: User,
    hold: Hold,
    paid: String,
    reply: Reply,
}

/// Holds and buys these seats one after the other.
async fn shop(
    reserve: &Environment,
    confirm: &Environment,
    user: &User,
    seats: &[String],
) -> Vec<Sale> {
    let mut sales = Vec::new();
    for seat in seats {
        let hold = held(reserve, user, &[seat]).await;
        let paid = payment();
        let reply = confirm.call(&to_confirm(user, &hold, &paid), BUDGET).await;
        reply.expect(201);
        sales.push(Sale { user: user.clone(), hold, paid, reply });
    }
    sales
}

async fn all_are_kept(rig: &FaultRig, sales: &[Sale]) {
    let books = invariants::check(&rig.tenant).await;
    for sale in sales {
        invariants::assert_kept(&books, &sale.reply, &sale.user, &sale.hold, &sale.paid);
    }
    assert_eq!(books.bookings.len(), sales.len());
    let payments: Vec<String> = sales.iter().map(|sale| sale.paid.clone()).collect();
    invariants::money_is_accounted_for(&books, &payments);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn a_secret_rotated_in_the_middle_of_traffic_costs_no_hold_no_booking_and_no_token() {
    let _slot = fault_slot().await;
    let vault = Vault::new(14).await;
    let rig = &vault.rig;
    let apart = rig.apart(shared_server().await.1.members[0].port).await;
    let (reserve, confirm, slow) =
        tokio::join!(rig.start("reserve"), rig.start("confirm"), apart.start("confirm"));
    // One hold is not yet paid, and one sale waits before its commit.
    let kept = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let hold = held(&reserve, &rig.bob, &[&rig.seats[1]]).await;
    let paid = payment();
    let mut trap = apart.mongodb.trap("commitTransaction", Action::Hold, 1);
    let committing = slow.invoke(&to_confirm(&rig.bob, &hold, &paid), BUDGET);
    trap.sprung().await;

    let warm = shop(&reserve, &confirm, &rig.ann, &rig.seats[2..8]);
    let rotation = async {
        vault.rotate(&["new", "env"]).await;
        let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
        let sales = shop(&reserve, &confirm, &rig.bob, &rig.seats[8..11]).await;
        (confirm, sales)
    };
    let (mut sales, (cold, more)) = tokio::join!(warm, rotation);
    sales.extend(more);
    drop(trap);
    let reply = committing.reply().await;
    reply.expect(201);
    sales.push(Sale { user: rig.bob.clone(), hold, paid, reply });
    // A new process confirms the old hold with the old token.
    let paid = payment();
    let reply = cold.call(&to_confirm(&rig.ann, &kept, &paid), BUDGET).await;
    reply.expect(201);
    sales.push(Sale { user: rig.ann.clone(), hold: kept, paid, reply });
    // Warm processes work as before.
    sales.extend(shop(&reserve, &confirm, &rig.bob, &rig.seats[11..14]).await);
    all_are_kept(rig, &sales).await;
}

#[tokio::test]
async fn tokens_of_a_key_that_was_second_before_it_signs_are_accepted_by_every_process() {
    let _slot = fault_slot().await;
    let vault = Vault::new(1).await;
    let rig = &vault.rig;
    vault.rotate(&["env", "new"]).await;
    let (reserve, login) = tokio::join!(rig.start("reserve"), rig.start("login"));
    let old = vault.sign_in(&login, &rig.ann, "env").await;
    let hold = held(&reserve, &old, &[&rig.seats[0]]).await;
    // These processes still run when the key begins to sign.
    vault.rotate(&["new", "env"]).await;
    let (later, login) = tokio::join!(rig.start("reserve"), rig.start("login"));
    let new = vault.sign_in(&login, &rig.ann, "new").await;
    for process in [&reserve, &later] {
        for user in [&rig.ann, &old, &new] {
            let again = process.call(&to_reserve(user, &[&rig.seats[0]]), BUDGET).await;
            assert_eq!((again.status, Hold::of(&again)), (200, hold.clone()));
        }
    }
    invariants::check(&rig.tenant).await;
}

#[tokio::test]
async fn a_user_whose_key_was_taken_away_signs_in_again_and_pays_for_the_hold_from_before() {
    let _slot = fault_slot().await;
    let vault = Vault::new(1).await;
    let rig = &vault.rig;
    let reserve = rig.start("reserve").await;
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    // The keys of the previous version still verify. So a key is gone only when the previous
    // version lacks it too.
    vault.rotate(&["new"]).await;
    vault.rotate(&["new"]).await;
    let (login, confirm, list) =
        tokio::join!(rig.start("login"), rig.start("confirm"), rig.start("list-reservations"));
    let before = invariants::check(&rig.tenant).await;
    let paid = payment();
    confirm.call(&to_confirm(&rig.ann, &hold, &paid), BUDGET).await.error(401, "UNAUTHENTICATED");
    list.call(&listing(&rig.ann), BUDGET).await.error(401, "UNAUTHENTICATED");
    let after = invariants::check(&rig.tenant).await;
    invariants::nothing_was_gained(&before, &after);
    let again = vault.sign_in(&login, &rig.ann, "new").await;
    let reply = list.call(&listing(&again), BUDGET).await;
    assert_eq!(reply.expect(200)["reservations"][0]["reservationToken"], hold.token.as_str());
    let reply = confirm.call(&to_confirm(&again, &hold, &paid), BUDGET).await;
    reply.expect(201);
    all_are_kept(rig, &[Sale { user: again, hold, paid, reply }]).await;
}

/// How often the process has read the secret again.
fn renewals(process: &Environment) -> usize {
    process.log().matches("the secret was read again").count()
}

/// The user with a token signed by a key that no process has.
fn stranger(user: &User) -> User {
    let secret = "a secret of nobody's key, long enough";
    let token = tokens::resign(&user.token, secret, |header, _| header.kid = Some("nobody".into()));
    User { token, ..user.clone() }
}

#[tokio::test]
async fn a_warm_process_reads_a_new_key_when_it_sees_one_and_the_old_key_still_verifies() {
    let _slot = fault_slot().await;
    let vault = Vault::new(1).await;
    let rig = &vault.rig;
    let (warm, login) = tokio::join!(rig.start("reserve"), rig.start("login"));
    let hold = held(&warm, &rig.ann, &[&rig.seats[0]]).await;
    // No process knew the key beforehand, and only the previous version has the old one.
    vault.rotate(&["new"]).await;
    let (later, cold) = tokio::join!(rig.start("login"), rig.start("reserve"));
    let new = vault.sign_in(&later, &rig.ann, "new").await;
    // That sign-in was the first request to a process that already had the key. The verifying
    // process did not have it.
    let old = vault.sign_in(&login, &rig.ann, "env").await;
    for process in [&warm, &cold] {
        for user in [&rig.ann, &old, &new] {
            let again = process.call(&to_reserve(user, &[&rig.seats[0]]), BUDGET).await;
            assert_eq!((again.status, Hold::of(&again)), (200, hold.clone()));
        }
    }
    assert_eq!((renewals(&warm), renewals(&cold)), (1, 0));
    invariants::check(&rig.tenant).await;
}

#[tokio::test]
async fn tokens_of_unknown_keys_do_not_make_a_process_flood_secrets_manager() {
    let _slot = fault_slot().await;
    let mut vault = Vault::new(1).await;
    vault.rig.set("AWS_LAMBDA_MAX_CONCURRENCY", "8");
    let rig = &vault.rig;
    let list = rig.start("list-reservations").await;
    let (junk, began) = (listing(&stranger(&rig.ann)), Instant::now());
    let forged =
        tokens::resign(&rig.ann.token, "a secret that is not the key's, long enough", |_, _| ());
    let forged = listing(&User { token: forged, ..rig.ann.clone() });
    for event in (0..10).flat_map(|_| [&junk, &forged]) {
        let calls = [list.call(event, BUDGET), list.call(event, BUDGET), list.call(event, BUDGET)];
        for reply in futures_util::future::join_all(calls).await {
            reply.error(401, "UNAUTHENTICATED");
        }
    }
    list.call(&listing(&rig.ann), BUDGET).await.expect(200);
    let most = 1 + began.elapsed().as_secs() / 10;
    let read = renewals(&list) as u64;
    assert!((1..=most).contains(&read), "read {read} times in {:?}", began.elapsed());
}

#[tokio::test]
async fn a_secrets_manager_out_of_reach_holds_a_request_up_shortly_and_refuses_nobody() {
    let _slot = fault_slot().await;
    let mut vault = Vault::on(Arc::new(Manager::start().await), 1).await;
    vault.rig.set("SECRET_MAX_AGE_SECONDS", "10");
    let rig = &vault.rig;
    let (list, login) = tokio::join!(rig.start("list-reservations"), rig.start("login"));
    list.call(&listing(&rig.ann), BUDGET).await.expect(200);
    vault.manager.freeze();
    let frozen = Instant::now();
    list.call(&listing(&stranger(&rig.ann)), BUDGET).await.error(401, "UNAUTHENTICATED");
    // Right after a failed read, the secret is not read again.
    list.call(&listing(&rig.ann), BUDGET).await.expect(200);
    assert!(frozen.elapsed() < BUDGET / 2, "{:?}", frozen.elapsed());
    // The known keys stay in use beyond their five minutes.
    tokio::time::sleep_until((frozen + Duration::from_secs(11)).into()).await;
    let over = Instant::now();
    list.call(&listing(&rig.ann), BUDGET).await.expect(200);
    vault.sign_in(&login, &rig.ann, "env").await;
    assert!(over.elapsed() < BUDGET / 2, "{:?}", over.elapsed());
    assert_eq!((renewals(&list), renewals(&login)), (0, 0));
    vault.manager.thaw();
    vault.rotate(&["new", "env"]).await;
    // A sign-in verifies no token, so only the age of its secret makes it read again.
    let new_sign_in = || async {
        let body = json!({"email": rig.ann.email, "password": rig.ann.password});
        let reply = login.call(&Event::of(&rig.ann, "POST", "/auth/login", &body), BUDGET).await;
        let token = reply.expect(200)["token"].as_str().expect("a token").to_owned();
        (tokens::kid(&token) == "new").then_some(User { token, ..rig.ann.clone() })
    };
    let new = eventually("the new key signs", WAIT_TIMEOUT, new_sign_in).await;
    let knows = || async { (list.call(&listing(&new), BUDGET).await.status == 200).then_some(()) };
    eventually("the new key verifies", WAIT_TIMEOUT, knows).await;
}

#[tokio::test]
async fn a_malformed_secret_is_logged_and_the_known_keys_stay_in_use() {
    let _slot = fault_slot().await;
    let vault = Vault::new(1).await;
    let rig = &vault.rig;
    let whole = secret(rig, &["env"]);
    let mut weak = whole.clone();
    weak["userJwtKeys"] = json!([{"kid": "new", "secret": "a-short-canary"}]);
    let mut plain = whole.clone();
    plain["adminPasswordHash"] = "a-short-canary".into();
    for (spoiled, field) in [
        (weak, "userJwtKeys"),
        (plain, "adminPasswordHash"),
        (json!("a-short-canary"), "malformed"),
    ] {
        vault.manager.rotate(&vault.id, &whole).await;
        let list = rig.start("list-reservations").await;
        vault.manager.rotate(&vault.id, &spoiled).await;
        list.call(&listing(&stranger(&rig.ann)), BUDGET).await.error(401, "UNAUTHENTICATED");
        list.call(&listing(&rig.ann), BUDGET).await.expect(200);
        let log = list.log();
        let line =
            log.lines().find(|line| line.contains("cannot be used")).expect("a line about it");
        assert!(line.contains(r#""level":"ERROR""#) && line.contains(field), "{line}");
        assert!(!log.contains("a-short-canary"), "{log}");
        assert_eq!(renewals(&list), 0);
    }
}

#[tokio::test]
async fn the_admins_new_password_works_in_a_warm_process_and_the_old_one_does_no_more() {
    let _slot = fault_slot().await;
    let vault = Vault::new(1).await;
    let rig = &vault.rig;
    let (old, new) = (&rig.tenant.stack.credentials, Credentials::generate().expect("credentials"));
    let login = rig.start("admin-login").await;
    let with = |password: &str| {
        let mut event = Event::of(
            &rig.ann,
            "POST",
            "/admin/login",
            &json!({"email": old.email, "password": password}),
        );
        event.payload["headers"] = json!({"content-type": "application/json"});
        event
    };
    let apps = rig.start("list-apps").await;
    let listing = |token: &str| {
        Event::with("GET", "/admin/apps", json!({"authorization": format!("Bearer {token}")}))
    };
    let reply = login.call(&with(&old.password), BUDGET).await;
    let before = reply.expect(200)["token"].as_str().expect("a token").to_owned();
    let mut changed = secret(rig, &["env"]);
    changed["adminPasswordHash"] = new.password_hash.clone().into();
    changed["adminJwtKeys"] = json!([{"kid": "new", "secret": new.admin_jwt_secret}]);
    vault.manager.rotate(&vault.id, &changed).await;
    let reply = login.call(&with(&new.password), BUDGET).await;
    let after = reply.expect(200)["token"].as_str().expect("a token").to_owned();
    assert_eq!((tokens::kid(&before).as_str(), tokens::kid(&after).as_str()), ("env", "new"));
    login.call(&with(&old.password), BUDGET).await.error(401, "INVALID_CREDENTIALS");
    for token in [&after, &before] {
        apps.call(&listing(token), BUDGET).await.expect(200);
    }
    assert_eq!((renewals(&login), renewals(&apps)), (1, 1));
}
