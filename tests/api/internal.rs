//! An internal error shows the caller its code and never its cause.

use mongodb::bson::{Document, doc};

use crate::support::stacks;

/// Writes a document that the validator would refuse. No function can do this.
async fn corrupt(
    database: &mongodb::Database,
    booking: &str,
    amount: impl Into<mongodb::bson::Bson>,
) {
    let update = doc! {"q": {"bookingId": booking}, "u": {"$set": {"amount": amount.into()}}};
    let command =
        doc! {"update": "bookings", "updates": [update], "bypassDocumentValidation": true};
    let result: Document = database.run_command(command).await.unwrap();
    assert_eq!(result.get_i32("nModified").unwrap(), 1);
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_an_internal_error_without_details() {
    let tenant = stacks::usual().await.tenant().await;
    let (user, seat) = (tenant.user().await, tenant.seat().await);
    let booking = user.book(&[&seat]).await;
    let database = tenant.stack.database().await;
    corrupt(&database, &booking, "garbled-amount").await;
    for path in ["/bookings".to_owned(), format!("/bookings/{booking}")] {
        let reply = user.get(&path).await;
        let error = reply.error(500, "INTERNAL");
        assert!(
            !error.to_string().contains("garbled") && !error.to_string().contains("bson"),
            "{error}"
        );
    }
    corrupt(&database, &booking, 45_000_i64).await;
    assert_eq!(user.bookings().await.len(), 1);
}
