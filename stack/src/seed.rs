//! The three demo tenants, registered through the API like any tenant. What exists already stays.

use std::collections::BTreeMap;

use anyhow::Context;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{http::Http, local::Local, say, settings::Settings};

const FILE: &str = "tenants.json";
/// How long a replaced key still works: another stack on this database may use it.
const OVERLAP_SECONDS: u32 = 86_400;

/// A demo tenant as it is meant to be.
pub struct Demo {
    /// Its domain, which is also the prefix of its lines in `dev.env`.
    pub domain: &'static str,
    pub app_id: &'static str,
    pub name: &'static str,
    /// Where a frontend of it would run on this machine.
    pub origin: &'static str,
    pub entity_id: &'static str,
    /// Its seating plan, in `web/plans/`.
    pub plan: &'static str,
    pub shop: Shop,
    seats: fn() -> Vec<Value>,
}

/// What its shop shows.
pub struct Shop {
    pub name: &'static str,
    pub tagline: &'static str,
    pub accent: &'static str,
    pub title: &'static str,
    pub venue: &'static str,
}

/// All of them.
pub const DEMOS: [Demo; 3] = [
    Demo {
        domain: "EVENT",
        app_id: "demo-event",
        name: "Demo event hall",
        origin: "http://localhost:5173",
        entity_id: "concert-2026",
        plan: "demo-hall.json",
        shop: Shop {
            name: "City Hall",
            tagline: "Concerts, readings and late nights under one old roof.",
            accent: "#0b5f53",
            title: "Winter Concert",
            venue: "Great Hall",
        },
        seats: hall,
    },
    Demo {
        domain: "BUS",
        app_id: "demo-bus",
        name: "Demo bus line",
        origin: "http://localhost:5174",
        entity_id: "bus-blr-maa-2130",
        plan: "bus.json",
        shop: Shop {
            name: "Southern Lines",
            tagline: "Overnight coaches between the cities of the south.",
            accent: "#b4470f",
            title: "Bengaluru to Chennai, 21:30",
            venue: "Majestic, platform 4",
        },
        seats: bus,
    },
    Demo {
        domain: "MOVIE",
        app_id: "demo-movie",
        name: "Demo cinema",
        origin: "http://localhost:5175",
        entity_id: "screen-1-1900",
        plan: "demo-cinema.json",
        shop: Shop {
            name: "The Regal",
            tagline: "One screen, ten rows, no bad seat.",
            accent: "#3b3f8f",
            title: "The Long Monsoon, 19:00",
            venue: "Screen 1",
        },
        seats: cinema,
    },
];

/// The part of a tenant that is saved for the next start.
#[derive(Clone, Default, Serialize, Deserialize)]
struct SavedTenant {
    api_key: String,
    /// It has its seats and its entity. Files of earlier versions lack this: the entity is missing.
    #[serde(default)]
    listed: bool,
}

/// The tenants' API keys by domain; missing tenants, keys and seats are made.
pub async fn seed(
    http: &Http,
    local: &Local,
    settings: &Settings,
) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let mut saved: BTreeMap<String, SavedTenant> = local.load(FILE).unwrap_or_default();
    let mut token = None;
    let mut keys = BTreeMap::new();
    for demo in &DEMOS {
        let known = saved.get(demo.domain).cloned().unwrap_or_default();
        let works = !known.api_key.is_empty() && key_works(http, demo, &known.api_key).await?;
        if !(works && known.listed) {
            let bearer = match &token {
                Some(bearer) => bearer,
                None => {
                    let made =
                        http.admin_token(&settings.admin_email, &settings.admin_password).await;
                    token.insert(format!(
                        "Bearer {}",
                        made.context("cannot log in as the administrator")?
                    ))
                }
            };
            let admin = [("authorization", bearer.as_str())];
            let api_key =
                if works { known.api_key } else { key(http, demo, &admin, known).await? };
            // Saved at once: a key that is lost has to be replaced.
            let mut tenant = SavedTenant { api_key, listed: false };
            saved.insert(demo.domain.to_owned(), tenant.clone());
            local.save(FILE, &saved)?;
            entity(http, demo, &admin).await?;
            seats(http, demo, &admin).await?;
            tenant.listed = true;
            saved.insert(demo.domain.to_owned(), tenant);
            local.save(FILE, &saved)?;
        }
        keys.insert(demo.domain, saved[demo.domain].api_key.clone());
    }
    Ok(keys)
}

/// Whether the tenant is active, lists its origin and has this key. A call without a user's token
/// is then refused for the token alone.
async fn key_works(http: &Http, demo: &Demo, api_key: &str) -> anyhow::Result<bool> {
    let headers = [("x-app-id", demo.app_id), ("x-api-key", api_key), ("origin", demo.origin)];
    Ok(http.send(Method::GET, "/reservations", &headers, None).await?.code() == "UNAUTHENTICATED")
}

