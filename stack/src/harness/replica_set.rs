//! A MongoDB replica set that is reached through proxies. Its members and every driver know only
//! the ports of the proxies, so a proxy can break the network of its member.

use std::{
    collections::BTreeSet,
    fs::File,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::{TryStreamExt as _, future::join_all};
use mongodb::{
    Client,
    bson::{Document, doc},
    options::{DatabaseOptions, ReadConcern, ReadPreference, SelectionCriteria},
};
use rustix::process::Signal;

use super::{poll::eventually, proxy::Proxy, scratch};
use crate::{children::Child, mongo, tools};

/// Waits for the right to start a set of three. More of them at once would get too little CPU, and
/// would hold elections for that reason.
pub async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    ONE_AT_A_TIME.lock().await
}

/// How long an election, or a start after a kill, may take on a busy machine.
const ELECTION_TIMEOUT: Duration = Duration::from_secs(30);
/// How long one member may take to answer.
const MEMBER_TIMEOUT: Duration = Duration::from_secs(3);
const SET_NAME: &str = "faults";

/// One server of a set.
pub struct Member {
    /// The proxy through which everybody else reaches it.
    pub proxy: Proxy,
    /// The server's own port, which only the test knows.
    pub port: u16,
    folder: PathBuf,
    process: Option<Child>,
}

/// A running set. Dropping it kills its members.
pub struct ReplicaSet {
    /// All members, also those that were killed.
    pub members: Vec<Member>,
}

/// A port below those that the system gives to outgoing connections: a member comes back on its
/// port after a kill.
fn fixed_port() -> u16 {
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let mut tries = (0..1000).map(|_| rand::random_range(20_000..30_000));
    tries.find(free).expect("a free port")
}

async fn mongod(folder: &Path, port: u16) -> Child {
    let log = folder.join("mongod.log");
    let log = File::options().create(true).append(true).open(log).expect("a log");
    let program = tools::find("mongod").expect("mongod");
    let command = mongo::mongod(&program, SET_NAME, "0.25", port, folder, log);
    let mut command = command.expect("a log");
    command
        .args(["--setParameter", "enableTestCommands=1"])
        // A member whose source has frozen looks for another sooner than after the usual 5 s.
        .args(["--setParameter", "oplogNetworkTimeoutBufferSeconds=1"]);
    Child::spawn(command, Vec::new()).await.expect("mongod starts")
}

/// A client of one server, past its proxy.
pub async fn direct(port: u16) -> Client {
    mongo::direct(port, MEMBER_TIMEOUT).await.expect("a client")
}

impl Member {
    async fn start() -> Self {
        let (port, folder) = (fixed_port(), scratch::directory("member"));
        let process = Some(mongod(&folder, port).await);
        Self { proxy: Proxy::to(port).await, port, folder, process }
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.proxy.port())
    }

    async fn hello(&self) -> Option<Document> {
        self.process.as_ref()?;
        let client = direct(self.port).await;
        let admin = client.database("admin");
        let hello = tokio::time::timeout(MEMBER_TIMEOUT, admin.run_command(doc! {"hello": 1}));
        let reply = hello.await.ok()?.ok();
        client.shutdown().immediate(true).await;
        reply
    }
}

impl ReplicaSet {
    /// Starts a set of `size` members, and waits until each is in service.
    pub async fn start(size: usize) -> Self {
        Self::start_with(size, doc! {}).await
    }

    /// The same, with more of the set's `settings`.
    pub async fn start_with(size: usize, settings: Document) -> Self {
        let set = Self { members: join_all((0..size).map(|_| Member::start())).await };
        let members: Vec<Document> = (0_i32..)
            .zip(&set.members)
            .map(|(id, member)| doc! {"_id": id, "host": member.host()})
            .collect();
        let mut all = doc! {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500};
        all.extend(settings);
        let config = doc! {"_id": SET_NAME, "members": members, "settings": all};
        for member in &set.members {
            let up = || async { member.hello().await };
            eventually("mongod answers", ELECTION_TIMEOUT, up).await;
        }
        let first = direct(set.members[0].port).await;
        first
            .database("admin")
            .run_command(doc! {"replSetInitiate": config})
            .await
            .expect("the set is made");
        set.primary().await;
        set.all_in_service().await;
        set
    }

    /// The address of the set, through the proxies.
    pub fn uri(&self) -> String {
        let hosts: Vec<String> = self.members.iter().map(Member::host).collect();
        format!("mongodb://{}/?replicaSet={SET_NAME}", hosts.join(","))
    }

