//! Fail points, for the tests that break a process from within: `<write>:before` and
//! `<write>:after` around each write of the booking flow, and flaws that the protocol must not
//! have, to show that a test would notice them.
//!
//! Only a process built with the feature `failpoints` has them, and only the variable `FAILPOINTS`
//! (read by the crate [`fail`](https://docs.rs/fail), in its syntax) wakes them. In every other
//! build nothing of this is left.

#[cfg(all(feature = "failpoints", not(debug_assertions)))]
compile_error!("fail points are for tests: a release build must not have the feature `failpoints`");

pub(crate) use points::{arm, around, flawed};

#[cfg(not(feature = "failpoints"))]
mod points {
    use std::future::IntoFuture;

    /// Nothing to wake.
    pub(crate) fn arm() {}

    /// The call itself. No `async fn`: its future would keep the name.
    #[inline(always)]
    pub(crate) fn around<F: IntoFuture>(_: &'static str, call: F) -> F::IntoFuture {
        call.into_future()
    }

    /// Never.
    pub(crate) const fn flawed(_: &'static str) -> bool {
        false
    }
}

#[cfg(feature = "failpoints")]
mod points {
    use fail::{FailScenario, fail_point};
    use rustix::process::{Signal, getpid, kill_process};
    use std::{future::IntoFuture, time::Duration};

    /// Wakes the fail points that `FAILPOINTS` names, for as long as the process lives.
    pub(crate) fn arm() {
        // Its drop would put them to sleep again.
        std::mem::forget(FailScenario::setup());
    }

    /// The call, between its two fail points. At each, `return(kill)` ends the process on the spot,
    /// `return(<ms>)` waits so many milliseconds, `panic` panics.
    pub(crate) async fn around<T>(write: &'static str, call: impl IntoFuture<Output = T>) -> T {
        strike(&format!("{write}:before")).await;
        let outcome = call.await;
        strike(&format!("{write}:after")).await;
        outcome
    }

    /// Whether this process has that flaw: `<flaw>=return`.
    pub(crate) fn flawed(flaw: &'static str) -> bool {
        reached(flaw).is_some()
    }

    async fn strike(point: &str) {
        match reached(point).flatten().as_deref() {
            None => {}
            Some("kill") => {
                eprintln!("killed at {point}");
                // No destructor runs, no connection is closed by us, and no core is dumped.
                let _ = kill_process(getpid(), Signal::KILL);
                std::future::pending().await
            }
            Some(ms) => match ms.parse() {
                Ok(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
                Err(_) => eprintln!("{point}: neither `kill` nor milliseconds: {ms}"),
            },
        }
    }

    /// What `FAILPOINTS` wants at that point: nothing, or to return, with an argument or without.
    fn reached(point: &str) -> Option<Option<String>> {
        fail_point!(point, Some);
        None
    }
}
