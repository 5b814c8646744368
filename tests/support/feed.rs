//! The public seat feed as a page reads it.

use std::{
    collections::BTreeMap,
    io::Read as _,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use serde_json::Value;

use super::{
    call::Call,
    people::Tenant,
    reply::{Reply, keys, time},
};

pub const FREE: u8 = 0;
pub const HELD: u8 = 1;
pub const SOLD: u8 = 2;
pub const NOT_FOR_SALE: u8 = 3;

/// The seats at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedState {
    pub epoch: i64,
    pub seq: i64,
    pub seats_version: i64,
    pub refresh_ms: i64,
    /// In the order of the list of seats.
    pub states: Vec<u8>,
}

/// A page that shows an entity, without credentials.
#[derive(Clone)]
pub struct Viewer {
    client: reqwest::Client,
    base: String,
    pub key: String,
    /// The lists that it has read, by their versions: they never change.
    lists: Arc<Mutex<BTreeMap<i64, Value>>>,
}

impl Viewer {
    /// A viewer of the tenant's entity.
    pub async fn of(tenant: &Tenant) -> Self {
        let entities =
            tenant.stack.database().await.collection::<mongodb::bson::Document>("entities");
        let filter = mongodb::bson::doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
        let entity = entities.find_one(filter).await.unwrap().expect("an entity");
        Self::new(&tenant.stack.base, entity.get_str("feedKey").expect("a feed key"))
    }

    pub fn new(base: &str, key: &str) -> Self {
        let (client, base) = (reqwest::Client::new(), base.to_owned());
        Self { client, base, key: key.to_owned(), lists: Arc::default() }
    }

    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(&self.client, &self.base, method, &format!("/feed/{}{path}", self.key))
    }

    /// The states as they come.
    pub async fn fetch(&self) -> Reply {
        self.call("GET", "").send().await
    }

    /// The states; `None` while the origin cannot say.
    pub async fn try_read_feed(&self) -> Option<FeedState> {
        let reply = self.fetch().await;
        if reply.status == 503 {
            return None;
        }
        assert_eq!(reply.status, 200, "{reply}");
        Some(feed_state(&reply))
    }

    /// Reads the states, and fails if the feed does not answer.
    pub async fn read_feed(&self) -> FeedState {
        self.try_read_feed().await.expect("the feed answers")
    }

    /// The list of this version; `None` if it is gone.
    pub async fn list(&self, version: i64) -> Option<Value> {
        if let Some(list) = self.lists.lock().unwrap().get(&version) {
            return Some(list.clone());
        }
        let response = self.call("GET", &format!("/seats?v={version}")).fetch().await;
        if response.status() == 404 || response.status() == 503 {
            return None;
        }
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-encoding"], "gzip");
        let mut text = String::new();
        let bytes = response.bytes().await.unwrap();
        GzDecoder::new(bytes.as_ref()).read_to_string(&mut text).unwrap();
        let list: Value = serde_json::from_str(&text).unwrap();
        self.lists.lock().unwrap().insert(version, list.clone());
        Some(list)
    }

    /// Each seat's state by its id; `None` if the states cannot be read, or their list is gone.
    pub async fn try_seats(&self) -> Option<(FeedState, BTreeMap<String, u8>)> {
        let feed = self.try_read_feed().await?;
        let list = self.list(feed.seats_version).await?;
        let ids = list["seats"].as_array().unwrap().iter();
        let ids: Vec<String> = ids.map(|s| s["seatId"].as_str().unwrap().to_owned()).collect();
        assert_eq!(feed.states.len(), ids.len().div_ceil(4) * 4, "{feed:?} of {list}");
        let seats = ids.into_iter().zip(feed.states.iter().copied()).collect();
        Some((feed, seats))
    }

    /// Each seat's state by its id.
    pub async fn seats(&self) -> BTreeMap<String, u8> {
        self.try_seats().await.expect("the feed answers").1
    }

    /// The state of one seat.
    pub async fn state(&self, seat: &str) -> u8 {
        self.seats().await[seat]
    }
}

/// Checks a 200 of the states, and reads it.
#[track_caller]
pub fn feed_state(reply: &Reply) -> FeedState {
    feed_state_of(&reply.body, &reply.to_string())
}

/// Checks a body of the states, and reads it.
#[track_caller]
pub fn feed_state_of(body: &Value, reply: &str) -> FeedState {
    let fields = ["epoch", "seq", "seatsVersion", "asOf", "states", "refreshMs"];
    keys(body, &fields, &[], reply);
    let number = |name: &str| body[name].as_i64().unwrap_or_else(|| panic!("{name}: {reply}"));
    assert!(number("seq") < 1 << 53, "{reply}");
    assert_eq!(time(&body["asOf"]), (number("seq") >> 20) * 1_000, "{reply}");
    let packed = STANDARD.decode(body["states"].as_str().unwrap()).expect("base64");
    let states = packed.iter().flat_map(|byte| (0..4).map(move |n| byte >> (2 * n) & 3));
    FeedState {
        epoch: number("epoch"),
        seq: number("seq"),
        seats_version: number("seatsVersion"),
        refresh_ms: number("refreshMs"),
        states: states.collect(),
    }
}
