//! What the backend costs above the databases that it needs: `make bench`.
//!
//! | module | what it knows |
//! |---|---|
//! | [`options`] | what a run was asked for |
//! | [`world`] | the servers, the tenant, users and seats |
//! | [`baskets`], [`seat_pages`] | the holds and listings that requests are about |
//! | [`floor`] | the same steps by bare drivers |
//! | [`scenarios`] | what is measured, and the requests for it |
//! | [`window`], [`processes`], [`figures`] | a timed window: latencies, responses, CPU |
//! | [`run`] | rounds in which floor and functions take turns |
//! | [`startup`], [`growth`] | cold starts; the same steps with more data |
//! | [`venues`] | choosing among many seats; the seats of an arena |
//! | [`targets`], [`report`] | what is written in the end |

mod baskets;
mod figures;
mod floor;
mod growth;
mod options;
mod outcome;
mod processes;
mod report;
mod run;
mod scenarios;
mod seat_pages;
mod startup;
mod targets;
mod venues;
mod window;
mod world;

use options::Options;
use report::Report;

/// A line on standard output. `println!` would panic when the reader has gone
/// (`make bench | head`).
macro_rules! line {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}
pub(crate) use line;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::read()?;
    let mut report = Report::new(&options).await?;
    line!("{}", report::STEPS_HEAD);
    // Written after each part, so that an interrupted run leaves what it has.
    let steps = run::steps(&options, &mut report).await;
    report.write(&options)?;
    steps?;
    if options.wants("startup") {
        line!("startup …");
        report.startup = Some(startup::measure(&options).await?);
        report.write(&options)?;
    }
    if options.wants("venues") {
        line!("venues …");
        report.venues = Some(venues::measure(&options).await?);
        report.write(&options)?;
    }
    if options.wants("growth") {
        line!("growth …");
        let growth = growth::measure(&options, &mut report).await;
        report.write(&options)?;
        growth?;
    }
    if options.wants("growth of held seats") {
        let growth = growth::of_held_seats(&options, &mut report).await;
        report.write(&options)?;
        growth?;
    }
    report.print_targets();
    Ok(())
}
