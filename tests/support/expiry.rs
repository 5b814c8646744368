//! Ends one hold, or the lock of one idempotency key, now. A test that waited for a TTL would be
//! slow. A test that had to act before a short TTL ended would fail on a busy machine.

use mongodb::{
    Database,
    bson::{Document, doc},
};
use redis::AsyncCommands as _;
use serde_json::Value;

use super::people::{Hold, Tenant};

/// Ends a hold: `expiresAt` becomes the database's current time, and its locks leave Redis. It
/// sends no notification, because none is sent when a hold runs out by itself.
pub async fn end_hold(tenant: &Tenant, hold: &Hold) {
    let holds = tenant.stack.database().await.collection::<Document>("reservations");
    let ends = vec![doc! {"$set": {"expiresAt": "$$NOW"}}];
    let ended = holds.find_one_and_update(doc! {"reservationToken": &hold.token}, ends).await;
    let ended = ended.expect("an update").expect("the hold is there");
    let user = ended.get_object_id("userId").expect("a user").to_hex();
    let entity = ended.get_str("entityId").expect("an entity");
    let (app, mut redis) = (&tenant.app_id, tenant.stack.redis().await);
    for seat in &hold.seats {
        let key = format!("seat:lock:{{{app}}}:{seat}");
        let lock: Option<String> = redis.get(&key).await.expect("GET");
        let lock: Value =
            lock.and_then(|lock| serde_json::from_str(&lock).ok()).unwrap_or_default();
        if lock["reservationToken"] == hold.token.as_str() {
            let () = redis.del(&key).await.expect("DEL");
        }
        let taken = format!("seat:taken:{{{app}}}:{user}");
        let () = redis.zrem(taken, key).await.expect("ZREM");
    }
    // A cached page ends with the first hold on it: without a version it is read again.
    let () = redis.del(format!("seats:version:{{{app}}}:{entity}")).await.expect("DEL");
}

/// Ends the locks of all idempotency keys whose calls have not been answered.
pub async fn end_key_locks(database: &Database) {
    let unanswered = doc! {"answer": {"$exists": false}};
    let ends = vec![doc! {"$set": {"lockedUntil": "$$NOW"}}];
    let keys = database.collection::<Document>("idempotency_keys");
    keys.update_many(unanswered, ends).await.expect("an update");
}
