//! A panic inside the booking flow is a 500. The process goes on, and repeating the
//! call finishes the work.

use futures_util::{StreamExt as _, stream};

use super::{
    BUDGET,
    booking_calls::{BookingCalls, Call},
    failpoints::AT_ONCE,
    fault_slot,
};
use crate::support::unique;

/// Where a process panics and goes on.
const PANICS: &[(&str, Call, &str)] = &[
    ("reserve", Call::Reserve, "reservations.claim:before"),
    ("reserve", Call::Reserve, "reservations.claim:after"),
    ("confirm", Call::Confirm, "payment.verify:after"),
    ("confirm", Call::Confirm, "seats.book:after"),
    ("confirm", Call::Confirm, "tx.commit:before"),
    ("confirm", Call::Confirm, "tx.commit:after"),
    ("confirm", Call::ConfirmLate, "bookings.insert:after"),
    ("release", Call::Release, "reservations.release:after"),
];

async fn panics(function: &str) {
    let _slot = fault_slot().await;
    let cases: Vec<_> = PANICS.iter().filter(|(of, ..)| *of == function).collect();
    let calls = BookingCalls::new(function, cases.len()).await;
    let played = cases.iter().enumerate().map(|(seat, (_, call, point))| {
        let calls = &calls;
        async move {
            let case = format!("{call:?}, panic at {point}");
            let process = calls.rigged(*call, &format!("{point}=1*panic"), &unique("panics")).await;
            let act = calls.set(*call, seat, false).await;
            process.call(&act.event, BUDGET).await.error(500, "INTERNAL");
            let first = act.checked(&calls.repeat(&process, &act.event, &case).await, &case);
            assert_eq!(
                act.checked(&calls.repeat(&process, &act.event, &case).await, &case),
                first,
                "{case}"
            );
            act.leaves(calls, &first, None, &case).await;
        }
    });
    stream::iter(played).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    calls.close(|call| cases.iter().filter(|(_, of, _)| *of == call).count()).await;
}

#[tokio::test]
async fn a_reserve_that_panics_is_a_500_and_right_when_repeated_in_the_same_process() {
    panics("reserve").await;
}

#[tokio::test]
async fn a_confirm_that_panics_is_a_500_and_right_when_repeated_in_the_same_process() {
    panics("confirm").await;
}

#[tokio::test]
async fn a_release_that_panics_is_a_500_and_right_when_repeated_in_the_same_process() {
    panics("release").await;
}
