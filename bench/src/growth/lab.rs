//! The cost of a hold: through the function, one at a time, and of the bare write that makes it, in
//! turn.

use std::sync::Arc;

use futures_util::future::try_join_all;
use mongodb::{
    Collection,
    bson::{Document, doc, oid::ObjectId},
    options::ReturnDocument,
};
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    batch::put_through,
    figures::Spread,
    runtime::Environment,
    usage::cpu_ms,
    world::{CURRENCY, PRICE, TTL_SECONDS, User, World},
};

/// Holds of a variant in a round.
pub const HOLDS: usize = 50;
/// What is dropped: the first round finds caches and connections cold.
const WARM_UP: usize = 2;

/// A hold to be made.
#[derive(Clone)]
pub struct Wanted {
    /// What asks the function for it.
    pub event: Arc<[u8]>,
    /// In which tenant.
    pub app: String,
    /// By whom.
    pub user: ObjectId,
    /// On what.
    pub seat: ObjectId,
    /// Of what.
    pub entity: String,
}

impl Wanted {
    /// Of the world's own tenant.
    pub fn new(world: &World, user: &User, entity: &str, seat: ObjectId) -> Self {
        let event =
            world.event(Some(user), "POST", "/reserve-seat", &json!({"seatId": seat.to_hex()}));
        let app = world.tenant.app_id.as_str().to_owned();
        Self { event, app, user: user.id, seat, entity: entity.to_owned() }
    }
}

/// What is measured in turn with others.
pub enum Variant {
    /// Holds through `reserve`.
    Reserve(Vec<Wanted>),
    /// The bare upsert alone.
    Claim(Vec<Wanted>),
    /// Listings by `list-seats`, each after one of the holds, so that no remembered page will do.
    List(Vec<Wanted>, Arc<[u8]>),
}

/// What one of them costs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cost {
    /// Milliseconds from the hand-over to the answer.
    pub ms: Spread,
    /// CPU of the function, in milliseconds each; none in the bare write.
    pub function_cpu_ms: f64,
    /// CPU of MongoDB, in milliseconds each; for a listing, that of its hold is in it.
    pub mongodb_cpu_ms: f64,
}

#[derive(Default)]
struct Sum {
    ms: Vec<f64>,
    function_cpu_ms: f64,
    mongodb_cpu_ms: f64,
}

/// What measures.
pub struct Lab<'a> {
    pub world: &'a World,
    pub rounds: usize,
    reserve: Environment,
    list: Environment,
    holds: Collection<Document>,
}

impl<'a> Lab<'a> {
    pub async fn new(world: &'a World, rounds: usize) -> anyhow::Result<Self> {
        let (reserve, list) =
            (world.environment("reserve", 1).await?, world.environment("list-seats", 1).await?);
        Ok(Self { world, rounds, reserve, list, holds: world.database.collection("reservations") })
    }

    /// Each variant's cost, a round of each in turn. What a round has held is let go before the
    /// next.
    pub async fn measure(&self, variants: &[Variant]) -> anyhow::Result<Vec<Cost>> {
        let mut sums: Vec<Sum> = variants.iter().map(|_| Sum::default()).collect();
        for round in 0..self.rounds + WARM_UP {
            for (variant, sum) in variants.iter().zip(&mut sums) {
                let mut one = Sum::default();
                let wanted = self.round(variant, &mut one).await?;
                self.let_go(wanted).await?;
                if round >= WARM_UP {
                    sum.ms.append(&mut one.ms);
                    sum.function_cpu_ms += one.function_cpu_ms;
                    sum.mongodb_cpu_ms += one.mongodb_cpu_ms;
                }
            }
        }
        Ok(sums.into_iter().map(Cost::from).collect())
    }

    async fn round<'v>(&self, variant: &'v Variant, sum: &mut Sum) -> anyhow::Result<&'v [Wanted]> {
        let process = match variant {
            Variant::List(..) => &self.list,
            Variant::Reserve(_) | Variant::Claim(_) => &self.reserve,
        };
        let mongodb = self.world.mongo.pid();
        let before = (cpu_ms(process.pid()), cpu_ms(mongodb));
        let wanted = match variant {
            Variant::Reserve(wanted) => {
                let events = wanted.iter().map(|wanted| Arc::clone(&wanted.event)).collect();
                sum.ms = put_through(self.reserve.server(), events, 201).await?;
                wanted
            }
            Variant::Claim(all) => {
                for wanted in all {
                    let began = Instant::now();
                    self.claim(wanted).await?;
                    sum.ms.push(began.elapsed().as_secs_f64() * 1e3);
                }
                all
            }
            Variant::List(all, event) => {
                for wanted in all {
                    put_through(self.reserve.server(), vec![Arc::clone(&wanted.event)], 201)
                        .await?;
                    sum.ms.extend(
                        put_through(self.list.server(), vec![Arc::clone(event)], 200).await?,
                    );
                }
                all
            }
        };
        if !matches!(variant, Variant::Claim(_)) {
            sum.function_cpu_ms = cpu_ms(process.pid()) - before.0;
        }
        sum.mongodb_cpu_ms = cpu_ms(mongodb) - before.1;
        Ok(wanted)
    }

    /// The write that makes a hold, as `Reservations::claim` sends it.
    async fn claim(&self, wanted: &Wanted) -> anyhow::Result<()> {
        let token = Uuid::new_v4().to_string();
        let fresh = doc! {
            "_id": {"$ifNull": ["$_id", ObjectId::new()]},
            "reservationToken": {"$literal": &token},
            "userId": wanted.user,
            "appId": {"$literal": &wanted.app},
            "entityId": {"$literal": &wanted.entity},
            "seatIds": {"$literal": [wanted.seat]},
            "amount": {"$literal": PRICE},
            "currency": {"$literal": CURRENCY},
            "status": "ACTIVE",
            "claimed": true,
            "expiresAt": {"$add": ["$$NOW", i64::try_from(TTL_SECONDS)? * 1_000]},
            "createdAt": "$$NOW",
            "updatedAt": "$$NOW",
        };
        let is_new = doc! {"$eq": [{"$type": "$status"}, "missing"]};
        let stages = vec![doc! {"$replaceWith": {"$cond": [is_new, fresh, "$$ROOT"]}}];
        self.holds
            .find_one_and_update(doc! {"reservationToken": &token}, stages)
            .upsert(true)
            .return_document(ReturnDocument::After)
            .await?;
        Ok(())
    }

    /// Takes away what a round has held, in both stores, so that the next finds the same seats
    /// free.
    async fn let_go(&self, wanted: &[Wanted]) -> anyhow::Result<()> {
        let keys: Vec<String> = wanted
            .iter()
            .map(|wanted| format!("seat:lock:{{{}}}:{}", wanted.app, wanted.seat.to_hex()))
            .collect();
        let mut locks = self.world.locks.clone();
        let _: i64 = redis::AsyncCommands::unlink(&mut locks, keys).await?;
        try_join_all(wanted.iter().map(async |wanted| {
            let held = doc! {"appId": &wanted.app, "seatIds": wanted.seat, "claimed": true};
            self.holds.delete_many(held).await
        }))
        .await?;
        Ok(())
    }
}

impl From<Sum> for Cost {
    fn from(sum: Sum) -> Self {
        let count = sum.ms.len().max(1) as f64;
        Self {
            function_cpu_ms: sum.function_cpu_ms / count,
            mongodb_cpu_ms: sum.mongodb_cpu_ms / count,
            ms: Spread::of(sum.ms),
        }
    }
}