/// Registers the tenant. A tenant that exists is activated and gets its origin back. It gets a new
/// key only if the saved one does not work.
async fn key(
    http: &Http,
    demo: &Demo,
    admin: &[(&str, &str)],
    saved: SavedTenant,
) -> anyhow::Result<String> {
    let mut body = json!({ "name": demo.name, "allowedDomains": [demo.origin] });
    body["appId"] = demo.app_id.into();
    body["domain"] = demo.domain.into();
    let reply = http.send(Method::POST, "/admin/apps", admin, Some(&body)).await?;
    if reply.code() != "APP_ALREADY_EXISTS" {
        return text(reply.data("POST /admin/apps", 201)?, "apiKey");
    }
    let path = format!("/admin/apps/{}", demo.app_id);
    let right = json!({ "allowedDomains": [demo.origin], "isActive": true });
    http.send(Method::PATCH, &path, admin, Some(&right))
        .await?
        .data("PATCH /admin/apps/{appId}", 200)?;
    if !saved.api_key.is_empty() && key_works(http, demo, &saved.api_key).await? {
        return Ok(saved.api_key);
    }
    say::line!(
        "{}: the database has this tenant, and its API key is not among this stack's files. It gets a \
         new key; the earlier one works for 24 hours more. For tenants of your own, set \
         MONGODB_DATABASE to another name.",
        demo.app_id
    );
    let path = format!("{path}/rotate-key");
    let overlap = json!({ "overlapSeconds": OVERLAP_SECONDS });
    let reply = http.send(Method::POST, &path, admin, Some(&overlap)).await?;
    text(reply.data("POST /admin/apps/{appId}/rotate-key", 200)?, "apiKey")
}

/// Creates the entity that the shop lists. Settings that exist stay.
async fn entity(http: &Http, demo: &Demo, admin: &[(&str, &str)]) -> anyhow::Result<()> {
    let path = format!("/admin/apps/{}/entities/{}", demo.app_id, demo.entity_id);
    let known = http.send(Method::GET, &path, admin, None).await?;
    if known.code() != "ENTITY_NOT_FOUND" {
        return Ok(());
    }
    let settings = json!({ "title": demo.shop.title, "venue": demo.shop.venue, "currency": "INR" });
    let reply = http.send(Method::PUT, &path, admin, Some(&settings)).await?;
    reply.data("PUT an entity", 201)?;
    Ok(())
}

/// Creates all seats, or none if they exist.
async fn seats(http: &Http, demo: &Demo, admin: &[(&str, &str)]) -> anyhow::Result<()> {
    let seats = (demo.seats)();
    let body = json!({ "appId": demo.app_id, "entityId": demo.entity_id, "currency": "INR", "seats": seats });
    let reply = http.send(Method::POST, "/admin/seats", admin, Some(&body)).await?;
    if reply.code() != "SEAT_ALREADY_EXISTS" {
        reply.data("POST /admin/seats", 201)?;
    }
    Ok(())
}

fn text(data: &Value, field: &str) -> anyhow::Result<String> {
    Ok(data[field].as_str().with_context(|| format!("the answer has no {field}"))?.to_owned())
}

/// Rows A to T of 25; the nearer the stage, the dearer. Prices are in paise.
fn hall() -> Vec<Value> {
    rows('A'..='T', 25, |row| match row {
        'A'..='D' => ("VIP", 450_000),
        'E'..='L' => ("PREMIUM", 250_000),
        _ => ("STANDARD", 120_000),
    })
}

/// Rows A to J of 20.
fn cinema() -> Vec<Value> {
    rows('A'..='J', 20, |row| match row {
        'A'..='C' => ("FRONT", 18_000),
        'D'..='H' => ("CLASSIC", 25_000),
        _ => ("RECLINER", 45_000),
    })
}

fn rows(
    rows: std::ops::RangeInclusive<char>,
    width: u32,
    tier: fn(char) -> (&'static str, u64),
) -> Vec<Value> {
    let seat = |row: char, number: u32| {
        let (tier, price) = tier(row);
        let metadata = json!({ "tier": tier, "row": row.to_string(), "number": number });
        json!({
            "seatNumber": format!("{row}{number}"), "row": row.to_string(), "category": tier,
            "price": price, "metadata": metadata
        })
    };
    rows.flat_map(|row| (1..=width).map(move |number| seat(row, number))).collect()
}

/// Ten rows of four with an aisle, and five seats along the back.
fn bus() -> Vec<Value> {
    let seat = |row: u32, place: char| {
        let width = if row == 11 { 'E' } else { 'D' };
        let window = place == 'A' || place == width;
        let (tier, price) =
            if row <= 3 { ("EXTRA_LEGROOM", 110_000) } else { ("STANDARD", 85_000) };
        let metadata = json!({ "tier": tier, "row": row, "window": window });
        json!({
            "seatNumber": format!("{row}{place}"), "row": row.to_string(), "category": tier,
            "price": price, "metadata": metadata
        })
    };
    let row =
        |row: u32| ('A'..=if row == 11 { 'E' } else { 'D' }).map(move |place| seat(row, place));
    (1..=11).flat_map(row).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_demo_tenants_have_the_promised_seats_each_number_once() {
        for (demo, count) in DEMOS.iter().zip([500, 45, 200]) {
            let seats = (demo.seats)();
            let numbers: BTreeSet<_> =
                seats.iter().map(|seat| seat["seatNumber"].as_str().unwrap()).collect();
            assert_eq!((seats.len(), numbers.len()), (count, count), "{}", demo.app_id);
            assert!(
                seats.iter().all(|seat| seat["price"].is_u64() && seat["category"].is_string())
            );
        }
    }
}
