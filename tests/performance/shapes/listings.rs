//! The pages of bookings and of refunds. Any filters may come together, so their queries are made
//! here, one for each choice.

use super::{
    OF_APP,
    Rule::{self, Cursor, Exact, One, Rare},
};

/// The indexes that may serve a page of bookings, newest first. The best one depends on the values.
pub const PAGES: &[&str] = &[
    "{ bookingDate: -1, _id: -1, status: 1, paymentStatus: 1 }",
    OF_APP,
    "{ userId: 1, bookingDate: -1, _id: -1, appId: 1, status: 1, paymentStatus: 1 }",
    "{ status: 1, bookingDate: -1, _id: -1, appId: 1, userId: 1, paymentStatus: 1 }",
    "{ paymentStatus: 1, bookingDate: -1, _id: -1, appId: 1, userId: 1, status: 1 }",
];

/// The filters of the user's and the admin's lists: any of four fields, for the first page
/// or a later one.
pub fn pages() -> Vec<(String, &'static [&'static str], Rule)> {
    let mut lines = Vec::new();
    for chosen in 0..16 {
        let named = |bit: usize, name: &'static str| (chosen & bit != 0).then_some(name);
        let page = |later: Option<&'static str>| {
            let fields = [
                later,
                named(1, "appId"),
                Some("bookingDate range"),
                named(2, "paymentStatus"),
                named(4, "status"),
                named(8, "userId"),
            ];
            let fields: Vec<_> = fields.into_iter().flatten().collect();
            format!("bookings find {{{}}} sort bookingDate, _id", fields.join(", "))
        };
        lines.push((page(None), PAGES, Exact));
        lines.push((page(Some("(bookingDate range or _id range)")), PAGES, Cursor));
    }
    lines
}

/// What an organiser looks for among the bookings of one app or of all. Only the index of the
/// booking's id helps: every sale would pay for another one.
pub fn looked_up() -> Vec<(String, &'static [&'static str], Rule)> {
    let mut lines = Vec::new();
    for app in ["", "appId, "] {
        let page = |more: &str| format!("bookings find {{{more}}} sort bookingDate, _id");
        let booking: &[&str] = &["{ bookingId: 1 }"];
        lines.push((page(&format!("{app}bookingDate range, bookingId")), booking, One));
        let seats = "(seatIds $in or seats.seatId $in), ";
        let fields = [("", ", paymentId"), ("", ", entityId"), (seats, ""), (seats, ", entityId")];
        for (seats, field) in fields {
            lines.push((page(&format!("{seats}{app}bookingDate range{field}")), PAGES, Rare));
        }
        let later = format!("(bookingDate range or _id range), {app}bookingDate range, entityId");
        lines.push((page(&later), PAGES, Rare));
    }
    lines
}

/// The indexes that may serve a page of refunds, newest first.
pub const REFUND_PAGES: &[&str] = &[
    "{ createdAt: -1, _id: -1, status: 1 }",
    "{ appId: 1, createdAt: -1, _id: -1, status: 1 }",
    "{ status: 1, createdAt: -1, _id: -1, appId: 1 }",
];

/// The filters of the list of refunds: any of two fields, for the first page or a later one.
pub fn refund_pages() -> Vec<(String, &'static [&'static str], Rule)> {
    let mut lines = Vec::new();
    for (app, status) in [("", ""), ("appId, ", ""), ("", ", status"), ("appId, ", ", status")] {
        let page = |later: &str| {
            format!("refunds find {{{later}{app}createdAt range{status}}} sort createdAt, _id")
        };
        lines.push((page(""), REFUND_PAGES, Exact));
        lines.push((page("(createdAt range or _id range), "), REFUND_PAGES, Cursor));
    }
    lines
}
