//! MongoDB: whether it can be reached and written to, and whether the database is as `migrate`
//! makes it.

use std::time::Duration;

use shared::{
    config::Settings,
    store::{
        Store, StoreError,
        inspect::{Deployment, SchemaDifference},
    },
};

use super::report::Report;

const CHECK: &str = "mongodb";
const SHAPE: &str = "database";
/// What the tests run against.
const TESTED: &str = "6.0";
/// How far a majority may be behind the primary, which writes a mark of its own every ten seconds.
const LAG: Duration = Duration::from_secs(12);

/// By how many milliseconds its clock is ahead of this machine's, if it was reached.
pub async fn examine(report: &mut Report, settings: &Settings) -> Option<i64> {
    let store = match Store::new(settings).await {
        Ok(store) => store,
        Err(wrong) => {
            report.problem(CHECK, wrong, "mend the address; a mongodb+srv:// one needs DNS too");
            return None;
        }
    };
    let deployment = match store.deployment().await {
        Ok(deployment) => deployment,
        Err(wrong) => {
            report.problem(
                CHECK,
                format!("MONGODB_URI: no member can be asked ({wrong})"),
                "see that it runs, that its access list and the security groups let this machine in, and the password",
            );
            return None;
        }
    };
    servers(report, &deployment);
    writes(report, &store, &deployment).await;
    shape(report, store.differences().await);
    Some(deployment.clock_ahead_ms)
}

fn servers(report: &mut Report, deployment: &Deployment) {
    let Deployment { version, members, .. } = deployment;
    let major: u32 =
        version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default();
    match (major, &deployment.replica_set) {
        (..6, _) => report.problem(
            CHECK,
            format!("version {version} is too old"),
            "upgrade to 6.0 or later",
        ),
        (_, None) if deployment.sharded => report.warning(
            CHECK,
            format!("version {version}, a sharded cluster"),
            "use a replica set: the project was never tested behind mongos",
        ),
        (_, None) => report.problem(
            CHECK,
            format!("version {version} is no member of a replica set, and has no transactions"),
            "start it with --replSet and initiate the set",
        ),
        (_, Some(set)) => {
            let text = format!(
                "version {version} (tested with {TESTED}), replica set {set}, members that hold data: {}",
                members.len()
            );
            let here = |member: &String| {
                member.starts_with("127.0.0.1:") || member.starts_with("localhost:")
            };
            if members.len() < 3 && !members.iter().all(here) {
                report.warning(
                    CHECK,
                    text,
                    "have three or more, or the loss of one stops all sales",
                );
            } else {
                report.ok(CHECK, text);
            }
        }
    }
}

/// Whether a write would be acknowledged, as far as that can be told without one.
async fn writes(report: &mut Report, store: &Store, deployment: &Deployment) {
    const WRITES: &str = "writes";
    let mend =
        "look at the members' states (rs.status()): a majority of them has to run and to follow";
    match store.ping_primary(Duration::from_secs(5)).await {
        Err(wrong) => report.problem(WRITES, format!("there is no primary that answers ({wrong})"), mend),
        Ok(()) => match (deployment.majority_lag, deployment.majority_journals) {
            (Some(lag), _) if lag > LAG => {
                report.problem(WRITES, format!("a majority is {} s behind the primary", lag.as_secs()), mend);
            }
            (_, Some(false)) => report.problem(
                WRITES,
                "acknowledged by a majority's memory alone, so that a power cut may take bookings back",
                "set writeConcernMajorityJournalDefault to true in the set's configuration",
            ),
            (_, journals) => {
                let journals = journals.map_or("not told to this account", |_| "yes");
                report.ok(
                    WRITES,
                    format!("the primary answers; every write waits for a majority (its journals: {journals})"),
                );
            }
        },
    }
}

fn shape(report: &mut Report, differences: Result<Vec<SchemaDifference>, StoreError>) {
    let differences = match differences {
        Ok(differences) => differences,
        Err(wrong) => {
            let mend = "let the account read the database's collections and indexes (readWrite and dbAdmin do)";
            return report.problem(
                SHAPE,
                format!("its indexes and validators cannot be listed ({wrong})"),
                mend,
            );
        }
    };
    if differences.is_empty() {
        report.ok(SHAPE, "collections, validators and indexes are as migrate makes them");
    }
    for difference in differences {
        let mend = match (difference.migrate_fixes, difference.what.starts_with("index")) {
            (true, _) => {
                "run migrate: `make dev` does, and deployed it is the function of the output MigrateFunctionName"
            }
            (false, true) => {
                "with all writers stopped, drop it and run migrate: without a unique index seats are sold twice"
            }
            (false, false) => {
                r#"run collMod with validationLevel: "strict", validationAction: "error" on it"#
            }
        };
        report.problem(SHAPE, difference, mend);
    }
}
