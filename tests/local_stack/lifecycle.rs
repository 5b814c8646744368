//! What a running stack offers, and what remains after each way to end it.

use std::{fs, path::Path, process::Stdio};

use reqwest::Client;
use rustix::process::Signal;
use tokio::process::Command;

use super::dev::{Dev, Env, env, with};
use crate::support::servers;

/// The commands between the last two rules of the banner.
fn printed_script(output: &str) -> String {
    let rule = "─".repeat(100);
    let parts: Vec<&str> = output.split(&format!("{rule}\n")).collect();
    parts[parts.len() - 2].to_owned()
}

async fn stack(arguments: &[&str]) -> String {
    let output = Command::new(stack::binaries().unwrap().join("stack"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text
}

/// Whether the demo tenant's key of this `dev.env` works: then only the user's token is missing.
async fn key_works(env: &Env) -> bool {
    let request = Client::new()
        .get(format!("{}/reservations", env["BASE_URL"]))
        .header("x-app-id", &env["EVENT_APP_ID"])
        .header("x-api-key", &env["EVENT_API_KEY"])
        .header("origin", &env["EVENT_ORIGIN"]);
    request.send().await.unwrap().text().await.unwrap().contains("UNAUTHENTICATED")
}

fn errors_in(logs: &Path) -> Vec<String> {
    let files = fs::read_dir(logs).unwrap().map(|entry| entry.unwrap().path());
    let text = files.map(|path| fs::read_to_string(path).unwrap()).collect::<String>();
    text.lines().filter(|line| line.contains("\"ERROR\"")).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_stack_from_its_banner_to_the_files_that_it_leaves() {
    let settings = env().await;
    let mut first = Dev::start(&settings);
    let offered = first.ready().await;

    // The printed script, pasted into bash, books two seats. Every response ends its line.
    let script = printed_script(&first.output());
    let booked = Command::new("bash").args(["-c", &script]).stdin(Stdio::null()).output().await;
    let booked = booked.unwrap();
    let text = String::from_utf8_lossy(&booked.stdout);
    assert!(booked.status.success() && booked.stderr.is_empty(), "{text}{booked:?}");
    assert_eq!(text.matches("\"bookingId\"").count(), 2, "{text}");
    assert!(text.ends_with("}\n") && text.lines().count() == 5, "{text}");

    // The port for `cargo lambda invoke` invokes, but not for a page in a browser.
    let url = format!(
        "http://127.0.0.1:{}/2015-03-31/functions/expire-reservations/invocations",
        offered["INVOKE_PORT"]
    );
    let invoke = || Client::new().post(&url).body("{}");
    assert!(invoke().send().await.unwrap().text().await.unwrap().contains("expired"));
    let page = invoke().header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(page.status(), 403);
    let rebound = invoke().header("host", "evil.example:9000").send().await.unwrap();
    assert_eq!(rebound.status(), 403);

    // A second stack on the same database says that it makes new keys. The first keys stay valid.
    let port = stack::free_port().unwrap().to_string();
    let mut second = Dev::start(&with(&settings, "PORT", &port));
    let of_second = second.ready().await;
    assert_ne!(offered["EVENT_API_KEY"], of_second["EVENT_API_KEY"]);
    assert!(key_works(&offered).await && key_works(&of_second).await);
    let output = second.output();
    assert!(output.contains("demo-event: ") && output.contains("works for 24 hours"), "{output}");

    // After a SIGKILL nothing says that the stack is ready.
    second.stop(Signal::KILL).await;
    second.no_longer_ready().await;

    // After ctrl-c neither, and no log calls the end an error.
    assert!(first.stop(Signal::INT).await.success(), "{}", first.output());
    assert!(!first.dev_env_path().exists());
    let logs = first.folder.join("logs");
    assert_eq!(errors_in(&logs), Vec::<String>::new());

    // The next start keeps those logs.
    let of_reserve = fs::read_to_string(logs.join("reserve.log")).unwrap();
    assert!(of_reserve.contains("/reserve-seat"), "{of_reserve}");
    let mut again = Dev::start_in(&first.folder, &settings);
    let again_offered = again.ready().await;
    assert_eq!(fs::read_to_string(logs.join("reserve.log.1")).unwrap(), of_reserve);
    assert_eq!(again_offered["EVENT_API_KEY"], offered["EVENT_API_KEY"]);
    assert!(again.stop(Signal::TERM).await.success(), "{}", again.output());
}

/// The script that fetches tools runs first, and Python would print a traceback.
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named_without_a_traceback() {
    let folder = servers::directory("unwritable");
    fs::create_dir(folder.join("scripts")).unwrap();
    let script = folder.join("scripts/fetch_tools.py");
    fs::copy(stack::workspace_root().join("scripts/fetch_tools.py"), &script).unwrap();
    fs::write(folder.join(".local"), "a file where the folder should be").unwrap();
    let output = Command::new("python3").arg(&script).stdin(Stdio::null()).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("tools: cannot write"), "{text}");
    assert!(text.contains(".local") && !text.contains("Traceback"), "{text}");
}

#[tokio::test]
async fn clean_data_deletes_the_data_behind_a_link_and_says_what_stays() {
    let folder = servers::directory("clean");
    let disk = servers::directory("other-disk");
    for file in ["mongodb/a", "redis/b", "somebody-elses/c"] {
        let file = disk.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "data").unwrap();
    }
    fs::write(folder.join("tenants.json"), "{}").unwrap();
    std::os::unix::fs::symlink(&disk, folder.join("data")).unwrap();
    let output = stack(&["clean", folder.to_str().unwrap()]).await;
    assert!(output.contains("data is a link and stays"), "{output}");
    assert!(folder.join("data").is_symlink() && !folder.join("tenants.json").exists());
    for folder in ["mongodb", "redis"] {
        assert_eq!(fs::read_dir(disk.join(folder)).unwrap().count(), 0, "{folder}");
    }
    assert!(disk.join("somebody-elses/c").exists());
}
