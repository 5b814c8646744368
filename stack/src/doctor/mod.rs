//! `stack doctor`: what is wrong with a deployment, or with the local stack, and how to mend it. It
//! reads and changes nothing, and no line of it holds a secret.

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
    secrets::Loaded,
};
use stack::{envfile, workspace_root};

use crate::say;
use report::Report;

/// The argument that means the environment as it is.
const AS_IT_IS: &str = "-";

/// Checks what the environment describes, or the file `from` over it; without either, the local
/// stack. Whether all is well.
pub async fn run(from: Option<&str>) -> anyhow::Result<bool> {
    let described =
        ["MONGODB_URI", "SECRET_ID"].into_iter().any(|name| ProcessEnv.get(name).is_some());
    match from {
        Some(AS_IT_IS) => {}
        Some(file) => return Err(with_file(Path::new(file))),
        None if described => {}
        None => {
            let local = workspace_root().join(".local");
            if local.is_dir() && !local.join("dev.env").is_file() {
                say::line!("The local stack does not run, or is not ready: `make dev`.");
            }
            return Err(with_file(&local.join("functions.env")));
        }
    }
    let mut report = Report::default();
    examine(&mut report).await;
    Ok(report.end())
}

/// Starts this program again, with the variables of a file over its own: so the settings are read
/// as functions read them, by the AWS SDK too. Comes back only where that fails.
fn with_file(file: &Path) -> anyhow::Error {
    let again = || -> anyhow::Result<anyhow::Error> {
        let text = fs::read_to_string(file).with_context(|| {
            format!(
                "{} cannot be read; start `make dev` once, or set MONGODB_URI and the other settings",
                file.display()
            )
        })?;
        let lines = text.lines().map(|line| line.strip_prefix("export ").unwrap_or(line));
        let lines: Vec<_> =
            lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect();
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["doctor", AS_IT_IS]).envs(envfile::read(&lines.join("\n")));
        // The local stack's own address stands in a file beside.
        if ProcessEnv.get("BASE_URL").is_none()
            && let Ok(offered) = fs::read_to_string(file.with_file_name("dev.env"))
            && let Some(url) = envfile::read(&offered).get("BASE_URL")
        {
            command.env("BASE_URL", url);
        }
        say::line!(
            "The settings are those of {}, and beyond them the environment's.",
            file.display()
        );
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
        None => report.ok("api", "not asked: BASE_URL is not set"),
    }
}

/// The secret and the settings, by the very code that functions start with.
async fn settings(report: &mut Report) -> Option<Settings> {
    const MEND: &str = "set it as the README's table of settings says";
    let loaded = match Loaded::load(&ProcessEnv).await {
        Ok(loaded) => loaded,
        Err(wrong) => {
            let mend = match ProcessEnv.get("SECRET_ID") {
                Some(_) => {
                    "look at the secret, and at whether these credentials may read it (GetSecretValue)"
                }
                None => MEND,
            };
            report.problem("secret", wrong, mend);
            report.warning("settings", "not all of them were looked at", "mend the secret first");
            return None;
        }
    };
    let settings = Settings::new(&ProcessEnv, &loaded.secrets);
    secret(report, loaded).await;
    match settings {
        Ok(settings) => {
            // Functions take the operator's word for it: the list of public suffixes is large.
            let wrong =
                settings.admin_origins.iter().find_map(|origin| OriginEntry::parse(origin).err());
            match wrong {
                Some(wrong) => {
                    report.problem("settings", SettingError::new("ADMIN_ORIGINS", wrong), MEND)
                }
                None => report.ok("settings", "each can be read"),
            }
            Some(settings)
        }
        Err(wrong) => {
            report.problem("settings", wrong, MEND);
            report.warning("servers", "not looked at", "mend the settings first");
            None
        }
    }
}

async fn secret(report: &mut Report, loaded: Loaded) {
    let keys = format!(
        "{} for admins' tokens, {} for users'; how old they are is not known",
        loaded.secrets.admin_jwt_keys.len(),
        loaded.secrets.user_jwt_keys.len()
    );
    let earlier = match &loaded.source {
        Some(source) => source.earlier_keys().await.err(),
        None => None,
    };
    let from = if loaded.source.is_some() { "Secrets Manager" } else { "the environment" };
    match Credentials::new(loaded) {
        Ok(_) => report.ok("secret", format!("whole, from {from}; keys: {keys}")),
        Err(wrong) => {
            let wrong: SettingError = wrong;
            report.problem("secret", wrong, "put it as the README's section on deploying shows");
        }
    }
    if let Some(reason) = earlier {
        report.warning(
            "secret",
            format!("its previous version cannot be read ({reason}), so that its keys verify nothing"),
            "if a rotation is less than a week old, put the earlier keys into the secret, behind the first",
        );
    }
}

/// How far the clocks are apart that holds and tokens are measured by.
fn clocks(report: &mut Report, database: Option<i64>, redis: &[i64]) {
    let all = || database.iter().chain(redis).copied().chain([0]);
    let (Some(first), Some(last)) = (all().min(), all().max()) else { return };
    let mut told: Vec<_> =
        database.iter().map(|ahead_ms| format!("MongoDB {ahead_ms:+} ms")).collect();
    told.extend(redis.iter().map(|ahead_ms| format!("Redis {ahead_ms:+} ms")));
    if told.is_empty() {
        return report.warning("clocks", "not compared: no server was reached", "mend that first");
    }
    let told = format!("against this machine's: {}", told.join(", "));
    let mend = "set all clocks by NTP: holds end by MongoDB's clock, and tokens are good for 5 s of difference";
    match last - first {
        0..1_000 => report.ok("clocks", told),
        1_000..5_000 => report.warning("clocks", told, mend),
        _ => report.problem("clocks", told, mend),
    }
}
