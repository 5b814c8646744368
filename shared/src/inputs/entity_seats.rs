//! Bodies and queries of `/admin/apps/{appId}/entities/{entityId}/seats`.

use crate::{
    domain::{
        Change, Cursor, LayoutId, Metadata, PageSize, Price, SeatCategory, SeatCursor, SeatFlags,
        SeatId, SeatNumber, SeatRow, SeatSection, layout::CategoryKey, not_null, read_objects,
    },
    error::{Error, Result},
    store::entity_seats::{SeatChange, SeatFilter, SeatPageQuery, SeatSelection},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use std::{collections::HashMap, fmt};
use utoipa::ToSchema;

/// The most seats that a request can name.
const MAX_NAMED: usize = 10_000;

/// The query of `GET /admin/apps/{appId}/entities/{entityId}/seats`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEntitySeatsIn {
    /// Only seats with this status.
    pub status: Option<SeatStatusIn>,
    /// Only seats of this section.
    pub section: Option<SeatSection>,
    /// Number of seats on a page, 1–1,000.
    #[serde(default)]
    #[schema(inline)]
    pub limit: PageSize<1000, 1000>,
    /// `nextCursor` of the previous page; omit it for the first page.
    pub cursor: Option<SeatCursor>,
}

impl ListEntitySeatsIn {
    /// Which seats the page has.
    pub fn page(self) -> SeatPageQuery {
        SeatPageQuery {
            state: self.status.map(SeatFilter::from),
            section: self.section,
            after: self.cursor.map(|Cursor(order)| order),
            limit: self.limit.get(),
            incomplete: false,
        }
    }
}

/// Which seats to list. `AVAILABLE`: those that can be reserved now. `LOCKED`: held ones. `BOOKED`:
/// sold ones. `NOT_FOR_SALE`: those that the organiser does not sell.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = SeatStatusFilter)]
pub enum SeatStatusIn {
    /// The seat can be reserved now.
    Available,
    /// A live hold has the seat.
    Locked,
    /// The seat is sold.
    Booked,
    /// The seat is not for sale.
    NotForSale,
}

impl From<SeatStatusIn> for SeatFilter {
    fn from(status: SeatStatusIn) -> Self {
        match status {
            SeatStatusIn::Available => Self::Available,
            SeatStatusIn::Locked => Self::Locked,
            SeatStatusIn::Booked => Self::Booked,
            SeatStatusIn::NotForSale => Self::NotForSale,
        }
    }
}

/// Which seats. Set exactly one of these fields.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
#[schema(min_properties = 1, max_properties = 1)]
pub struct WhereSeats {
    /// 1–10,000 ids of seats.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 10_000)]
    pub seat_ids: Option<Vec<SeatId>>,
    /// 1–10,000 seat numbers of the entity.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 10_000)]
    pub seat_numbers: Option<Vec<SeatNumber>>,
    /// All seats of a section.
    #[serde(default)]
    pub section: Option<SeatSection>,
    /// All seats of a category.
    #[serde(default)]
    pub category: Option<SeatCategory>,
}

read_objects!(WhereSeats, SetSeats);

impl WhereSeats {
    /// The seats that the one given field selects.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` unless exactly one field is there.
    pub fn selection(self) -> Result<SeatSelection> {
        let Self { seat_ids, seat_numbers, section, category } = self;
        Ok(match (seat_ids, seat_numbers, section, category) {
            (Some(ids), None, None, None) => {
                check_count("where.seatIds", ids.len())?;
                SeatSelection::Ids(ids)
            }
            (None, Some(numbers), None, None) => {
                check_count("where.seatNumbers", numbers.len())?;
                SeatSelection::Numbers(numbers)
            }
            (None, None, Some(section), None) => SeatSelection::Section(section.as_str().into()),
            (None, None, None, Some(category)) => SeatSelection::Category(category.as_str().into()),
            _ => {
                let reason = "must have exactly one of seatIds, seatNumbers, section and category";
                return Err(Error::field("where", reason));
            }
        })
    }
}

