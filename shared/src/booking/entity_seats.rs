//! What organisers do with an entity's seats: make them from a layout, change and remove them. Each
//! change is told to those who remember the entity's seats.

use super::BookingService;
use crate::{
    domain::{AppId, EntityId, LayoutId, Price, layout::CategoryKey},
    error::{Code, Result},
    store::{
        apps::App,
        entity_seats::{
            OrganiserSeat, SeatChange, SeatPageQuery, SeatSelection, SeatsChanged, SkippedSeat,
        },
        layout_seats::LayoutSeatsMade,
    },
};
use std::collections::HashMap;

impl BookingService {
    /// A page of an entity's seats, and the order key after which the next begins.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`.
    pub async fn organiser_seats(
        &self,
        app: &AppId,
        entity: &EntityId,
        query: SeatPageQuery,
    ) -> Result<(Vec<OrganiserSeat>, Option<String>)> {
        let known = self.store.entities.seats(app, entity).await?.ok_or(Code::EntityNotFound)?;
        let query = SeatPageQuery { incomplete: known.seats_incomplete, ..query };
        Ok(self.store.organiser_seats(app, entity, &query).await?)
    }

    /// Makes the seats of the entity's layout, as many as the time allows.
    ///
    /// # Errors
    /// Those of [`create_layout_seats`](crate::store::Store::create_layout_seats).
    pub async fn make_layout_seats(
        &self,
        app: &App,
        entity: &EntityId,
        layout: &LayoutId,
        prices: &HashMap<CategoryKey, Price>,
    ) -> Result<LayoutSeatsMade> {
        let made = self.store.create_layout_seats(app, entity, layout, prices).await;
        // Also after a failure: some seats may have been made.
        self.gate.seats_changed(&app.app_id, entity).await;
        made
    }

    /// Changes seats.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`.
    pub async fn change_seats(
        &self,
        app: &AppId,
        entity: &EntityId,
        selection: &SeatSelection,
        change: &SeatChange,
    ) -> Result<SeatsChanged> {
        self.store.entities.seats(app, entity).await?.ok_or(Code::EntityNotFound)?;
        let done = self.store.change_seats(app, entity, selection, change).await?;
        self.gate.seats_changed(app, entity).await;
        Ok(done)
    }

    /// Removes seats. Returns how many, and those that stay.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`.
    pub async fn remove_seats(
        &self,
        app: &AppId,
        entity: &EntityId,
        selection: &SeatSelection,
    ) -> Result<(u64, Vec<SkippedSeat>)> {
        self.store.entities.seats(app, entity).await?.ok_or(Code::EntityNotFound)?;
        let done = self.store.remove_seats(app, entity, selection).await?;
        self.gate.seats_changed(app, entity).await;
        Ok(done)
    }
}
