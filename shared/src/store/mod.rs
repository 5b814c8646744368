//! MongoDB, which decides what is held and sold. The only user of the driver;
//! one file per collection.
//!
//! Every write waits for a majority. A read that leads to a 2xx response of the booking
//! flow is a majority read, so a failover cannot roll back what it saw. Every call ends
//! by the request's deadline.

#![expect(missing_docs, reason = "the names of stored fields say it")]

pub(crate) mod admin_refunds;
pub mod apps;
pub mod booking_pages;
mod booking_status;
pub mod bookings;
pub mod cancellations;
pub mod deliveries;
pub(crate) mod delivery_lease;
pub(crate) mod delivery_work;
pub(crate) mod disputes;
pub mod entities;
pub(crate) mod entity_cancels;
pub(crate) mod entity_pages;
pub mod entity_seats;
mod error;
pub(crate) mod feeds;
pub(crate) mod halls;
pub(crate) mod held_seats;
pub(crate) mod history;
pub(crate) mod hold_ends;
mod hold_filters;
pub(crate) mod hold_payments;
pub(crate) mod hold_reads;
pub(crate) mod idempotency;
pub mod inspect;
pub mod layout_seats;
pub mod layouts;
pub(crate) mod leases;
pub(crate) mod live_connections;
pub mod migrate;
mod normalize;
mod orphans;
pub(crate) mod outbox;
mod paging;
pub mod payment_accounts;
pub(crate) mod payment_asks;
pub(crate) mod provider_reports;
mod refund_work;
pub mod refunds;
pub mod reports;
pub(crate) mod reservations;
pub(crate) mod sales;
mod schema;
pub(crate) mod seat_counts;
mod seat_creation;
pub mod seats;
pub mod secret_keys;
mod sweep;
pub(crate) mod tx;
pub(crate) mod unheld_entities;
pub mod users;
pub(crate) mod wanted_seats;
pub mod webhooks;

use crate::{
    clock::Deadline,
    config::{ListingReads, Settings},
    domain::Timestamp,
    env::SettingError,
    error::Error,
    faults::flawed,
    invalid::without_value,
};
pub use error::StoreError;
use error::{DUPLICATE_KEY, duplicate};
use futures_util::TryStreamExt as _;
use mongodb::{
    Client, Database,
    action::Find,
    bson::{self, Document, doc},
    error::Error as DriverError,
    options::{
        Acknowledgment, ClientOptions, CollectionOptions, ReadConcern, ReadPreference,
        SelectionCriteria, WriteConcern,
    },
};
use orphans::Orphans;
use outbox::Subscriptions;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use std::{future::IntoFuture, sync::Arc, time::Duration};

/// Shorter than the time that any request has.
const SERVER_SELECTION_TIMEOUT: Duration = Duration::from_millis(2_500);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The driver's minimum. Together with [`CONNECT_TIMEOUT`] it bounds how long a silent server goes
/// unnoticed. So after a call that timed out on a dead connection, the next call does not get
/// another dead one.
const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(500);
const MAX_IDLE_TIME: Duration = Duration::from_secs(60);

/// A process's access to the database.
#[derive(Debug)]
pub struct Store {
    client: Client,
    database: Database,
    orphans: Arc<Orphans>,
    subscriptions: Arc<Subscriptions>,
    pub apps: apps::Apps,
    pub users: users::Users,
    pub entities: entities::Entities,
    pub layouts: layouts::Layouts,
    pub(crate) feeds: feeds::Feeds,
    pub(crate) leases: leases::Leases,
    pub(crate) live: live_connections::LiveConnections,
    pub seats: seats::Seats,
    pub reservations: reservations::Reservations,
    pub bookings: bookings::Bookings,
    pub refunds: refunds::Refunds,
    pub webhooks: webhooks::Webhooks,
    pub deliveries: deliveries::Deliveries,
    pub(crate) delivery_lease: delivery_lease::DeliveryLeases,
    pub idempotency: idempotency::Idempotency,
}