fn check_count(field: &str, count: usize) -> Result<()> {
    if (1..=MAX_NAMED).contains(&count) {
        return Ok(());
    }
    Err(Error::field(field, format!("must have 1 to {MAX_NAMED} seats")))
}

/// New values of seats, at least one. `null` clears an optional field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
#[schema(min_properties = 1)]
pub struct SetSeats {
    /// Price for later holds. Sold seats keep their price.
    #[serde(default, deserialize_with = "not_null")]
    pub price: Option<Price>,
    /// Key of the category.
    #[serde(default)]
    #[schema(value_type = Option<SeatCategory>)]
    pub category: Change<SeatCategory>,
    /// Key of the section.
    #[serde(default)]
    #[schema(value_type = Option<SeatSection>)]
    pub section: Change<SeatSection>,
    /// Label of the row.
    #[serde(default)]
    #[schema(value_type = Option<SeatRow>)]
    pub row: Change<SeatRow>,
    /// The new flags. They replace all flags of the seats.
    #[serde(default)]
    #[schema(value_type = Option<SeatFlags>)]
    pub flags: Change<SeatFlags>,
    /// The tenant's own data. It replaces the data of the seats.
    #[serde(default)]
    #[schema(value_type = Option<Metadata>)]
    pub metadata: Change<Metadata>,
    /// `false` takes seats off sale, `true` puts them on sale again.
    #[serde(default, deserialize_with = "not_null")]
    pub for_sale: Option<bool>,
}

impl SetSeats {
    /// The new values as a change of stored seats.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` without any field.
    pub fn change(self) -> Result<SeatChange> {
        let Self { price, category, section, row, flags, metadata, for_sale } = self;
        let is_empty = price.is_none()
            && category.is_keep()
            && section.is_keep()
            && row.is_keep()
            && flags.is_keep()
            && metadata.is_keep()
            && for_sale.is_none();
        if is_empty {
            return Err(Error::field("set", "must have at least one field"));
        }
        let mut change = SeatChange::default();
        if let Some(price) = price {
            change.price(price.minor_units());
        }
        let texts = [
            ("category", category.map(|text| text.as_str().to_owned())),
            ("section", section.map(|text| text.as_str().to_owned())),
            ("row", row.map(|text| text.as_str().to_owned())),
        ];
        for (name, text) in texts {
            if !text.is_keep() {
                change.text(name, text.apply(None).as_deref());
            }
        }
        if !flags.is_keep() {
            change.flags(flags.apply(None).unwrap_or_default().names());
        }
        if !metadata.is_keep() {
            change.metadata(&metadata.apply(None).unwrap_or_default())?;
        }
        if let Some(for_sale) = for_sale {
            change.for_sale(for_sale);
        }
        Ok(change)
    }
}

/// The body of `POST /admin/apps/{appId}/entities/{entityId}/seats`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateLayoutSeatsIn {
    /// Id of the layout. Its newest version is used.
    pub layout_id: LayoutId,
    /// A price for each category that has seats, by the category's key.
    #[serde(deserialize_with = "prices")]
    #[schema(value_type = HashMap<String, Price>)]
    pub prices: HashMap<CategoryKey, Price>,
}

/// Reads prices by category. Keys that differ as texts may be of the same category.
fn prices<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<HashMap<CategoryKey, Price>, D::Error> {
    struct Prices;

    impl<'de> Visitor<'de> for Prices {
        type Value = HashMap<CategoryKey, Price>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut prices = HashMap::new();
            while let Some((category, price)) = map.next_entry()? {
                if prices.insert(category, price).is_some() {
                    return Err(de::Error::custom("must name each category once"));
                }
            }
            Ok(prices)
        }
    }
    deserializer.deserialize_map(Prices)
}

/// The body of `PATCH /admin/apps/{appId}/entities/{entityId}/seats`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchSeatsIn {
    /// Which seats to change.
    pub r#where: WhereSeats,
    /// The values to set on these seats. Omitted fields stay as they are.
    pub set: SetSeats,
}

/// The body of `POST /admin/apps/{appId}/entities/{entityId}/seats/remove`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveSeatsIn {
    /// Which seats to remove.
    pub r#where: WhereSeats,
}
