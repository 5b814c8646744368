//! An organiser who changes settings at random while others buy: sales are paused, seats go off
//! sale, get other prices and come back, one is removed and created again, the cancellation policy
//! pays more or less. The crowd's shows are left alone, since recovery is measured by what it buys.

use std::{sync::Arc, time::Duration};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::world::{House, LOOSE_SEAT, Show, World};
use crate::support::people::{Admin, PRICE};

/// Makes changes until the run closes. Every seat is on sale at the end.
pub async fn organise(world: Arc<World>) {
    let mut rng = StdRng::seed_from_u64(0);
    let admin = world.stack.admin().await;
    while !world.is_closing() {
        let house = &world.houses[rng.random_range(1..world.houses.len())];
        let change = Change { world: &world, admin: &admin, house, show: house.show() };
        let pause = Duration::from_millis(rng.random_range(50..400));
        let percent = rng.random_range(0..=100);
        let price: i64 = rng.random_range(1_000..90_000);
        match rng.random_range(0..5) {
            0 => {
                change.settings(&json!({"state": "PAUSED"})).await;
                sleep(pause).await;
                change.settings(&json!({"state": "ON_SALE"})).await;
            }
            1 => {
                change.seats(&json!({"forSale": false})).await;
                sleep(pause).await;
                change.seats(&json!({"forSale": true})).await;
            }
            2 => change.seats(&json!({"price": price})).await,
            3 => {
                for _ in 0..5 {
                    change.remove_loose_seat().await;
                    change.create_loose_seat().await;
                }
            }
            _ => {
                let tier = json!({"hoursBefore": 0, "refundPercent": percent});
                change.settings(&json!({"cancellationPolicy": {"tiers": [tier]}})).await;
            }
        }
        sleep(Duration::from_millis(rng.random_range(200..1_500))).await;
    }
    // A change without a response may have been made after the later ones.
    for house in &world.houses[1..] {
        for show in house.played() {
            let change = Change { world: &world, admin: &admin, house, show };
            change.create_loose_seat().await;
            let seats = json!({"where": {"seatIds": show.seats}, "set": {"forSale": true}});
            change.patch("/seats", &seats).await;
        }
    }
}

struct Change<'a> {
    world: &'a World,
    admin: &'a Admin,
    house: &'a House,
    show: &'a Show,
}

impl Change<'_> {
    async fn settings(&self, settings: &Value) {
        self.patch("", settings).await;
    }

    /// Changes every fifth seat.
    async fn seats(&self, set: &Value) {
        let seats: Vec<&String> = self.show.seats.iter().step_by(5).collect();
        self.patch("/seats", &json!({"where": {"seatIds": seats}, "set": set})).await;
    }

    /// Nothing happens if the seat is held or was sold.
    async fn remove_loose_seat(&self) {
        let body = json!({"where": {"seatNumbers": [LOOSE_SEAT]}});
        self.repeat("POST", &self.path("/seats/remove"), &body, &[200]).await;
    }

    /// It gets the id that it had. Nothing happens if it was not removed.
    async fn create_loose_seat(&self) {
        let seats = json!([{"seatNumber": LOOSE_SEAT, "price": PRICE}]);
        let (app, entity) = (&self.house.tenant.app_id, &self.show.entity);
        let body = json!({"appId": app, "entityId": entity, "currency": "INR", "seats": seats});
        self.repeat("POST", "/admin/seats", &body, &[201, 409]).await;
    }

    async fn patch(&self, path: &str, body: &Value) {
        self.repeat("PATCH", &self.path(path), body, &[200]).await;
    }

    fn path(&self, path: &str) -> String {
        let entity = &self.show.entity;
        format!("/admin/apps/{}/entities/{entity}{path}", self.house.tenant.app_id)
    }

    /// Repeats a call until it has one of these statuses.
    async fn repeat(&self, method: &str, path: &str, body: &Value, done: &[u16]) {
        loop {
            let reply = self.admin.call(method, path).json(body).send().await;
            match reply.status {
                503 => sleep(Duration::from_millis(100)).await,
                status if done.contains(&status) => return,
                _ => return self.world.ledger.violation(format!("{path} {body}: {reply}")),
            }
        }
    }
}