impl Store {
    /// A store on the configured database. It connects on first use; see [`Store::ping`].
    ///
    /// # Errors
    /// Names `MONGODB_URI` if it cannot be parsed.
    pub async fn new(settings: &Settings) -> Result<Self, SettingError> {
        // The driver's message may quote the address, which may contain a password.
        let wrong =
            |_| SettingError::new("MONGODB_URI", "must be a mongodb:// or mongodb+srv:// address");
        let mut options =
            ClientOptions::parse(settings.mongodb_uri.expose_secret()).await.map_err(wrong)?;
        // Orphaned transactions are found by this name, so no other program may have it. An address
        // copied from a provider names its cluster.
        let app_name = format!("unified-booking({})", settings.mongodb_database);
        options.app_name = match options.app_name.take() {
            Some(name) if name.starts_with(&app_name) => Some(name),
            _ => Some(app_name.clone()),
        };
        options.server_selection_timeout = Some(SERVER_SELECTION_TIMEOUT);
        options.connect_timeout = Some(CONNECT_TIMEOUT);
        // The server may have closed a connection that was idle, or that was open while the
        // function was frozen.
        options.max_idle_time = Some(MAX_IDLE_TIME);
        options.max_pool_size = Some(settings.mongodb_max_pool_size);
        // Only a missing heartbeat reveals a frozen primary. With the driver's default of ten
        // seconds, calls would keep waiting for it until their deadlines, long after another
        // primary was elected.
        options.heartbeat_freq.get_or_insert(HEARTBEAT_INTERVAL);
        options.retry_reads = Some(true);
        options.retry_writes = Some(true);
        // Whatever the address says: if only one member has stored a hold, a failover can lose it,
        // and a seat could be sold twice.
        options.write_concern = Some(majority_write_concern());
        options.read_concern = None;
        options.selection_criteria = None;
        let client = Client::with_options(options).map_err(wrong)?;
        let database = client.database(&settings.mongodb_database);
        let listing = match settings.listing_reads {
            ListingReads::Primary => ReadPreference::Primary,
            ListingReads::SecondaryPreferred => {
                ReadPreference::SecondaryPreferred { options: None }
            }
        };
        let listing = CollectionOptions::builder()
            .selection_criteria(SelectionCriteria::ReadPreference(listing))
            .read_concern(majority_read_concern())
            .build();
        let majority = CollectionOptions::builder().read_concern(majority_read_concern()).build();
        let orphans = Arc::new(Orphans::new(client.clone(), app_name));
        let subscriptions = Arc::<Subscriptions>::default();
        Ok(Self {
            apps: apps::Apps::new(&database, subscriptions.clone(), majority.clone()),
            users: users::Users::new(&database, majority.clone()),
            entities: entities::Entities::new(&database, subscriptions.clone(), majority.clone()),
            layouts: layouts::Layouts::new(&database, majority.clone()),
            feeds: feeds::Feeds::new(&database),
            leases: leases::Leases::new(&database),
            live: live_connections::LiveConnections::new(&database),
            seats: seats::Seats::new(&database, majority.clone(), listing.clone()),
            reservations: reservations::Reservations::new(
                &database,
                orphans.clone(),
                subscriptions.clone(),
                majority.clone(),
                listing,
            ),
            bookings: bookings::Bookings::new(&database, subscriptions.clone(), majority.clone()),
            refunds: refunds::Refunds::new(&database, majority.clone()),
            webhooks: webhooks::Webhooks::new(&database, majority.clone()),
            deliveries: deliveries::Deliveries::new(&database, majority.clone()),
            delivery_lease: delivery_lease::DeliveryLeases::new(&database, majority),
            idempotency: idempotency::Idempotency::new(&database, orphans.clone()),
            orphans,
            subscriptions,
            client,
            database,
        })
    }

    /// Checks that any member responds within `timeout`.
    pub async fn ping(&self, timeout: Duration) -> Result<(), StoreError> {
        let nearest = SelectionCriteria::ReadPreference(ReadPreference::Nearest { options: None });
        let ping = self.database.run_command(doc! {"ping": 1}).selection_criteria(nearest);
        with_timeout(timeout, ping).await.map(|_| ())
    }

