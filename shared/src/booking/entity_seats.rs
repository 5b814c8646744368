//! What organisers do with an entity's seats. After each change, cached pages and counts of the
//! seats are no longer used.

use super::BookingService;
use crate::{
    domain::{AppId, EntityId},
    error::{Code, Error, Result},
    store::entity_seats::{OrganiserSeat, SeatPageQuery},
};

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

    /// Runs `edit`, which makes, changes or removes seats of the entity.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`, and the errors of `edit`.
    pub async fn edit_seats<T, E: Into<Error>>(
        &self,
        app: &AppId,
        entity: &EntityId,
        edit: impl Future<Output = Result<T, E>>,
    ) -> Result<T> {
        self.store.entities.seats(app, entity).await?.ok_or(Code::EntityNotFound)?;
        let done = edit.await;
        // Also after a failure: some seats may have been changed.
        self.gate.seats_changed(app, entity).await;
        done.map_err(Into::into)
    }
}
