//! Everything that the fake remembers.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use super::{
    faults::Fault,
    idempotency::Memory,
    webhooks::{Delivery, Endpoint, Event, WebhookMode},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Provider {
    Stripe,
    Razorpay,
}

impl Provider {
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "stripe" => Some(Self::Stripe),
            "razorpay" => Some(Self::Razorpay),
            _ => None,
        }
    }
}

/// Whose object it is: a secret key of Stripe, a key id of Razorpay.
pub(super) type Account = String;

/// One object of a provider's API.
pub(super) struct Object {
    pub(super) account: Account,
    pub(super) json: Value,
    /// Later objects have larger numbers.
    number: u64,
}

/// A limit of requests in each second.
pub(super) struct Rate {
    pub(super) per_second: u64,
    second: i64,
    count: u64,
}

impl Rate {
    pub(super) fn new(per_second: u64) -> Self {
        Self { per_second, second: 0, count: 0 }
    }
}

#[derive(Default)]
pub(super) struct World {
    /// How far the fake's clock is ahead of the system's.
    clock_offset: i64,
    last_number: u64,
    objects: BTreeMap<String, Object>,
    pub(super) memory: Memory,
    pub(super) faults: Vec<Fault>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) webhook_mode: WebhookMode,
    /// Events that no delivery has begun for.
    pub(super) events: Vec<Event>,
    pub(super) deliveries: Vec<Delivery>,
    /// What an account can pay back. An account that is not here can pay everything.
    pub(super) balances: BTreeMap<(Provider, Account), i64>,
    /// Razorpay's secrets, which also sign what the checkout returns.
    pub(super) key_secrets: BTreeMap<Account, String>,
    /// The accounts of Razorpay that refuse a receipt they have seen.
    pub(super) unique_receipts: BTreeSet<Account>,
    /// How many requests of the current second each provider has had, and how many it takes.
    pub(super) rates: BTreeMap<Provider, Rate>,
    /// Refunds stay open until a test decides.
    pub(super) open_refunds: bool,
}

impl World {
    /// Seconds since 1970, by the fake's clock.
    pub(super) fn now(&self) -> i64 {
        system_now() + self.clock_offset
    }

    pub(super) fn advance_clock(&mut self, seconds: i64) {
        self.clock_offset += seconds;
    }

    pub(super) fn set_clock(&mut self, now: i64) {
        self.clock_offset = now - system_now();
    }

    /// Whether a provider's limit of requests allows one more. Counts it.
    pub(super) fn admits(&mut self, provider: Provider) -> bool {
        let now = system_now();
        let Some(rate) = self.rates.get_mut(&provider) else { return true };
        if rate.second != now {
            (rate.second, rate.count) = (now, 0);
        }
        rate.count += 1;
        rate.count <= rate.per_second
    }

    /// A new id with this prefix.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.last_number += 1;
        format!("{prefix}_fake{:06}{:010x}", self.last_number, rand::random::<u32>())
    }

    pub(super) fn insert(&mut self, account: &str, json: Value) {
        let Some(id) = json["id"].as_str().map(str::to_owned) else { return };
        self.last_number += 1;
        let object = Object { account: account.to_owned(), json, number: self.last_number };
        self.objects.insert(id, object);
    }

    pub(super) fn get(&self, id: &str) -> Option<&Object> {
        self.objects.get(id)
    }

    /// An object of this kind that belongs to the account.
    pub(super) fn own(&self, account: &str, kind: &str, id: &str) -> Option<&Value> {
        self.get(id)
            .filter(|object| object.account == account)
            .map(|object| &object.json)
            .filter(|json| json["object"] == kind || json["entity"] == kind)
    }

    pub(super) fn update(&mut self, id: &str, change: impl FnOnce(&mut Value)) {
        if let Some(object) = self.objects.get_mut(id) {
            change(&mut object.json);
        }
    }

    /// The account's objects of a kind whose `field` has this value, the newest first.
    pub(super) fn list(&self, account: &str, kind: &str, field: &str, value: &str) -> Vec<Value> {
        let mut found: Vec<&Object> = self
            .objects
            .values()
            .filter(|object| object.account == account && object.json[field] == value)
            .filter(|object| object.json["object"] == kind || object.json["entity"] == kind)
            .collect();
        found.sort_by_key(|object| std::cmp::Reverse(object.number));
        found.into_iter().map(|object| object.json.clone()).collect()
    }

    /// Takes money from the account's balance, if it has that much.
    pub(super) fn pay_back(&mut self, provider: Provider, account: &str, amount: i64) -> bool {
        match self.balances.get_mut(&(provider, account.to_owned())) {
            Some(balance) if *balance < amount => false,
            Some(balance) => {
                *balance -= amount;
                true
            }
            None => true,
        }
    }
}

fn system_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
