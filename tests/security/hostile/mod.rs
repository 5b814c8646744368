//! Hostile requests: each is answered in time with its code, changes nothing that is stored, and
//! costs no bcrypt where nothing is checked with it.

mod bodies;
mod credentials;
mod events;
mod headers;
mod paths;
mod wire;

use std::time::{Duration, Instant};

use super::{
    ask::{Ask, Door, Processes},
    scene::Scene,
    watch::Watch,
};
use crate::support::reply::Reply;

/// An answer is a word or two about what was wrong, however much was sent.
const LONGEST_ANSWER: usize = 4096;

/// A process remembers for a minute that a key was right: no row may fall into the next.
const WARM: Duration = Duration::from_secs(30);

/// What a case has to be answered with.
#[derive(Clone, Debug)]
pub enum Expect {
    Error(u16, &'static str),
    /// A VALIDATION_ERROR that names this field.
    Field(String),
    /// What the same request would be answered with had it been sent as it should be.
    Ignored(u16, &'static str),
    /// Not found, whatever it is that is not there.
    NotFound,
}

/// Through which doors a case fits.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fits {
    All,
    /// HTTP cannot carry it, or the gateway refuses it by itself.
    Events,
    /// Only a client sends it: no event looks like that.
    Http,
}

#[derive(Clone, Debug)]
pub struct Case {
    what: String,
    ask: Ask,
    expect: Expect,
    /// How often bcrypt runs: only where a password or a well-formed key is checked.
    hashes: usize,
    fits: Fits,
}

impl Case {
    fn new(what: impl Into<String>, ask: Ask, expect: Expect) -> Self {
        Self { what: what.into(), ask, expect, hashes: 0, fits: Fits::All }
    }

    fn error(what: impl Into<String>, ask: Ask, status: u16, code: &'static str) -> Self {
        Self::new(what, ask, Expect::Error(status, code))
    }

    fn field(what: impl Into<String>, ask: Ask, field: impl Into<String>) -> Self {
        Self::new(what, ask, Expect::Field(field.into()))
    }

    fn hashing(mut self, hashes: usize) -> Self {
        self.hashes = hashes;
        self
    }

    fn fits(mut self, fits: Fits) -> Self {
        self.fits = fits;
        self
    }
}

/// What is wrong with an answer to a case, if anything is.
fn wrong(expect: &Expect, reply: &Reply) -> Option<String> {
    let answered = (reply.status, reply.code());
    let right = match expect {
        Expect::Error(status, code) | Expect::Ignored(status, code) => answered == (*status, *code),
        Expect::NotFound => reply.status == 404 && reply.code().ends_with("_NOT_FOUND"),
        Expect::Field(name) => {
            let fields =
                reply.body["error"]["details"]["fields"].as_array().cloned().unwrap_or_default();
            let named = |field: &str| {
                let rest = field.strip_prefix(name.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            answered == (400, "VALIDATION_ERROR")
                && fields.iter().any(|entry| entry["field"].as_str().is_some_and(named))
        }
    };
    if !right {
        return Some(format!("{expect:?} was expected: {}", cut(&reply.to_string())));
    }
    if reply.status >= 400 && reply.text.len() > LONGEST_ANSWER {
        return Some(format!("{} bytes are answered: {}", reply.text.len(), cut(&reply.text)));
    }
    // The envelope, the headers, and nothing that must not be seen.
    if reply.status >= 400 {
        reply.error(reply.status, reply.code());
    } else {
        reply.expect(reply.status);
    }
    None
}

fn cut(text: &str) -> String {
    text.chars().take(600).collect()
}

/// Sends every case in by one door, and tells of all that go wrong.
async fn drive(scene: &Scene, door: &Door, cases: Vec<Case>) {
    let mut watch = Watch::new(&scene.stack).await;
    let mut faults: Vec<String> = Vec::new();
    let mut warm: Option<(&str, Instant)> = None;
    let mut driven = 0;
    let mut before = watch.digest().await;
    for case in &cases {
        let fits = match case.fits {
            Fits::All => true,
            Fits::Events => !matches!(door, Door::Http),
            Fits::Http => matches!(door, Door::Http),
        };
        if !fits {
            continue;
        }
        let function = case.ask.route.function();
        if warm.is_none_or(|(known, at)| known != function || at.elapsed() > WARM) {
            door.send(&scene.stack, &scene.right(&case.ask.route).spoiled()).await;
            warm = Some((function, Instant::now()));
        }
        let hashes = door.hashes(&scene.stack, function);
        let reply = door.send(&scene.stack, &case.ask).await;
        let hashes = door.hashes(&scene.stack, function) - hashes;
        let what = format!("{} at {}", case.what, case.ask.route);
        faults.extend(wrong(&case.expect, &reply).map(|fault| format!("{what}: {fault}")));
        if hashes != case.hashes {
            faults.push(format!("{what}: bcrypt ran {hashes} times, not {}", case.hashes));
        }
        let after = watch.digest().await;
        let changes = after.changes(&before);
        if !changes.is_empty() {
            faults.push(format!("{what}: it has changed {changes:?}"));
        }
        before = after;
        driven += 1;
    }
    assert!(faults.is_empty(), "{} faults in {driven} cases:\n{}", faults.len(), faults.join("\n"));
}

/// All cases of a table by every door: for what a body in base64 may make a difference to.
async fn by_every_door(table: impl Fn(&Scene) -> Vec<Case>) {
    by_http_and_event(&table).await;
    let scene = Scene::new().await;
    drive(&scene, &Door::Base64(processes(&scene, &table(&scene)).await), table(&scene)).await;
}

async fn by_http_and_event(table: impl Fn(&Scene) -> Vec<Case>) {
    let scene = Scene::new().await;
    drive(&scene, &Door::Http, table(&scene)).await;
    drop(scene);
    by_event(table).await;
}

/// With people of its own, since some cases count against an account.
async fn by_event(table: impl Fn(&Scene) -> Vec<Case>) {
    let scene = Scene::new().await;
    drive(&scene, &Door::Text(processes(&scene, &table(&scene)).await), table(&scene)).await;
}

/// Of the functions that the cases are for.
async fn processes(scene: &Scene, cases: &[Case]) -> Processes {
    scene.processes(&cases.iter().map(|case| case.ask.route.function()).collect()).await
}
