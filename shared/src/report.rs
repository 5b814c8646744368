//! Analytics: counts per app and per line of business, as the contract shows them.

use crate::{
    domain::{AppId, Currency, Domain},
    store::{
        apps::App,
        reports::{BookingCount, ReservationCount},
    },
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The whole report.
#[derive(Debug, Serialize, ToSchema)]
pub struct Report {
    apps: Vec<AppReport>,
    domains: Vec<DomainReport>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AppReport {
    app_id: AppId,
    domain: Domain,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Serialize, ToSchema)]
struct DomainReport {
    domain: Domain,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Figures {
    reservations: Reservations,
    bookings: i64,
    #[serde(serialize_with = "as_list")]
    #[schema(value_type = Vec<Revenue>)]
    revenue: BTreeMap<String, i64>,
    failed_payments: i64,
    refunds_due: i64,
    /// Confirmed of all reservations; 0 when there are none.
    #[schema(minimum = 0, maximum = 1)]
    conversion: f64,
}

#[derive(Clone, Debug, Default, Serialize, ToSchema)]
struct Reservations {
    active: i64,
    confirmed: i64,
    released: i64,
    expired: i64,
}

#[derive(Serialize, ToSchema)]
struct Revenue<'a> {
    #[schema(value_type = Currency)]
    currency: &'a str,
    amount: i64,
}

fn as_list<S: serde::Serializer>(
    revenue: &BTreeMap<String, i64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer
        .collect_seq(revenue.iter().map(|(currency, amount)| Revenue { currency, amount: *amount }))
}

impl Report {
    /// The report on `apps` from their counts.
    pub fn new(
        apps: &[App],
        (reservations, bookings): (Vec<ReservationCount>, Vec<BookingCount>),
    ) -> Self {
        let mut domains: BTreeMap<&str, DomainReport> = BTreeMap::new();
        let mut reports = Vec::with_capacity(apps.len());
        for app in apps {
            let mut figures = Figures::default();
            reservations
                .iter()
                .filter(|row| row.app_id == app.app_id)
                .for_each(|row| figures.reservations(row));
            bookings
                .iter()
                .filter(|row| row.app_id == app.app_id)
                .for_each(|row| figures.bookings(row));
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
        Self { apps: reports, domains }
    }
}

impl Figures {
    fn reservations(&mut self, row: &ReservationCount) {
        match row.status.as_str() {
            "ACTIVE" => self.reservations.active += row.count,
            "CONFIRMED" => self.reservations.confirmed += row.count,
            "RELEASED" => self.reservations.released += row.count,
            _ => self.reservations.expired += row.count,
        }
    }

    fn bookings(&mut self, row: &BookingCount) {
        match row.status.as_str() {
            "CONFIRMED" => {
                self.bookings += row.count;
                *self.revenue.entry(row.currency.clone()).or_default() += row.amount;
            }
            "FAILED" => self.failed_payments += row.count,
            "REFUND_DUE" => self.refunds_due += row.count,
            _ => {}
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

    /// The same figures with the share of reservations that were confirmed.
    fn with_conversion(mut self) -> Self {
        let all = &self.reservations;
        let total = all.active + all.confirmed + all.released + all.expired;
        self.conversion = if total == 0 { 0.0 } else { all.confirmed as f64 / total as f64 };
        self
    }
}
