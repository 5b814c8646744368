//! `stack doctor`: finds what is wrong with a deployment or with the local stack, and says how to
//! fix it. It changes nothing, and no line of its output holds a secret.

mod health;
mod mongodb;
mod redis;
mod report;

use std::{fs, os::unix::process::CommandExt, path::Path, process::Command};

use anyhow::{Context, anyhow};
use shared::{
    auth::credentials::Credentials,
    config::Settings,
    domain::OriginEntry,
    env::{Env, ProcessEnv, SettingError},
    secrets::LoadedSecrets,
};
use stack::{envfile, setting_names};

use crate::{
    local::{Local, Lock},
    say,
};
pub use redis::is_full;
use report::Report;

/// The argument that means: take the environment as it is.
const ENVIRONMENT: &str = "-";

/// Checks the deployment that the environment describes, with the settings of the file `from` over
/// it; without either, the local stack. Returns whether there is no problem.
pub async fn run(from: Option<&str>) -> anyhow::Result<bool> {
    let described =
        ["MONGODB_URI", "SECRET_ID"].into_iter().any(|name| ProcessEnv.get(name).is_some());
    match from {
        Some(ENVIRONMENT) => {}
        Some(file) => return Err(with_file(Path::new(file))),
        None if described => {}
        None => {
            let local = Local::unopened();
            if !Lock::is_held(&local) || !local.dev_env().is_file() {
                say::line!(
                    "The local stack does not run, or is not ready: start it with `make dev`."
                );
            }
            return Err(with_file(&local.functions_env()));
        }
    }
    let mut report = Report::default();
    examine(&mut report).await;
    Ok(report.end())
}

/// Starts this program again, with the variables of a file over its own. So the settings are read
/// as functions read them, by the AWS SDK too. Returns only if that fails.
fn with_file(file: &Path) -> anyhow::Error {
    let again = || -> anyhow::Result<anyhow::Error> {
        let text = fs::read_to_string(file).with_context(|| {
            format!(
                "{} cannot be read; start `make dev` once, or set MONGODB_URI and the other \
                settings",
                file.display()
            )
        })?;
        let lines = text.lines().map(|line| line.strip_prefix("export ").unwrap_or(line));
        let lines: Vec<_> =
            lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect();
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["doctor", ENVIRONMENT]).envs(envfile::read(&lines.join("\n")));
        // The local stack's address is in a file beside it.
        if ProcessEnv.get("BASE_URL").is_none()
            && let Ok(offered) = fs::read_to_string(file.with_file_name("dev.env"))
            && let Some(url) = envfile::read(&offered).get("BASE_URL")
        {
            command.env("BASE_URL", url);
        }
        say::line!("The settings come from {}, then from the environment.", file.display());
        Ok(anyhow!(command.exec()))
    };
    again().unwrap_or_else(|error| error)
}

async fn examine(report: &mut Report) {
    if let Some(settings) = settings(report).await {
        let database = mongodb::examine(report, &settings).await;
        let gate = redis::examine(report, &settings).await;
        clocks(report, database, &gate);
    }
    match ProcessEnv.get("BASE_URL") {
        Some(url) => health::examine(report, &url).await,
        None => report.ok("api", "not checked: BASE_URL is not set"),
    }
}

/// The secret and the settings, read by the code that functions start with.
async fn settings(report: &mut Report) -> Option<Settings> {
    const FIX: &str = "set it as docs/SETTINGS.md says";
    for (name, setting) in setting_names::misspelt(variables()) {
        let text = format!("{name} is not a setting and has no effect");
        report.warning("settings", text, &format!("if you mean {setting}, rename it"));
    }
    let loaded = match LoadedSecrets::load(&ProcessEnv).await {
        Ok(loaded) => loaded,
        Err(wrong) => {
            let fix = match ProcessEnv.get("SECRET_ID") {
                Some(_) => {
                    "check the secret, and that these credentials may read it (GetSecretValue)"
                }
                None => FIX,
            };
            report.problem("secret", wrong, fix);
            report.warning("settings", "not all of them were checked", "fix the secret first");
            return None;
        }
    };
    let settings = Settings::new(&ProcessEnv, &loaded.secrets);
    secret(report, loaded).await;
    match settings {
        Ok(settings) => {
            // Functions do not check this: the list of public suffixes is large.
            let wrong =
                settings.admin_origins.iter().find_map(|origin| OriginEntry::parse(origin).err());
            match wrong {
                Some(wrong) => {
                    report.problem("settings", SettingError::new("ADMIN_ORIGINS", wrong), FIX)
                }
                None => report.ok("settings", "all are valid"),
            }
            Some(settings)
        }
        Err(wrong) => {
            report.problem("settings", wrong, FIX);
            report.warning("servers", "not checked", "fix the settings first");
            None
        }
    }
}

fn variables() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

async fn secret(report: &mut Report, loaded: LoadedSecrets) {
    let keys = format!(
        "{} for admins' tokens, {} for users' tokens",
        loaded.secrets.admin_jwt_keys.len(),
        loaded.secrets.user_jwt_keys.len()
    );
    let earlier = match &loaded.source {
        Some(source) => source.earlier_keys().await.err(),
        None => None,
    };
    let from = if loaded.source.is_some() { "Secrets Manager" } else { "the environment" };
    match Credentials::new(loaded) {
        Ok(_) => report.ok("secret", format!("complete, from {from}; keys: {keys}")),
        Err(wrong) => {
            let wrong: SettingError = wrong;
            report.problem("secret", wrong, "store it as docs/SETTINGS.md shows");
        }
    }
    if let Some(reason) = earlier {
        report.warning(
            "secret",
            format!("its previous version cannot be read ({reason}), so its keys verify nothing"),
            "if the keys were rotated less than a week ago, add the earlier keys to the secret, \
            after the first",
        );
    }
}

/// How far apart the clocks are that holds and tokens depend on.
fn clocks(report: &mut Report, database: Option<i64>, redis: &[i64]) {
    let all = || database.iter().chain(redis).copied().chain([0]);
    let (Some(first), Some(last)) = (all().min(), all().max()) else { return };
    let mut differences: Vec<_> =
        database.iter().map(|ahead_ms| format!("MongoDB {ahead_ms:+} ms")).collect();
    differences.extend(redis.iter().map(|ahead_ms| format!("Redis {ahead_ms:+} ms")));
    if differences.is_empty() {
        return report.warning("clocks", "not compared: no server answers", "fix that first");
    }
    let text = format!("compared with this machine: {}", differences.join(", "));
    let fix =
        "synchronise all clocks with NTP: holds end by MongoDB's clock, and tokens allow for 5 s";
    match last - first {
        0..1_000 => report.ok("clocks", text),
        1_000..5_000 => report.warning("clocks", text, fix),
        _ => report.problem("clocks", text, fix),
    }
}
