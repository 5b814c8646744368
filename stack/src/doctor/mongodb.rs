//! MongoDB: whether it responds and accepts writes, and whether the database is
//! as `migrate` creates it.

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
/// The version that the tests run with.
const TESTED: &str = "6.0";
/// How far a majority may be behind the primary. An idle primary writes every ten seconds.
const MAX_MAJORITY_LAG: Duration = Duration::from_secs(12);

/// Returns by how many milliseconds its clock is ahead of this machine's, if it responds.
pub async fn examine(report: &mut Report, settings: &Settings) -> Option<i64> {
    let store = match Store::new(settings).await {
        Ok(store) => store,
        Err(wrong) => {
            report.problem(
                CHECK,
                wrong,
                "correct the address; a mongodb+srv:// address needs DNS too",
            );
            return None;
        }
    };
    let deployment = match store.deployment().await {
        Ok(deployment) => deployment,
        Err(wrong) => {
            report.problem(
                CHECK,
                format!("MONGODB_URI: no member answers ({wrong})"),
                "check that it runs, that its access list and the security groups let this \
                machine in, and the password",
            );
            return None;
        }
    };
    servers(report, &deployment);
    transactions(report, &deployment);
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
            "use a replica set: the project is not tested behind mongos",
        ),
        (_, None) => report.problem(
            CHECK,
            format!(
                "version {version} is not a member of a replica set, so it has no transactions"
            ),
            "start it with --replSet and initiate the set",
        ),
        (_, Some(set)) => {
            let text = format!(
                "version {version} (tested with {TESTED}), replica set {set}, members that hold \
                data: {}",
                members.len()
            );
            let here = |member: &String| {
                member.starts_with("127.0.0.1:") || member.starts_with("localhost:")
            };
            if members.len() < 3 && !members.iter().all(here) {
                report.warning(
                    CHECK,
                    text,
                    "use three or more members: with fewer, the loss of one stops all sales",
                );
            } else {
                report.ok(CHECK, text);
            }
        }
    }
}

/// Any limit works, so this is for information.
fn transactions(report: &mut Report, deployment: &Deployment) {
    if let Some(seconds) = deployment.transaction_lifetime_seconds {
        let text = format!(
            "a transaction that nobody ends lives for {seconds} s (transactionLifetimeLimitSeconds)"
        );
        report.ok(CHECK, text);
    }
}

/// Whether a write would be acknowledged, as far as it can be known without a write.
async fn writes(report: &mut Report, store: &Store, deployment: &Deployment) {
    const WRITES: &str = "writes";
    let fix = "look at the members' states (rs.status()): a majority of them must run and follow \
        the primary";
    match store.ping_primary(Duration::from_secs(5)).await {
        Err(wrong) => report.problem(WRITES, format!("no primary answers ({wrong})"), fix),
        Ok(()) => match (deployment.majority_lag, deployment.majority_journals) {
            (Some(lag), _) if lag > MAX_MAJORITY_LAG => {
                report.problem(
                    WRITES,
                    format!("a majority is {} s behind the primary", lag.as_secs()),
                    fix,
                );
            }
            (_, Some(false)) => report.problem(
                WRITES,
                "acknowledged by a majority's memory alone, so a power cut can lose bookings",
                "set writeConcernMajorityJournalDefault to true in the set's configuration",
            ),
            (_, journals) => {
                let journals = journals.map_or("unknown to this account", |_| "yes");
                report.ok(
                    WRITES,
                    format!(
                        "the primary answers; every write waits for a majority (its journals: \
                        {journals})"
                    ),
                );
            }
        },
    }
}

fn shape(report: &mut Report, differences: Result<Vec<SchemaDifference>, StoreError>) {
    let differences = match differences {
        Ok(differences) => differences,
        Err(wrong) => {
            let fix = "let the account read the database's collections and indexes (roles \
                readWrite and dbAdmin)";
            return report.problem(
                SHAPE,
                format!("its indexes and validators cannot be listed ({wrong})"),
                fix,
            );
        }
    };
    if differences.is_empty() {
        report.ok(SHAPE, "collections, validators and indexes are as migrate makes them");
    }
    for difference in differences {
        let fix = match (difference.migrate_fixes, difference.what.starts_with("index")) {
            (true, _) => {
                "run migrate: `make dev` does; in AWS, invoke the function of the output \
                MigrateFunctionName"
            }
            (false, true) => {
                "stop all writers, drop it and run migrate: without a unique index seats are sold \
                twice"
            }
            (false, false) => r#"run collMod with validationAction: "error" on it"#,
        };
        report.problem(SHAPE, difference, fix);
    }
}