    /// Which member takes writes, once one does.
    pub async fn primary(&self) -> usize {
        self.primary_but(self.members.len()).await
    }

    /// The primary, without asking the member `frozen`, which cannot respond.
    pub async fn primary_but(&self, frozen: usize) -> usize {
        let find = || async {
            let others = self.members.iter().enumerate().filter(|(number, _)| *number != frozen);
            for (number, member) in others {
                let hello = member.hello().await;
                if hello.is_some_and(|hello| hello.get_bool("isWritablePrimary").unwrap_or(false)) {
                    return Some(number);
                }
            }
            None
        };
        eventually("a primary", ELECTION_TIMEOUT, find).await
    }

    /// Waits until every member is the primary or follows it.
    pub async fn all_in_service(&self) {
        for member in &self.members {
            let in_service = || async {
                let hello = member.hello().await?;
                let is = |field| hello.get_bool(field).unwrap_or(false);
                (is("isWritablePrimary") || is("secondary")).then_some(())
            };
            eventually("the member is in service", ELECTION_TIMEOUT, in_service).await;
        }
    }

    /// A command for one member's `admin` database, past its proxy.
    pub async fn admin(
        &self,
        member: usize,
        command: Document,
    ) -> mongodb::error::Result<Document> {
        direct(self.members[member].port).await.database("admin").run_command(command).await
    }

    /// Kills a member's process.
    pub async fn kill(&mut self, member: usize) {
        let process = self.members[member].process.take().expect("it runs");
        process.signal(Signal::KILL);
        process.wait().await.expect("it ended");
        // The proxy of a dead server does not keep its clients waiting.
        self.members[member].proxy.cut();
    }

    /// Starts a killed member again over its data.
    pub async fn restart(&mut self, member: usize) {
        let member = &mut self.members[member];
        member.process = Some(mongod(&member.folder, member.port).await);
    }

    /// Stops a member's process where it is.
    pub fn freeze(&self, member: usize) {
        self.members[member].process.as_ref().expect("it runs").signal(Signal::STOP);
    }

    /// Lets a frozen member go on.
    pub fn thaw(&self, member: usize) {
        self.members[member].process.as_ref().expect("it runs").signal(Signal::CONT);
    }

    /// Makes the primary step down.
    pub async fn step_down(&self) {
        let primary = self.primary().await;
        let command = doc! {"replSetStepDown": 3, "secondaryCatchUpPeriodSecs": 2};
        // It refuses while no other could take its place, as for some seconds after the last
        // election.
        let step_down = || async { self.admin(primary, command.clone()).await.ok() };
        eventually("the primary steps down", ELECTION_TIMEOUT, step_down).await;
    }

    /// How many bookings of a tenant one member has, whatever the others have.
    pub async fn local_bookings(&self, member: usize, database: &str, app_id: &str) -> u64 {
        let client = direct(self.members[member].port).await;
        let options = DatabaseOptions::builder().read_concern(ReadConcern::local()).build();
        let bookings =
            client.database_with_options(database, options).collection::<Document>("bookings");
        bookings.count_documents(doc! {"appId": app_id}).await.expect("a count")
    }

    /// Waits until every member has, by majority, the same bookings, holds and seats of a tenant.
    pub async fn agrees(&self, database: &str, app_id: &str) {
        let same = || async {
            let books: Vec<_> =
                join_all(self.members.iter().map(|member| books(member.port, database, app_id)))
                    .await;
            let first = books[0].as_ref()?;
            books.iter().all(|other| other.as_ref() == Some(first)).then_some(())
        };
        eventually("all members have the same books", ELECTION_TIMEOUT, same).await;
    }
}

/// A tenant's documents as one member has them by majority; `None` while it cannot tell.
async fn books(port: u16, database: &str, app_id: &str) -> Option<BTreeSet<String>> {
    let client = direct(port).await;
    let nearest = SelectionCriteria::ReadPreference(ReadPreference::Nearest { options: None });
    let options = DatabaseOptions::builder()
        .read_concern(ReadConcern::majority())
        .selection_criteria(nearest)
        .build();
    let database = client.database_with_options(database, options);
    let mut found = BTreeSet::new();
    for collection in ["seats", "reservations", "bookings"] {
        let cursor =
            database.collection::<Document>(collection).find(doc! {"appId": app_id}).await.ok()?;
        let documents: Vec<Document> = cursor.try_collect().await.ok()?;
        found.extend(documents.iter().map(|document| format!("{collection} {document}")));
    }
    client.shutdown().immediate(true).await;
    Some(found)
}
