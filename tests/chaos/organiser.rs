//! An organiser who changes settings at random while others buy: sales are paused, seats go off sale,
//! get other prices and come back, the cancellation policy pays more or less. The crowd's shows are
//! left alone, since recovery is measured by what it buys.

use std::{sync::Arc, time::Duration};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::world::{House, Show, World};
use crate::support::people::Admin;

/// Organises until the run closes. Every seat is on sale at the end.
pub async fn organise(world: Arc<World>) {
    let mut rng = StdRng::seed_from_u64(0);
    let admin = world.stack.admin().await;
    while !world.is_closing() {
        let house = &world.houses[rng.random_range(1..world.houses.len())];
        let change = Change { world: &world, admin: &admin, house, show: house.show() };
        let pause = Duration::from_millis(rng.random_range(50..400));
        let percent = rng.random_range(0..=100);
        let price: i64 = rng.random_range(1_000..90_000);
        match rng.random_range(0..4) {
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
            _ => {
                let tier = json!({"hoursBefore": 0, "refundPercent": percent});
                change.settings(&json!({"cancellationPolicy": {"tiers": [tier]}})).await;
            }
        }
        sleep(Duration::from_millis(rng.random_range(200..1_500))).await;
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

    /// Repeats the change until it is made.
    async fn patch(&self, path: &str, body: &Value) {
        let Show { entity, .. } = self.show;
        let path = format!("/admin/apps/{}/entities/{entity}{path}", self.house.tenant.app_id);
        loop {
            let reply = self.admin.patch(&path, body).await;
            match reply.status {
                200 => return,
                503 => sleep(Duration::from_millis(100)).await,
                _ => return self.world.ledger.violation(format!("{body}: {reply}")),
            }
        }
    }
}
