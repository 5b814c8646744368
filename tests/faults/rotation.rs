//! The keys of users' tokens are changed in Secrets Manager while processes run that have read the old ones.

use serde_json::{Value, json};

use super::{BUDGET, Bench, held, solo, to_confirm, to_reserve, turn};
use crate::support::{
    invariants, payment,
    people::{Hold, User},
    proxy::Action,
    reply::Reply,
    runtime_api::{Environment, Event},
    secrets_manager::Manager,
    tokens,
};

const OF_THE_ENVIRONMENT: &[&str] = &["ADMIN_EMAIL", "ADMIN_PASSWORD_HASH", "ADMIN_JWT_SECRET", "USER_JWT_SECRET"];

/// A bench whose functions know their keys from a secret. Its users' tokens are signed with the key `env`.
struct Vault {
    bench: Bench,
    manager: Manager,
    id: String,
}

impl Vault {
    /// With the old key alone.
    async fn new(seats: usize) -> Self {
        let (mut bench, manager) = tokio::join!(Bench::new(seats), Manager::start());
        let id = manager.keep(&secret(&bench, &["env"])).await;
        for name in OF_THE_ENVIRONMENT {
            bench.settings.remove(*name);
        }
        for (name, value) in manager.settings(&id) {
            bench.set(name, value);
        }
        bench.set("RATE_LIMIT_LOGIN", "1000000/60");
        Self { bench, manager, id }
    }

    /// From now on these are the keys for those who ask: the first signs.
    async fn rotate(&self, kids: &[&str]) {
        self.manager.rotate(&self.id, &secret(&self.bench, kids)).await;
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

fn secret(bench: &Bench, kids: &[&str]) -> Value {
    let credentials = &bench.tenant.stack.credentials;
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

/// What a buyer was told, to be found in the books at the end.
struct Sale {
    user: User,
    hold: Hold,
    paid: String,
    reply: Reply,
}

/// Holds and buys these seats one after the other.
async fn shop(reserve: &Environment, confirm: &Environment, user: &User, seats: &[String]) -> Vec<Sale> {
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

async fn all_are_kept(bench: &Bench, sales: &[Sale]) {
    let books = invariants::check(&bench.tenant).await;
    for sale in sales {
        invariants::is_kept(&books, &sale.reply, &sale.user, &sale.hold, &sale.paid);
    }
    assert_eq!(books.bookings.len(), sales.len());
    let payments: Vec<String> = sales.iter().map(|sale| sale.paid.clone()).collect();
    invariants::money_is_accounted_for(&books, &payments);
    invariants::no_locks_left_but(&bench.tenant, &[]).await;
}

#[tokio::test]
async fn a_secret_rotated_in_the_middle_of_traffic_costs_no_hold_no_booking_and_no_token() {
    let _turn = turn().await;
    let vault = Vault::new(14).await;
    let bench = &vault.bench;
    let apart = bench.apart(solo().await.1.members[0].port).await;
    let (reserve, confirm, slow) = tokio::join!(bench.start("reserve"), bench.start("confirm"), apart.start("confirm"));
    // One hold is made and not yet paid, and one sale is before its commit.
    let kept = held(&reserve, &bench.ann, &[&bench.seats[0]]).await;
    let hold = held(&reserve, &bench.bob, &[&bench.seats[1]]).await;
    let paid = payment();
    let mut trap = apart.mongodb.trap("commitTransaction", Action::Hold, 1);
    let committing = slow.invoke(&to_confirm(&bench.bob, &hold, &paid), BUDGET);
    trap.sprung().await;

    let warm = shop(&reserve, &confirm, &bench.ann, &bench.seats[2..8]);
    let rotation = async {
        vault.rotate(&["new", "env"]).await;
        let (reserve, confirm) = tokio::join!(bench.start("reserve"), bench.start("confirm"));
        let sales = shop(&reserve, &confirm, &bench.bob, &bench.seats[8..11]).await;
        (confirm, sales)
    };
    let (mut sales, (cold, more)) = tokio::join!(warm, rotation);
    sales.extend(more);
    drop(trap);
    let reply = committing.answer().await;
    reply.expect(201);
    sales.push(Sale { user: bench.bob.clone(), hold, paid, reply });
    // The hold from before is paid in a process from after, by its old token.
    let paid = payment();
    let reply = cold.call(&to_confirm(&bench.ann, &kept, &paid), BUDGET).await;
    reply.expect(201);
    sales.push(Sale { user: bench.ann.clone(), hold: kept, paid, reply });
    // What was warm goes on as before.
    sales.extend(shop(&reserve, &confirm, &bench.bob, &bench.seats[11..14]).await);
    all_are_kept(bench, &sales).await;
}

#[tokio::test]
async fn a_key_that_stands_second_before_it_signs_has_no_token_refused_by_any_process() {
    let _turn = turn().await;
    let vault = Vault::new(1).await;
    let bench = &vault.bench;
    vault.rotate(&["env", "new"]).await;
    let (reserve, login) = tokio::join!(bench.start("reserve"), bench.start("login"));
    let old = vault.sign_in(&login, &bench.ann, "env").await;
    let hold = held(&reserve, &old, &[&bench.seats[0]]).await;
    // Those processes are still there when the key begins to sign.
    vault.rotate(&["new", "env"]).await;
    let (later, login) = tokio::join!(bench.start("reserve"), bench.start("login"));
    let new = vault.sign_in(&login, &bench.ann, "new").await;
    for process in [&reserve, &later] {
        for user in [&bench.ann, &old, &new] {
            let again = process.call(&to_reserve(user, &[&bench.seats[0]]), BUDGET).await;
            assert_eq!((again.status, Hold::of(&again)), (200, hold.clone()));
        }
    }
    invariants::check(&bench.tenant).await;
}

#[tokio::test]
async fn a_user_whose_key_was_taken_away_signs_in_again_and_pays_for_the_hold_from_before() {
    let _turn = turn().await;
    let vault = Vault::new(1).await;
    let bench = &vault.bench;
    let reserve = bench.start("reserve").await;
    let hold = held(&reserve, &bench.ann, &[&bench.seats[0]]).await;
    vault.rotate(&["new"]).await;
    let (login, confirm, list) =
        tokio::join!(bench.start("login"), bench.start("confirm"), bench.start("list-reservations"));
    let before = invariants::check(&bench.tenant).await;
    let paid = payment();
    confirm.call(&to_confirm(&bench.ann, &hold, &paid), BUDGET).await.error(401, "UNAUTHENTICATED");
    list.call(&listing(&bench.ann), BUDGET).await.error(401, "UNAUTHENTICATED");
    let after = invariants::check(&bench.tenant).await;
    invariants::nothing_was_gained(&before, &after);
    let again = vault.sign_in(&login, &bench.ann, "new").await;
    let reply = list.call(&listing(&again), BUDGET).await;
    assert_eq!(reply.expect(200)["reservations"][0]["reservationToken"], hold.token.as_str());
    let reply = confirm.call(&to_confirm(&again, &hold, &paid), BUDGET).await;
    reply.expect(201);
    all_are_kept(bench, &[Sale { user: again, hold, paid, reply }]).await;
}
