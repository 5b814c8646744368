//! Hostile requests. Each gets its error code in time, changes no stored data, and runs bcrypt only
//! where a password or key is checked.

mod bodies;
mod credentials;
mod events;
mod headers;
mod paths;
mod raw_http;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{
    fixture::Fixture,
    request::{Processes, Request, Transport},
    stored_state::StateReader,
};
use crate::support::reply::Reply;

/// The longest response in bytes. A response stays short, however much was sent.
const MAX_REPLY_BYTES: usize = 4096;

/// After how many cases the stored data is compared.
const CASES_PER_SNAPSHOT: usize = 20;

/// A process remembers for a minute that a key was right. All cases must run within this minute.
const WARM: Duration = Duration::from_secs(30);

/// The expected response to a case.
#[derive(Clone, Debug)]
pub enum Expect {
    Error(u16, &'static str),
    /// A VALIDATION_ERROR that names this field.
    Field(String),
    /// The response that the correct request would get.
    Ignored(u16, &'static str),
    /// The response is 404 with any `…_NOT_FOUND` code.
    NotFound,
}

/// How a case can be sent.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fits {
    All,
    /// HTTP cannot carry it, or the gateway refuses it by itself.
    Events,
    /// Only HTTP can carry it: no event has this form.
    Http,
}

#[derive(Clone, Debug)]
pub struct Case {
    what: String,
    request: Request,
    expect: Expect,
    /// How often bcrypt runs: only where a password or a well-formed key is checked.
    hashes: usize,
    fits: Fits,
}

impl Case {
    fn new(what: impl Into<String>, request: Request, expect: Expect) -> Self {
        Self { what: what.into(), request, expect, hashes: 0, fits: Fits::All }
    }

    fn error(what: impl Into<String>, request: Request, status: u16, code: &'static str) -> Self {
        Self::new(what, request, Expect::Error(status, code))
    }

    fn field(what: impl Into<String>, request: Request, field: impl Into<String>) -> Self {
        Self::new(what, request, Expect::Field(field.into()))
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

/// The problem with the response to a case, if there is one.
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
    if reply.status >= 400 && reply.text.len() > MAX_REPLY_BYTES {
        return Some(format!("the response has {} bytes: {}", reply.text.len(), cut(&reply.text)));
    }
    // Checks the envelope, the headers, and that nothing secret is in it.
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

/// Sends every case, and fails with a list of all problems.
async fn drive(fixture: &Fixture, transport: &Transport, cases: &[Case]) {
    let mut state = StateReader::new(&fixture.stack).await;
    let mut faults: Vec<String> = Vec::new();
    let mut warm: Option<(&str, Instant)> = None;
    let fits = |case: &&Case| match case.fits {
        Fits::All => true,
        Fits::Events => !matches!(transport, Transport::Http),
        Fits::Http => matches!(transport, Transport::Http),
    };
    let cases: Vec<&Case> = cases.iter().filter(fits).collect();
    let mut before = state.snapshot().await;
    for some in cases.chunks(CASES_PER_SNAPSHOT) {
        for case in some {
            let function = case.request.route.function();
            if warm.is_none_or(|(known, at)| known != function || at.elapsed() > WARM) {
                transport.send(&fixture.stack, &fixture.right(&case.request.route).spoiled()).await;
                warm = Some((function, Instant::now()));
            }
            let hashes = transport.hashes(&fixture.stack, function);
            let reply = transport.send(&fixture.stack, &case.request).await;
            let hashes = transport.hashes(&fixture.stack, function) - hashes;
            let what = format!("{} at {}", case.what, case.request.route);
            faults.extend(wrong(&case.expect, &reply).map(|fault| format!("{what}: {fault}")));
            if hashes != case.hashes {
                faults.push(format!("{what}: bcrypt ran {hashes} times, not {}", case.hashes));
            }
        }
        let after = state.snapshot().await;
        let changes = after.changes(&before);
        if !changes.is_empty() {
            let what: Vec<&str> = some.iter().map(|case| case.what.as_str()).collect();
            faults.push(format!("one of {what:?} has changed {changes:?}"));
        }
        before = after;
    }
    assert!(
        faults.is_empty(),
        "{} faults in {} cases:\n{}",
        faults.len(),
        cases.len(),
        faults.join("\n")
    );
}

/// The first case of each kind. The gateway and base64 treat all routes alike, so one route is
/// enough for each kind.
fn one_of_each_kind(cases: Vec<Case>) -> Vec<Case> {
    let mut kinds = BTreeSet::new();
    cases.into_iter().filter(|case| kinds.insert(case.what.clone())).collect()
}

/// Sends all cases as events, as Lambda does. Sends one of each kind also with its body in
/// base64, and over HTTP.
async fn by_every_transport(table: impl Fn(&Fixture) -> Vec<Case>) {
    by_http_and_event(&table).await;
    by_base64(&Fixture::shared().await, &table).await;
}

/// All cases as events, and one of each kind over HTTP.
async fn by_http_and_event(table: impl Fn(&Fixture) -> Vec<Case>) {
    let fixture = Fixture::shared().await;
    drive(&fixture, &Transport::Http, &one_of_each_kind(table(&fixture))).await;
    by_event(&fixture, &table).await;
}

async fn by_event(fixture: &Fixture, table: impl Fn(&Fixture) -> Vec<Case>) {
    let cases = table(fixture);
    drive(fixture, &Transport::Text(processes(fixture, &cases).await), &cases).await;
}

async fn by_base64(fixture: &Fixture, table: impl Fn(&Fixture) -> Vec<Case>) {
    let cases = one_of_each_kind(table(fixture));
    drive(fixture, &Transport::Base64(processes(fixture, &cases).await), &cases).await;
}

/// The processes of the functions under test.
async fn processes(fixture: &Fixture, cases: &[Case]) -> Processes {
    fixture.processes(&cases.iter().map(|case| case.request.route.function()).collect()).await
}
