//! What `make dev` prints when everything runs.

use std::fmt::Write;

use crate::{
    local::Local,
    pages::{ADMIN_ORIGIN, Pages},
    seed::demos,
    settings::Settings,
};

/// The addresses that the banner shows.
pub struct Addresses<'a> {
    pub api: &'a str,
    pub invoke_port: u16,
    pub mongodb: &'a str,
    pub redis: &'a str,
    pub pages: &'a Pages,
}

/// What runs where, and one booking as commands for bash.
pub fn banner(local: &Local, settings: &Settings, at: &Addresses<'_>) -> String {
    let rule = "─".repeat(100);
    let mut tenants = String::new();
    for demo in demos(settings.demo_arena) {
        let _ = write!(
            tenants,
            "\n    {:<6}{:<12}entity {:<18}origin {}",
            demo.prefix, demo.app_id, demo.entity_id, demo.origin
        );
    }
    let shops: Vec<_> = demos(settings.demo_arena).iter().map(|demo| demo.origin).collect();
    let folder = local
        .root()
        .strip_prefix(std::env::current_dir().unwrap_or_default())
        .unwrap_or(local.root())
        .display();
    format!(
        "{rule}
  The booking backend runs.   ctrl-c stops it; its data stays (make clean-data deletes it)

    API         {}      {} processes of each function
    MongoDB     {}      database {}
    Redis       {}
    Admin       {}      password: ADMIN_PASSWORD in {folder}/dev.env
    Shop        {}
    Dashboard   {}
    Logs        {folder}/logs/<function>.log      of the run before: <function>.log.1
    Invoke      cargo lambda invoke --invoke-address 127.0.0.1 --invoke-port {} <function>
{tenants}

  One booking, step by step: paste it into bash in another terminal, as a whole or line by line.
{rule}

{}
{rule}
",
        at.api,
        settings.concurrency,
        at.mongodb,
        settings.database,
        at.redis,
        settings.admin_email,
        if at.pages.shop { shops.join("  ") } else { not_built() },
        if at.pages.admin { ADMIN_ORIGIN.to_owned() } else { not_built() },
        at.invoke_port,
        script(&local.dev_env().display().to_string()),
    )
}

fn not_built() -> String {
    "make web builds it; needs Node 20.19 or later".to_owned()
}

/// The commands, as they work when pasted. They read the keys from `dev.env`, so
/// that none is printed.
fn script(dev_env: &str) -> String {
    include_str!("one_booking.sh").replace("{dev_env}", &stack::envfile::quote(dev_env))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_script_is_valid_bash() {
        let script = script("/a folder/dev.env");
        let checked =
            std::process::Command::new("bash").args(["-n", "-c", &script]).status().unwrap();
        assert!(checked.success());
        assert!(script.contains("source '/a folder/dev.env'"));
    }
}
