//! Starts a function's binary by hand, to see whether it stops, and with which message.

use std::{collections::BTreeMap, path::PathBuf, process::Stdio, time::Duration};

use tokio::{io::AsyncReadExt as _, net::TcpListener, process::Command, time::timeout};

/// How a start ended.
#[derive(Debug)]
pub enum Start {
    /// It asked for its first request.
    Up,
    /// The program ended before it was ready.
    Ended { code: Option<i32>, stdout: String, stderr: String },
}

/// Where cargo has put the binaries of this build: beside this test's own folder.
fn binary(function: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.ancestors().nth(2).expect("…/deps/integration-…");
    let path = profile.join(function);
    assert!(path.is_file(), "{} is not built: cargo build --workspace --bins", path.display());
    path
}

/// Starts `function` with nothing but these settings and what Lambda itself sets.
pub async fn launch(function: &str, settings: &BTreeMap<String, String>) -> Start {
    let runtime = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut child = Command::new(binary(function))
        .env_clear()
        .envs(settings)
        .env("AWS_LAMBDA_RUNTIME_API", runtime.local_addr().expect("an address").to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", function)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the binary starts");
    let (mut out, mut err) =
        (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let (mut stdout, mut stderr) = (String::new(), String::new());
    let ended = async {
        let (_, _, status) = tokio::join!(
            out.read_to_string(&mut stdout),
            err.read_to_string(&mut stderr),
            child.wait()
        );
        status.expect("a status").code()
    };
    let first_request = timeout(Duration::from_secs(30), async {
        tokio::select! {
            code = ended => Some(code),
            _ = runtime.accept() => None,
        }
    });
    match first_request.await {
        Ok(Some(code)) => Start::Ended { code, stdout, stderr },
        Ok(None) => Start::Up,
        Err(_) => panic!("{function} neither started nor ended within 30 s"),
    }
}

impl Start {
    /// The function must have stopped with exit code 1 and one line that names `setting`
    /// and carries no `secret`.
    #[track_caller]
    pub fn names(&self, setting: &str, secrets: &[&str]) {
        let Start::Ended { code, stdout, stderr } = self else {
            panic!("the function started in spite of {setting}")
        };
        assert_eq!(*code, Some(1), "{setting}: {stderr}{stdout}");
        assert_eq!(stderr.trim_end().lines().count(), 1, "{setting}: {stderr:?}");
        assert!(stderr.contains(setting), "{setting} is not named: {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        for secret in secrets {
            assert!(
                !stderr.contains(secret) && !stdout.contains(secret),
                "{setting}: {stderr}{stdout}"
            );
        }
    }
}
