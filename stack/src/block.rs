//! What `make dev` prints once everything runs.

use std::fmt::Write;

use crate::{local::Local, seed::DEMOS, settings::Settings};

/// The block: what runs where, and one booking as commands for bash.
pub fn block(
    local: &Local,
    settings: &Settings,
    base_url: &str,
    mongodb_uri: &str,
    redis_url: &str,
) -> String {
    let mut text = String::new();
    let rule = "─".repeat(100);
    let mut tenants = String::new();
    for demo in &DEMOS {
        let _ = write!(
            tenants,
            "\n    {:<6}{:<12}entity {:<18}origin {}",
            demo.domain, demo.app_id, demo.entity_id, demo.origin
        );
    }
    let shown = local
        .root()
        .strip_prefix(std::env::current_dir().unwrap_or_default())
        .unwrap_or(local.root())
        .display();
    let _ = writeln!(
        text,
        "{rule}
  The booking backend runs.   ctrl-c ends it; its data stays (make clean-data removes it)

    API         {base_url}      {} processes of each function
    MongoDB     {mongodb_uri}      database {}
    Redis       {redis_url}
    Admin       {}      password: ADMIN_PASSWORD in {shown}/dev.env
    Logs        {shown}/logs/<function>.log
{tenants}

  One booking, step by step: paste it into bash in another terminal, whole or line by line.
{rule}",
        settings.concurrency, settings.database, settings.admin_email
    );
    text.push_str(&commands(&local.dev_env().display().to_string()));
    let _ = writeln!(text, "{rule}");
    text
}

/// The commands, as they work when pasted. They take keys from `dev.env`, so that none is printed.
fn commands(dev_env: &str) -> String {
    COMMANDS.replace("{dev_env}", &stack::envfile::quote(dev_env))
}

const COMMANDS: &str = r#"
# The addresses and keys; and a way to pick a value out of an answer.
source {dev_env}
app=(-H "x-app-id: $EVENT_APP_ID" -H "x-api-key: $EVENT_API_KEY" -H "Origin: $EVENT_ORIGIN" -H "Content-Type: application/json")
pick() { python3 -c "import json, sys; data = json.load(sys.stdin)['data']; print($1)"; }

# 1. Sign up.
ANSWER=$(curl -sS "$BASE_URL/auth/signup" "${app[@]}" -d "{\"email\": \"guest-$RANDOM$RANDOM$RANDOM@example.com\", \"password\": \"correct horse battery\", \"name\": \"A Guest\"}"); echo "$ANSWER"
user=(-H "Authorization: Bearer $(echo "$ANSWER" | pick "data['token']")")

# 2. See which seats are free: how many, and the first two.
ANSWER=$(curl -sS "$BASE_URL/seats?entityId=$EVENT_ENTITY_ID" "${app[@]}" "${user[@]}"); echo "$ANSWER" | pick "len(data['seats']), data['seats'][:2]"
SEATS=$(echo "$ANSWER" | pick "json.dumps([seat['seatId'] for seat in data['seats'][:2]])")

# 3. Hold them: for two minutes they are nobody else's.
ANSWER=$(curl -sS "$BASE_URL/reserve-seat" "${app[@]}" "${user[@]}" -d "{\"seatIds\": $SEATS}"); echo "$ANSWER"
TOKEN=$(echo "$ANSWER" | pick "data['reservationToken']")

# 4. Pay, and they are sold.
curl -sS "$BASE_URL/confirm-booking" "${app[@]}" "${user[@]}" -d "{\"reservationToken\": \"$TOKEN\", \"paymentId\": \"pay_$RANDOM$RANDOM$RANDOM\"}"; echo

# 5. Your bookings.
curl -sS "$BASE_URL/bookings" "${app[@]}" "${user[@]}"; echo

"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_bash() {
        let script = commands("/a folder/dev.env");
        let checked =
            std::process::Command::new("bash").args(["-n", "-c", &script]).status().unwrap();
        assert!(checked.success());
        assert!(script.contains("source '/a folder/dev.env'"));
    }
}
