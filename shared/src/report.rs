//! The response of `GET /admin/analytics`: figures per app and per line of business.

use crate::{
    domain::{AppId, Currency, Domain, EntityId},
    store::{
        apps::App,
        bookings::BookingStatus,
        reports::{BookingCount, ReservationCount},
        reservations::HoldStatus,
        seat_counts::{EntityCounts, SeatCounts},
    },
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

/// Figures of a period, per app and per line of business.
#[derive(Debug, Serialize, ToSchema)]
pub struct Report {
    /// The figures of each app, oldest app first.
    apps: Vec<AppReport>,
    /// The figures of each line of business that has an app.
    domains: Vec<DomainReport>,
    /// The figures of each entity; only with `appId`, with `entityId`, or for a secret key.
    #[serde(skip_serializing_if = "Option::is_none")]
    entities: Option<Vec<EntityReport>>,
}

/// The figures of one app.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AppReport {
    /// Public id of the tenant.
    app_id: AppId,
    /// The tenant's line of business.
    domain: Domain,
    #[serde(flatten)]
    figures: Figures,
}

/// The sum of the figures of all apps in one line of business.
#[derive(Debug, Serialize, ToSchema)]
struct DomainReport {
    /// The line of business.
    domain: Domain,
    #[serde(flatten)]
    figures: Figures,
}

/// The figures of one entity.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EntityReport {
    /// Public id of the tenant.
    app_id: AppId,
    /// Id of the entity.
    entity_id: EntityId,
    /// Its seats as they are now, whatever the period.
    seats: Occupancy,
    #[serde(flatten)]
    figures: Figures,
}

/// How many seats of an entity are taken now.
#[derive(Debug, Serialize, ToSchema)]
struct Occupancy {
    /// All seats except removed ones.
    total: i64,
    /// Seats that somebody holds.
    held: i64,
    /// Seats that are sold.
    booked: i64,
}

impl From<&SeatCounts> for Occupancy {
    fn from(counts: &SeatCounts) -> Self {
        Self { total: counts.total, held: counts.held, booked: counts.booked }
    }
}

/// The seats of entities, by app and entity.
pub type Seats = HashMap<AppId, HashMap<String, EntityCounts>>;

/// Counts and sums of a period.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Figures {
    /// Number of reservations by status.
    reservations: Reservations,
    /// Number of confirmed bookings.
    bookings: i64,
    /// What was paid for confirmed and cancelled bookings, less what was paid back, per currency.
    #[serde(serialize_with = "as_list")]
    #[schema(value_type = Vec<Revenue>)]
    revenue: BTreeMap<String, i128>,
    /// Number of declined payments.
    failed_payments: i64,
    /// Number of payments that were taken without a sale and must be refunded.
    refunds_due: i64,
    /// Share of reservations that were confirmed, 0–1; 0 if there are no reservations.
    #[schema(minimum = 0, maximum = 1)]
    conversion: f64,
}

/// Number of reservations by status.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
struct Reservations {
    /// Holds that are live now.
    active: i64,
    /// Holds whose seats were paid for and booked.
    confirmed: i64,
    /// Holds that the user released, or that ended because the payment was declined.
    released: i64,
    /// Holds that ended because the time was up.
    expired: i64,
}

/// Revenue in one currency.
#[derive(Serialize, ToSchema)]
struct Revenue<'a> {
    /// ISO 4217 currency code.
    #[schema(value_type = Currency)]
    currency: &'a str,
    /// Sum of the amounts, in the currency's minor unit.
    #[schema(value_type = i64)]
    amount: i128,
}

fn as_list<S: serde::Serializer>(
    revenue: &BTreeMap<String, i128>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer
        .collect_seq(revenue.iter().map(|(currency, amount)| Revenue { currency, amount: *amount }))
}

