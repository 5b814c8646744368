//! `rediss://`: locks over TLS with a private authority, and what happens to the locks when client
//! and server disagree about TLS or the certificate.

use std::{net::Ipv4Addr, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

use super::{BUDGET, FaultRig, WAIT_TIMEOUT, fault_slot, held, to_confirm, to_release, to_reserve};
use crate::support::{
    invariants, launch::launch, payment, poll::eventually, servers, servers::port_of, unique,
};

/// The authority that signs the certificate of a private Redis.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, unique("authority"));
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    /// Its certificate in a file, as an operator has it.
    pub fn file(&self) -> String {
        write("ca.pem", &self.0.pem())
    }
}

fn write(name: &str, text: &str) -> String {
    let path = servers::directory("tls").join(name);
    std::fs::write(&path, text).expect("it is written");
    path.to_str().expect("a path of UTF-8").to_owned()
}

/// A TLS front for a server without TLS. Dropping it ends its connections.
pub struct Terminator {
    pub port: u16,
    task: JoinHandle<()>,
}

impl Terminator {
    /// For `server`, with a certificate of this authority for the loopback address.
    pub async fn of(authority: &Authority, server: u16) -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &authority.0).expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder().with_no_client_auth();
        let config =
            config.with_single_cert(vec![certificate.der().clone()], key).expect("they fit");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let task = tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), server));
        Self { port, task }
    }

    fn url(&self) -> String {
        format!("rediss://127.0.0.1:{}", self.port)
    }
}

impl Drop for Terminator {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, server: u16) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((client, _)) = listener.accept() => {
                let acceptor = acceptor.clone();
                connections.spawn(async move {
                    // A client that does not trust us, or speaks no TLS, does not reach Redis.
                    let Ok(mut client) = acceptor.accept(client).await else { return };
                    let Ok(mut upstream) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await else { return };
                    let _ = copy_bidirectional(&mut client, &mut upstream).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// A rig whose functions reach the shared Redis through TLS.
async fn rig_behind(authority: &Authority) -> (FaultRig, Terminator) {
    let mut rig = FaultRig::new(2).await;
    let tls = Terminator::of(authority, port_of(&rig.tenant.stack.redis_url)).await;
    rig.set("REDIS_URL", tls.url());
    (rig, tls)
}

#[tokio::test]
async fn a_booking_over_tls_takes_its_locks_in_that_redis_and_gives_them_back() {
    let _slot = fault_slot().await;
    let authority = Authority::new();
    let (mut rig, _tls) = rig_behind(&authority).await;
    rig.set("REDIS_CA_FILE", authority.file());
    let seats: Vec<&str> = rig.seats.iter().map(String::as_str).collect();
    let (reserve, confirm, release) =
        tokio::join!(rig.start("reserve"), rig.start("confirm"), rig.start("release"));
    let hold = held(&reserve, &rig.ann, &seats).await;
    invariants::no_locks_left_but(&rig.tenant, &seats).await;
    reserve
        .call(&to_reserve(&rig.bob, &seats[..1]), BUDGET)
        .await
        .error(409, "SEAT_ALREADY_LOCKED");
    release.call(&to_release(&rig.ann, &hold), BUDGET).await.expect(200);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
    let hold = held(&reserve, &rig.bob, &seats).await;
    invariants::no_locks_left_but(&rig.tenant, &seats).await;
    confirm.call(&to_confirm(&rig.bob, &hold, &payment()), BUDGET).await.expect(201);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
    invariants::check(&rig.tenant).await;
    for process in [&reserve, &confirm, &release] {
        assert!(!process.log().contains("redis"), "{}", process.log());
    }
}

/// Books while Redis runs but cannot be used: nothing is locked, nothing fails, and
/// the log says so.
async fn books_without_the_gate(rig: &FaultRig) {
    let seat = rig.seats[0].as_str();
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[seat]).await;
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
    reserve.call(&to_reserve(&rig.bob, &[seat]), BUDGET).await.error(409, "SEAT_ALREADY_LOCKED");
    let paid = payment();
    let sold = confirm.call(&to_confirm(&rig.ann, &hold, &paid), BUDGET).await;
    sold.expect(201);
    let books = invariants::check(&rig.tenant).await;
    invariants::assert_kept(&books, &sold, &rig.ann, &hold, &paid);
    for process in [&reserve, &confirm] {
        let warned = || async { process.log().contains("RedisDegraded").then_some(()) };
        eventually("the loss of the gate is logged", WAIT_TIMEOUT, warned).await;
    }
}

#[tokio::test]
async fn a_redis_whose_certificate_another_authority_signed_is_not_used_and_bookings_go_on() {
    let _slot = fault_slot().await;
    let authority = Authority::new();
    let (mut rig, _tls) = rig_behind(&authority).await;
    rig.set("REDIS_CA_FILE", Authority::new().file());
    books_without_the_gate(&rig).await;
    // No public authority signed it either.
    let (rig, _tls) = rig_behind(&authority).await;
    books_without_the_gate(&rig).await;
}

#[tokio::test]
async fn a_redis_that_speaks_tls_to_clients_that_do_not_or_the_reverse_costs_no_booking_and_no_deadline()
 {
    let _slot = fault_slot().await;
    let authority = Authority::new();
    let (mut rig, tls) = rig_behind(&authority).await;
    rig.set("REDIS_URL", format!("redis://127.0.0.1:{}", tls.port));
    books_without_the_gate(&rig).await;
    let mut rig = FaultRig::new(1).await;
    rig.set("REDIS_URL", format!("rediss://127.0.0.1:{}", rig.redis.port()));
    books_without_the_gate(&rig).await;
}

#[tokio::test]
async fn an_authority_that_is_missing_malformed_or_of_no_use_stops_the_function_with_the_settings_name()
 {
    let authority = Authority::new();
    let (rig, tls) = rig_behind(&authority).await;
    let cut = authority.0.pem().replace("MII", "M");
    let files = [
        (tls.url(), "/no/such/file.pem".to_owned()),
        (tls.url(), write("empty.pem", "")),
        (tls.url(), write("prose.pem", "a-password")),
        (tls.url(), write("key.pem", &authority.0.key().serialize_pem())),
        (tls.url(), write("cut.pem", &cut)),
        (format!("redis://127.0.0.1:{}", rig.redis.port()), authority.file()),
        (format!("{},redis://127.0.0.1:{}", tls.url(), rig.redis.port()), authority.file()),
    ];
    for (url, file) in files {
        let mut settings = rig.settings.clone();
        settings.insert("REDIS_URL".to_owned(), url);
        settings.insert("REDIS_CA_FILE".to_owned(), file.clone());
        launch("reserve", &settings).await.names("REDIS_CA_FILE", &["a-password", &file]);
    }
}