    /// Checks that the primary responds within `timeout`. Without a primary nothing can
    /// be held or sold.
    pub async fn ping_primary(&self, timeout: Duration) -> Result<(), StoreError> {
        with_timeout(timeout, self.database.run_command(doc! {"ping": 1})).await.map(|_| ())
    }

    /// The time by the clock of the primary.
    pub(crate) async fn time(&self) -> Result<Timestamp, StoreError> {
        within_deadline(database_time(&self.database)).await
    }
}

/// The database's time. What is compared with `$$NOW` must not come from a function's clock.
async fn database_time(database: &Database) -> Result<Timestamp, DriverError> {
    let hello = database.run_command(doc! {"hello": 1}).await?;
    let time = hello.get_datetime("localTime");
    Ok(time
        .map_or_else(|_| Timestamp::now(), |time| Timestamp::from_millis(time.timestamp_millis())))
}

fn majority_write_concern() -> WriteConcern {
    let by =
        if flawed("write-concern-1") { Acknowledgment::Nodes(1) } else { Acknowledgment::Majority };
    WriteConcern::builder().w(by).build()
}

fn majority_read_concern() -> ReadConcern {
    if flawed("local-reads") { ReadConcern::local() } else { ReadConcern::majority() }
}

/// A linearizable read proves that its server is still the primary. A former primary that was
/// frozen does not know what its successor has written. Such a read costs the server a write, so
/// use it only to prove that something does not exist.
fn linearizable_options() -> CollectionOptions {
    CollectionOptions::builder().read_concern(ReadConcern::linearizable()).build()
}

/// The time limit to send to the server, so that a command ends there when we stop waiting for it.
fn server_time_limit() -> Duration {
    Deadline::current().remaining().max(Duration::from_millis(1))
}

/// Runs a database call for no longer than the request has left.
async fn within_deadline<T>(
    call: impl IntoFuture<Output = Result<T, DriverError>>,
) -> Result<T, StoreError> {
    with_timeout(Deadline::current().remaining(), call).await
}

/// Runs a database call for no longer than `timeout`.
async fn with_timeout<T>(
    timeout: Duration,
    call: impl IntoFuture<Output = Result<T, DriverError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(timeout, call).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(StoreError::Deadline),
    }
}

/// All documents that a query finds, within the request's deadline.
///
/// They are deserialized straight from the server's batches. A cursor would copy each document
/// first, and await each one separately.
async fn collect<T: DeserializeOwned + Send + Sync>(
    find: Find<'_, T>,
) -> Result<Vec<T>, StoreError> {
    within_deadline(async {
        let mut batches = find.batch().await?;
        let mut rows = Vec::new();
        while let Some(batch) = batches.try_next().await? {
            for row in batch.doc_slices()? {
                let row = row?.as_document().ok_or_else(|| {
                    <bson::error::Error as serde::de::Error>::custom("a row is not a document")
                })?;
                rows.push(bson::deserialize_from_slice(row.as_bytes())?);
            }
        }
        Ok(rows)
    })
    .await
}

/// For an aggregation: the database's time when this much time will have passed.
fn after_now(time: Duration) -> Document {
    doc! {"$add": ["$$NOW", i64::try_from(time.as_millis()).unwrap_or(i64::MAX)]}
}

// serde hands over a reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// Deserializes a document. The error is for the log, so it quotes no stored value.
fn parsed<T: DeserializeOwned>(document: Document) -> Result<T, String> {
    bson::deserialize_from_document(document)
        .map_err(|error| error.message.map_or_else(|| error.kind.to_string(), without_value))
}

/// Deserializes a document, like [`parsed`]. The error fails the call.
pub(crate) fn read_document<T: DeserializeOwned>(document: &Document) -> Result<T, Error> {
    parsed(document.clone()).map_err(Error::internal)
}

/// A condition on a time: at or after `from`, and before `to`.
fn time_range(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<Document> {
    let mut range = Document::new();
    range.extend(from.map(|from| ("$gte".to_owned(), from.into())));
    range.extend(to.map(|to| ("$lt".to_owned(), to.into())));
    (!range.is_empty()).then_some(range)
}
