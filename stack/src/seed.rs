//! The demo tenants, registered through the API like any tenant. What exists already stays.

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
    /// The prefix of its lines in `dev.env`.
    pub prefix: &'static str,
    pub domain: &'static str,
    pub app_id: &'static str,
    pub name: &'static str,
    /// Where a frontend of it would run on this machine.
    pub origin: &'static str,
    pub entity_id: &'static str,
    /// Its seating plan as JSON.
    pub layout: &'static str,
    pub shop: Shop,
    /// The price of each category of the plan, in paise.
    prices: &'static [(&'static str, u32)],
}

/// The texts and the accent color of a tenant's demo shop.
pub struct Shop {
    pub name: &'static str,
    pub tagline: &'static str,
    pub accent: &'static str,
    pub title: &'static str,
    pub venue: &'static str,
}

/// The layout's id in each tenant.
const LAYOUT: &str = "venue";

/// Those that exist: all, or those before the arena with its 20,000 seats.
pub fn demos(with_arena: bool) -> &'static [Demo] {
    let usual = DEMOS.len() - 1;
    DEMOS.get(..if with_arena { DEMOS.len() } else { usual }).unwrap_or_default()
}

const DEMOS: &[Demo] = &[
    Demo {
        prefix: "EVENT",
        domain: "EVENT",
        app_id: "demo-event",
        name: "Demo event hall",
        origin: "http://localhost:5173",
        entity_id: "concert-2026",
        layout: include_str!("../layouts/hall.json"),
        shop: Shop {
            name: "City Hall",
            tagline: "Concerts, readings and late nights under one old roof.",
            accent: "#0b5f53",
            title: "Winter Concert",
            venue: "Great Hall",
        },
        prices: &[
            ("premium", 450_000),
            ("standard", 250_000),
            ("saver", 120_000),
            ("balcony", 160_000),
        ],
    },
    Demo {
        prefix: "BUS",
        domain: "BUS",
        app_id: "demo-bus",
        name: "Demo bus line",
        origin: "http://localhost:5174",
        entity_id: "bus-blr-maa-2130",
        layout: include_str!("../layouts/bus.json"),
        shop: Shop {
            name: "Southern Lines",
            tagline: "Overnight coaches between the cities of the south.",
            accent: "#b4470f",
            title: "Bengaluru to Chennai, 21:30",
            venue: "Majestic, platform 4",
        },
        prices: &[("front", 110_000), ("standard", 85_000)],
    },
    Demo {
        prefix: "MOVIE",
        domain: "MOVIE",
        app_id: "demo-movie",
        name: "Demo cinema",
        origin: "http://localhost:5175",
        entity_id: "screen-1-1900",
        layout: include_str!("../layouts/cinema.json"),
        shop: Shop {
            name: "The Regal",
            tagline: "One screen, ten rows, no bad seat.",
            accent: "#3b3f8f",
            title: "The Long Monsoon, 19:00",
            venue: "Screen 1",
        },
        prices: &[("front", 18_000), ("standard", 25_000), ("couple", 45_000)],
    },
    Demo {
        prefix: "ARENA",
        domain: "EVENT",
        app_id: "demo-arena",
        name: "Demo arena",
        origin: "http://localhost:5176",
        entity_id: "arena-tour-2026",
        layout: include_str!("../layouts/arena.json"),
        shop: Shop {
            name: "The Arena",
            tagline: "Twenty thousand seats around one stage.",
            accent: "#8a1c4a",
            title: "World Tour",
            venue: "The Arena",
        },
        prices: &[
            ("floor", 900_000),
            ("lower", 600_000),
            ("upper", 300_000),
            ("restricted", 200_000),
        ],
    },
];

/// The part of a tenant that is saved for the next start.
#[derive(Clone, Default, Serialize, Deserialize)]
struct SavedTenant {
    api_key: String,
    /// It has its entity, with the seats of its layout. Files of earlier versions lack this.
    #[serde(default)]
    planned: bool,
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
    for demo in demos(settings.demo_arena) {
        let known = saved.get(demo.prefix).cloned().unwrap_or_default();
        let works = !known.api_key.is_empty() && key_works(http, demo, &known.api_key).await?;
        if !(works && known.planned) {
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
            let mut tenant = SavedTenant { api_key, planned: false };
            saved.insert(demo.prefix.to_owned(), tenant.clone());
            local.save(FILE, &saved)?;
            entity(http, demo, &admin).await?;
            layout(http, demo, &admin).await?;
            tenant.planned = seats(http, demo, &admin).await?;
            saved.insert(demo.prefix.to_owned(), tenant);
            local.save(FILE, &saved)?;
        }
        keys.insert(demo.prefix, saved[demo.prefix].api_key.clone());
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
        "{}: the database has this tenant, and its API key is not among this stack's files. It \
         gets a new key; the earlier one works for 24 hours more. For tenants of your own, set \
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

/// Stores the layout, unless there is one.
async fn layout(http: &Http, demo: &Demo, admin: &[(&str, &str)]) -> anyhow::Result<()> {
    let path = format!("/admin/apps/{}/layouts/{LAYOUT}", demo.app_id);
    let known = http.send(Method::GET, &path, admin, None).await?;
    if known.code() != "LAYOUT_NOT_FOUND" {
        return Ok(());
    }
    let plan: Value = serde_json::from_str(demo.layout).context("the layout")?;
    http.send(Method::PUT, &path, admin, Some(&plan)).await?.data("PUT a layout", 201)?;
    Ok(())
}

/// Makes the seats of the layout. `false` if the entity has seats of an earlier version.
async fn seats(http: &Http, demo: &Demo, admin: &[(&str, &str)]) -> anyhow::Result<bool> {
    let path = format!("/admin/apps/{}/entities/{}/seats", demo.app_id, demo.entity_id);
    let prices: BTreeMap<_, _> = demo.prices.iter().copied().collect();
    let body = json!({ "layoutId": LAYOUT, "prices": prices });
    loop {
        let reply = http.send(Method::POST, &path, admin, Some(&body)).await?;
        match reply.status {
            200 | 201 => return Ok(true),
            // The time of one call ran out.
            202 => {}
            _ if reply.code() == "SEAT_ALREADY_EXISTS" => break,
            _ => _ = reply.data("POST …/seats", 201)?,
        }
    }
    say::line!(
        "{}: an earlier version made its seats, and they do not match its seating plan. `make \
         clean-data` deletes them.",
        demo.app_id
    );
    Ok(false)
}

fn text(data: &Value, field: &str) -> anyhow::Result<String> {
    Ok(data[field].as_str().with_context(|| format!("the response has no {field}"))?.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shared::domain::layout::Layout;

    use super::*;

    #[test]
    fn the_demo_tenants_have_a_price_for_each_category_of_their_plan() {
        for (demo, count) in DEMOS.iter().zip([500, 45, 200, 20_000]) {
            let layout = Layout::new(serde_json::from_str(demo.layout).unwrap()).unwrap();
            assert_eq!(layout.len(), count, "{}", demo.app_id);
            let used: BTreeSet<_> = layout.used_categories().collect();
            let priced: BTreeSet<_> = demo.prices.iter().map(|(category, _)| *category).collect();
            assert_eq!(used, priced, "{}", demo.app_id);
        }
        assert!(demos(false).iter().all(|demo| demo.app_id != "demo-arena"));
    }
}
