//! Fail points, for tests that break a process from within.
//!
//! Each write of the booking flow has the points `<write>:before` and `<write>:after`. Others
//! switch on flaws that the protocol must not have, to show that a test would notice them.
//!
//! Only a build with the feature `failpoints` has them. They are switched on by the variable
//! `FAILPOINTS`, in the syntax of the crate [`fail`](https://docs.rs/fail). Every other build
//! contains no trace of them.

#[cfg(all(feature = "failpoints", not(debug_assertions)))]
compile_error!("fail points are for tests: a release build must not have the feature `failpoints`");

pub(crate) use points::{arm, around, flawed};

#[cfg(not(feature = "failpoints"))]
mod points {
    use std::future::IntoFuture;

    /// Does nothing in a build without fail points.
    pub(crate) fn arm() {}

    /// The call itself. No `async fn`, because its future would hold the name.
    #[inline(always)]
    pub(crate) fn around<F: IntoFuture>(_: &'static str, call: F) -> F::IntoFuture {
        call.into_future()
    }

    /// No flaw without fail points.
    pub(crate) const fn flawed(_: &'static str) -> bool {
        false
    }
}

#[cfg(feature = "failpoints")]
mod points {
    use fail::{FailScenario, fail_point};
    use rustix::process::{Signal, getpid, kill_process};
    use std::{future::IntoFuture, time::Duration};

    /// Switches on the fail points that `FAILPOINTS` names, until the process ends.
    pub(crate) fn arm() {
        // Dropping it would switch them off.
        std::mem::forget(FailScenario::setup());
    }

    /// Runs the call between its two fail points. At each, `return(kill)` kills the process,
    /// `return(<ms>)` waits so many milliseconds, and `panic` panics.
    pub(crate) async fn around<T>(write: &'static str, call: impl IntoFuture<Output = T>) -> T {
        run_fail_point(&format!("{write}:before")).await;
        let outcome = call.await;
        run_fail_point(&format!("{write}:after")).await;
        outcome
    }

    /// Whether the flaw is switched on: `<flaw>=return`.
    pub(crate) fn flawed(flaw: &'static str) -> bool {
        reached(flaw).is_some()
    }

    async fn run_fail_point(point: &str) {
        match reached(point).flatten().as_deref() {
            None => {}
            Some("kill") => {
                eprintln!("killed at {point}");
                // SIGKILL: no destructor runs, no connection is closed, no core is dumped.
                let _ = kill_process(getpid(), Signal::KILL);
                std::future::pending().await
            }
            Some(ms) => match ms.parse() {
                Ok(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
                Err(_) => eprintln!("{point}: neither `kill` nor milliseconds: {ms}"),
            },
        }
    }

    /// What `FAILPOINTS` sets for a point: nothing, or `return` with or without an argument.
    fn reached(point: &str) -> Option<Option<String>> {
        fail_point!(point, Some);
        None
    }
}
