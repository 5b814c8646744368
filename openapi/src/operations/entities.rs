//! Organisers' operations on what they sell: entities, layouts and seats.

use super::{File, RequestInput, Row, shape, success};
use crate::examples;
use shared::{
    domain::layout::LayoutDocument,
    error::Code,
    inputs::{
        CancelEntityIn, CreateLayoutSeatsIn, CreateSeatsIn, GetLayoutIn, ImportLayoutIn,
        ListEntitySeatsIn, ListEntitySettingsIn, ListLayoutsIn, PatchEntityIn, PatchSeatsIn,
        PutEntityIn, RemoveSeatsIn,
    },
    views::{
        ChangedSeats, CreatedLayoutSeats, CreatedSeats, DeletedEntity, EntitySeatPage,
        EntitySettingsPage, EntitySettingsView, LayoutPage, LayoutVersionView, LayoutView,
        NewFeedKey, RemovedSeats,
    },
};

/// The operations on entities, layouts and seats.
pub(super) const ALL: &[Row] = &[
    Row {
        operation: "list-entity-settings",
        description: "Entities are sorted by `startsAt`; entities without a date come last. \
             Entities that exist only through their seats are not listed.",
        input: RequestInput::Query(shape::<ListEntitySettingsIn>(), examples::page_query),
        success: success::<EntitySettingsPage>(
            &[(200, "A page of entities")],
            examples::entity_settings_page,
        ),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "get-entity-settings",
        description: "Send the response's `etag` as `If-Match` to change only this version.",
        input: RequestInput::Nothing,
        success: success::<EntitySettingsView>(&[(200, "The entity")], examples::entity_settings),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "put-entity",
        description: "Omitted fields are cleared, except `state` and `currency`. `If-Match: \
             \"<version>\"` replaces only that version. `If-Match: *` replaces only an entity \
             that exists.",
        input: RequestInput::Body(shape::<PutEntityIn>(), examples::put_entity),
        success: success::<EntitySettingsView>(
            &[(201, "Created"), (200, "Replaced")],
            examples::entity_settings,
        ),
        codes: &[Code::AppNotFound, Code::PreconditionFailed],
    },
    Row {
        operation: "patch-entity",
        description: "Omitted fields stay as they are; `null` clears an optional field. A change \
             of `state` takes effect at once. `If-Match` works as with PUT.",
        input: RequestInput::Body(shape::<PatchEntityIn>(), examples::patch_entity),
        success: success::<EntitySettingsView>(&[(200, "Changed")], examples::entity_settings),
        codes: &[Code::AppNotFound, Code::EntityNotFound, Code::PreconditionFailed],
    },
    Row {
        operation: "delete-entity",
        description: "Deletes the settings and the seats. If a seat was ever held, the response is \
             409.",
        input: RequestInput::Nothing,
        success: success::<DeletedEntity>(&[(200, "Deleted")], examples::deleted_entity),
        codes: &[
            Code::AppNotFound,
            Code::EntityNotFound,
            Code::EntityInUse,
            Code::PreconditionFailed,
        ],
    },
    Row {
        operation: "rotate-feed-key",
        description: "Replaces the key of the entity's public seat feed. The old key stops \
             working, but caches may keep its list of seats.",
        input: RequestInput::Nothing,
        success: success::<NewFeedKey>(&[(200, "Replaced")], examples::new_feed_key),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "cancel-entity",
        description: "The entity is CANCELLED at once: seats can no longer be held, and holds can \
             no longer be confirmed. Within a minute a worker ends the holds, and cancels and \
             refunds every booking, without a fee; `cancelling` shows its progress. Payments that \
             were under way are refunded in full. Repeating the call is safe, and starts the \
             worker again.",
        input: RequestInput::Body(shape::<CancelEntityIn>(), examples::cancel_entity),
        success: success::<EntitySettingsView>(
            &[(202, "The entity is cancelled, and its bookings will be")],
            examples::cancelled_entity,
        ),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "list-layouts",
        description: "Layouts in the order of their ids, each with its newest version and without \
             its plan.",
        input: RequestInput::Query(shape::<ListLayoutsIn>(), examples::page_query),
        success: success::<LayoutPage>(&[(200, "A page of layouts")], examples::layout_page),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "get-layout",
        description: "Returns the version that `version` names, by default the newest. Send \
             `accept-encoding: gzip`. A plan that is too long without gzip is compressed in any \
             case.",
        input: RequestInput::Query(shape::<GetLayoutIn>(), examples::layout_query),
        success: success::<LayoutView>(&[(200, "The layout")], examples::layout),
        codes: &[Code::AppNotFound, Code::LayoutNotFound],
    },
    Row {
        operation: "put-layout",
        description: "Stores a new version. Versions do not change, and entities that have seats \
             keep theirs. The body may have 2 MiB.",
        input: RequestInput::Body(shape::<LayoutDocument>(), examples::put_layout),
        success: success::<LayoutVersionView>(
            &[(201, "The first version is stored"), (200, "A new version is stored")],
            examples::layout_version,
        ),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "import-layout",
        description: "Stores a new version, as PUT does. If a part cannot be read, the error names \
             it, and nothing is stored. The body may have 4 MiB. A spreadsheet has the columns \
             `section`, `row`, `number`, `x`, `y`, `category` and `flags`; docs/VENUES.md \
             describes them.",
        input: RequestInput::File(
            shape::<ImportLayoutIn>(),
            examples::import_query,
            File {
                json_description: "A seating plan of pretix.",
                json: examples::pretix_plan,
                text: ("text/csv", "A spreadsheet in UTF-8 or windows-1252."),
                text_example: examples::spreadsheet,
            },
        ),
        success: success::<LayoutVersionView>(
            &[(201, "The first version is stored"), (200, "A new version is stored")],
            examples::layout_version,
        ),
        codes: &[Code::AppNotFound],
    },
    Row {
        operation: "list-entity-seats",
        description: "Seats in the natural order of their numbers. A sold seat has `bookingId`, \
             and a held seat has `expiresAt`.",
        input: RequestInput::Query(shape::<ListEntitySeatsIn>(), examples::page_query),
        success: success::<EntitySeatPage<'static>>(
            &[(200, "A page of seats")],
            examples::entity_seats,
        ),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "create-layout-seats",
        description: "Makes all seats of the entity from the newest version of the layout, each \
             with the price of its category. If the time runs out, the response is 202. Repeat the \
             same call until the response is 201; until then nobody can hold the entity's seats. \
             Once all seats exist, a repeated call returns 200. If the seats were made from \
             another layout or version, the response is 409.",
        input: RequestInput::Body(shape::<CreateLayoutSeatsIn>(), examples::create_layout_seats),
        success: success::<CreatedLayoutSeats>(
            &[
                (201, "All seats exist now"),
                (200, "The seats exist"),
                (202, "Some seats are missing: repeat the call"),
            ],
            examples::created_layout_seats,
        ),
        codes: &[
            Code::AppNotFound,
            Code::EntityNotFound,
            Code::LayoutNotFound,
            Code::SeatAlreadyExists,
        ],
    },
    Row {
        operation: "patch-seats",
        description: "A sold seat keeps its price. For a held seat, the new price applies to later \
             holds. With `forSale: false` nobody can hold the seats; a live hold can still be \
             confirmed. `null` clears an optional field. A repeated call changes nothing more.",
        input: RequestInput::Body(shape::<PatchSeatsIn>(), examples::patch_seats),
        success: success::<ChangedSeats>(&[(200, "Changed")], examples::changed_seats),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "remove-seats",
        description: "Removes the seats that are neither sold nor held. A repeated call removes \
             nothing more.",
        input: RequestInput::Body(shape::<RemoveSeatsIn>(), examples::remove_seats),
        success: success::<RemovedSeats>(&[(200, "Removed")], examples::removed_seats),
        codes: &[Code::AppNotFound, Code::EntityNotFound],
    },
    Row {
        operation: "create-seats",
        description: "Creates 1 to 1,000 seats, all or none. An entity has one currency. If one of \
             the seats exists, the response is 409 and nothing is created.",
        input: RequestInput::Body(shape::<CreateSeatsIn>(), examples::create_seats),
        success: success::<CreatedSeats>(&[(201, "Created")], examples::created_seats),
        codes: &[Code::AppNotFound, Code::SeatAlreadyExists],
    },
];