impl Report {
    /// The report on `apps`, made from their counts.
    pub fn new(
        apps: &[App],
        (reservations, bookings): (Vec<ReservationCount>, Vec<BookingCount>),
        seats: Option<&Seats>,
    ) -> Self {
        let entities = seats.map(|seats| by_entity(&reservations, &bookings, seats));
        let mut by_app: HashMap<AppId, Figures> = HashMap::new();
        for row in &reservations {
            by_app.entry(row.app_id.clone()).or_default().add_reservations(row);
        }
        for row in &bookings {
            by_app.entry(row.app_id.clone()).or_default().add_bookings(row);
        }
        let mut domains: BTreeMap<&str, DomainReport> = BTreeMap::new();
        let mut reports = Vec::with_capacity(apps.len());
        for app in apps {
            let figures = by_app.remove(&app.app_id).unwrap_or_default();
            domains
                .entry(app.domain.as_str())
                .or_insert_with(|| DomainReport { domain: app.domain, figures: Figures::default() })
                .figures
                .add(&figures);
            reports.push(AppReport {
                app_id: app.app_id.clone(),
                domain: app.domain,
                figures: figures.with_conversion(),
            });
        }
        let domains = domains.into_values();
        let domains = domains
            .map(|report| DomainReport { figures: report.figures.with_conversion(), ..report })
            .collect();
        Self { apps: reports, domains, entities }
    }
}

/// The figures of each entity that has seats, in the order of their ids.
fn by_entity(
    reservations: &[ReservationCount],
    bookings: &[BookingCount],
    seats: &Seats,
) -> Vec<EntityReport> {
    let mut figures: HashMap<(&AppId, &str), Figures> = HashMap::new();
    for row in reservations {
        if let Some(entity) = &row.entity_id {
            figures.entry((&row.app_id, entity.as_str())).or_default().add_reservations(row);
        }
    }
    for row in bookings {
        if let Some(entity) = &row.entity_id {
            figures.entry((&row.app_id, entity.as_str())).or_default().add_bookings(row);
        }
    }
    let of_app = |(app, entities): (&AppId, &HashMap<String, EntityCounts>)| {
        let report = |(id, counts): (&String, &EntityCounts)| {
            let figures = figures.get(&(app, id.as_str())).cloned().unwrap_or_default();
            Some(EntityReport {
                app_id: app.clone(),
                entity_id: EntityId::parse(id).ok()?,
                seats: Occupancy::from(&counts.all),
                figures: figures.with_conversion(),
            })
        };
        entities.iter().filter_map(report).collect::<Vec<_>>()
    };
    let mut reports: Vec<EntityReport> = seats.iter().flat_map(of_app).collect();
    reports.sort_by(|one, two| {
        let key = |report: &EntityReport| {
            (report.app_id.as_str().to_owned(), report.entity_id.as_str().to_owned())
        };
        key(one).cmp(&key(two))
    });
    reports
}

impl Figures {
    fn add_reservations(&mut self, row: &ReservationCount) {
        match row.status {
            Some(HoldStatus::Active) => self.reservations.active += row.count,
            // A booking that was cancelled later was a sale too.
            Some(HoldStatus::Confirmed | HoldStatus::Cancelled) => {
                self.reservations.confirmed += row.count
            }
            Some(HoldStatus::Released) => self.reservations.released += row.count,
            Some(HoldStatus::Expired) => self.reservations.expired += row.count,
            Some(HoldStatus::Unknown) | None => {}
        }
    }

    fn add_bookings(&mut self, row: &BookingCount) {
        match row.status {
            Some(BookingStatus::Confirmed) => {
                self.bookings += row.count;
                *self.revenue.entry(row.currency.clone()).or_default() += row.amount;
            }
            Some(BookingStatus::Failed) => self.failed_payments += row.count,
            Some(BookingStatus::RefundDue) => self.refunds_due += row.count,
            // Something may have been kept.
            Some(BookingStatus::Cancelled) => {
                *self.revenue.entry(row.currency.clone()).or_default() += row.amount;
            }
            None => {}
        }
    }

    fn add(&mut self, other: &Self) {
        let (mine, theirs) = (&mut self.reservations, &other.reservations);
        mine.active += theirs.active;
        mine.confirmed += theirs.confirmed;
        mine.released += theirs.released;
        mine.expired += theirs.expired;
        self.bookings += other.bookings;
        self.failed_payments += other.failed_payments;
        self.refunds_due += other.refunds_due;
        for (currency, amount) in &other.revenue {
            *self.revenue.entry(currency.clone()).or_default() += amount;
        }
    }

    /// Adds the share of reservations that were confirmed.
    fn with_conversion(mut self) -> Self {
        let all = &self.reservations;
        let total = all.active + all.confirmed + all.released + all.expired;
        self.conversion = if total == 0 { 0.0 } else { all.confirmed as f64 / total as f64 };
        self
    }
}
