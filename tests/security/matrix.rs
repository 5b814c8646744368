//! The authorization matrix: every route of the template, every kind of caller, with a right and
//! with a spoiled request.

use serde_json::{Value, json};

use super::{
    fixture::Fixture as Scene,
    forgeries::forged_tokens,
    request::{Request as Ask, Transport as Door},
    stored_state::StateReader as Watch,
};
use crate::support::{
    reply::Reply,
    routes::{self, Audience},
};

/// How a caller is refused on the routes of each layer. `None`: it is not refused.
#[derive(Clone, Copy, Default)]
struct Refusals {
    admin: Option<(u16, &'static str)>,
    organiser: Option<(u16, &'static str)>,
    app: Option<(u16, &'static str)>,
    user: Option<(u16, &'static str)>,
}

impl Refusals {
    fn of(&self, layer: Audience) -> Option<(u16, &'static str)> {
        match layer {
            Audience::Public => None,
            Audience::Admin => self.admin,
            Audience::Organiser => self.organiser,
            Audience::App => self.app,
            Audience::User => self.user,
        }
    }

    /// Refused on all admin routes.
    fn without_admin(self) -> Self {
        Self { admin: NO_ADMIN, organiser: NO_ADMIN, ..self }
    }

    /// Refused by the app layer. Routes of the admin have none.
    fn as_app(status: u16, code: &'static str) -> Self {
        Self { app: Some((status, code)), user: Some((status, code)), ..Self::default() }
    }

    /// Refused wherever a token is checked.
    fn as_bearer(code: &'static str) -> Self {
        let refusal = Some((401, code));
        Self { admin: refusal, organiser: refusal, user: refusal, app: None }
    }
}

const NO_ADMIN: Option<(u16, &str)> = Some((401, "UNAUTHENTICATED"));
const NO_USER: Option<(u16, &str)> = Some((401, "UNAUTHENTICATED"));
const NO_APP: Option<(u16, &str)> = Some((401, "APP_AUTH_REQUIRED"));

/// One kind of caller: how it changes the right request, and how it is refused.
struct Caller<'a> {
    name: String,
    spoil: Box<dyn Fn(Ask) -> Ask + 'a>,
    refusals: Refusals,
}

fn caller<'a>(
    name: impl Into<String>,
    refusals: Refusals,
    spoil: impl Fn(Ask) -> Ask + 'a,
) -> Caller<'a> {
    Caller { name: name.into(), spoil: Box::new(spoil), refusals }
}

/// Whether a route is called with a bearer token alone.
fn is_admins(ask: &Ask) -> bool {
    matches!(ask.route.audience, Audience::Admin | Audience::Organiser)
}

fn bare(ask: Ask) -> Ask {
    ["x-app-id", "x-api-key", "origin", "authorization"]
        .iter()
        .fold(ask, |ask, name| ask.without(name))
}

/// Callers with credentials for another layer, or without credentials.
fn of_another_layer(scene: &Scene) -> Vec<Caller<'_>> {
    let key = &scene.tenant.api_key;
    let credentials = &scene.stack.credentials;
    // Proves that tokens signed here are valid. So the forged ones below are refused for their
    // forgery.
    let signed =
        |token: &str, secret: &str| crate::support::tokens::resign(token, secret, |_, _| ());
    let user = signed(&scene.ann.token, &credentials.user_jwt_secret);
    let admin = signed(&scene.admin_token, &credentials.admin_jwt_secret);
    let no_app = Refusals { app: NO_APP, user: NO_APP, ..Refusals::default() };
    let everywhere = no_app.without_admin();
    let only_app = Refusals { user: NO_USER, ..Refusals::default() }.without_admin();
    vec![
        caller("the right caller", Refusals::default(), |ask| ask),
        caller("a token that is signed again", Refusals::default(), move |ask| {
            if is_admins(&ask) { ask.bearer(&admin) } else { ask.bearer(&user) }
        }),
        caller("nobody", everywhere, bare),
        caller("an admin's token alone", no_app, |ask| bare(ask).bearer(&scene.admin_token)),
        caller("a user's token alone", everywhere, |ask| bare(ask).bearer(&scene.ann.token)),
        caller("an API key for a token", everywhere, |ask| bare(ask).bearer(key)),
        caller("an app with nobody signed in", only_app, |ask| {
            scene.on_page(bare(ask), &scene.tenant)
        }),
        caller("an app with an API key for a token", only_app, |ask| {
            scene.on_page(bare(ask), &scene.tenant).bearer(key)
        }),
        caller(
            "an app with an admin's token",
            Refusals { user: NO_USER, ..Refusals::default() },
            |ask| scene.on_page(bare(ask), &scene.tenant).bearer(&scene.admin_token),
        ),
        caller("a user", Refusals::default().without_admin(), |ask| {
            scene.on_page(bare(ask), &scene.tenant).bearer(&scene.ann.token)
        }),
        caller(
            "a user of another app on that app's page",
            Refusals::default().without_admin(),
            |ask| scene.on_page(bare(ask), &scene.eve.tenant).bearer(&scene.eve.token),
        ),
        caller(
            "a page of an app that is switched off",
            Refusals::as_app(403, "APP_INACTIVE"),
            |ask| {
                if is_admins(&ask) { ask } else { scene.on_page(ask, &scene.gone.tenant) }
            },
        ),
    ]
}

/// Callers with a secret key. It is no admin, and it has only its own app.
fn with_a_secret_key(scene: &Scene) -> Vec<Caller<'_>> {
    let permitted = Refusals { admin: Some((403, "NOT_PERMITTED")), ..Refusals::default() };
    let alone = Refusals { app: NO_APP, user: NO_APP, ..permitted };
    let on_page = Refusals { user: NO_USER, ..permitted };
    let last = if scene.secret_key.ends_with('0') { "1" } else { "0" };
    let misspelt = format!("{}{last}", &scene.secret_key[..47]);
    let nobody = Refusals { app: NO_APP, user: NO_APP, ..Refusals::default() }.without_admin();
    vec![
        caller("a secret key alone", alone, |ask| bare(ask).bearer(&scene.secret_key)),
        caller("a secret key of an app that is switched off", alone, |ask| {
            bare(ask).bearer(&scene.gone_secret_key)
        }),
        caller("a secret key on its app's page", on_page, |ask| {
            scene.on_page(bare(ask), &scene.tenant).bearer(&scene.secret_key)
        }),
        caller("a misspelt secret key", nobody, move |ask| bare(ask).bearer(&misspelt)),
        caller("an unknown secret key", nobody, |ask| {
            bare(ask).bearer(shared::auth::api_key::SecretKey::generate().expose())
        }),
        caller("a secret key that was deleted", nobody, |ask| {
            bare(ask).bearer(&scene.deleted_secret_key)
        }),
    ]
}

/// Callers whose app headers do not belong together.
fn of_no_app(scene: &Scene) -> Vec<Caller<'_>> {
    let Scene { tenant, eve, .. } = scene;
    let last = if tenant.api_key.ends_with('0') { "1" } else { "0" };
    let misspelt = format!("{}{last}", &tenant.api_key[..47]);
    // Only on routes with an app layer: admins have none.
    let with = |name: &'static str, value: String| {
        move |ask: Ask| {
            if ask.headers.iter().any(|(n, _)| n == name) {
                ask.header(name, value.clone())
            } else {
                ask
            }
        }
    };
    let wrong = Refusals::as_app(401, "INVALID_APP_CREDENTIALS");
    let missing = Refusals::as_app(401, "APP_AUTH_REQUIRED");
    let elsewhere = Refusals::as_app(403, "ORIGIN_NOT_ALLOWED");
    let mut callers = vec![
        caller("no app id", missing, |ask| ask.without("x-app-id")),
        caller("no API key", missing, |ask| ask.without("x-api-key")),
        caller("an empty API key", missing, with("x-api-key", String::new())),
        caller("another app's key", wrong, with("x-api-key", eve.tenant.api_key.clone())),
        caller("another app's id", wrong, with("x-app-id", eve.tenant.app_id.clone())),
        caller("an unknown app", wrong, with("x-app-id", "no-such-app".to_owned())),
        caller("what is no app id", wrong, with("x-app-id", "Not An Id".to_owned())),
        caller("a misspelt key", wrong, with("x-api-key", misspelt)),
        caller("what is no key", wrong, with("x-api-key", "ubk_short".to_owned())),
        caller("no origin", elsewhere, |ask| ask.without("origin")),
        caller("a null origin", elsewhere, with("origin", "null".to_owned())),
        caller("another app's origin", elsewhere, with("origin", eve.tenant.origin.clone())),
        caller(
            "an origin that nobody lists",
            elsewhere,
            with("origin", "https://evil.example.org".to_owned()),
        ),
    ];
    let mismatch = Refusals { user: Some((403, "TOKEN_APP_MISMATCH")), ..Refusals::default() };
    callers.push(caller("a user's token of another app", mismatch, |ask| {
        if is_admins(&ask) { ask } else { ask.bearer(&eve.token) }
    }));
    callers
}

/// Callers with a forged token: an admin's on the admin's routes, a user's on the users' routes.
fn of_a_bad_token(scene: &Scene) -> Vec<Caller<'_>> {
    let credentials = &scene.stack.credentials;
    let users = forged_tokens(
        &scene.ann.token,
        &credentials.user_jwt_secret,
        &credentials.admin_jwt_secret,
    );
    let admins = forged_tokens(
        &scene.admin_token,
        &credentials.admin_jwt_secret,
        &credentials.user_jwt_secret,
    );
    let pairs = users.into_iter().zip(admins);
    let mut callers: Vec<Caller<'_>> = pairs
        .map(|(user, admin)| {
            assert_eq!(user.what, admin.what);
            caller(format!("a token {}", user.what), Refusals::as_bearer(user.code), move |ask| {
                let token = if is_admins(&ask) { &admin.token } else { &user.token };
                ask.bearer(token)
            })
        })
        .collect();
    let unauthenticated = Refusals::as_bearer("UNAUTHENTICATED");
    callers.push(caller("no token", unauthenticated, |ask| ask.without("authorization")));
    for scheme in ["Basic ", "Token ", "", "Bearer", "Bearer  "] {
        callers.push(caller(format!("a token after {scheme:?}"), unauthenticated, move |ask| {
            let token = if is_admins(&ask) { &scene.admin_token } else { &scene.ann.token };
            ask.header("authorization", format!("{scheme}{token}"))
        }));
    }
    let of_no_admin = Refusals::default().without_admin();
    let demoted = crate::support::tokens::resign(
        &scene.admin_token,
        &credentials.admin_jwt_secret,
        |_, claims| {
            claims["role"] = json!("USER");
        },
    );
    callers.push(caller("an admin's token of another role", of_no_admin, move |ask| {
        if is_admins(&ask) { ask.bearer(&demoted) } else { ask }
    }));
    callers
}

#[track_caller]
fn check_reply(reply: &Reply, (status, code): (u16, &str), who: &str) {
    assert_eq!((reply.status, reply.code()), (status, code), "{who}: {reply}");
    if code.is_empty() {
        reply.expect(status);
    } else {
        reply.error(status, code);
    }
}

/// All refused cells of the matrix, then all others.
async fn check(scene: &Scene, door: &Door, forgers: &[Caller<'_>]) {
    let routes = routes::all();
    let mut watch = Watch::new(&scene.stack).await;
    // So that the example of a sign-up gets the same response each time.
    let signup = scene.right(&routes::find("POST", "/auth/signup"));
    assert!(matches!(door.send(&scene.stack, &signup).await.status, 201 | 409));
    let mut callers: Vec<Caller<'_>> =
        of_another_layer(scene).into_iter().chain(of_no_app(scene)).collect();
    callers.extend(with_a_secret_key(scene));
    let before = watch.snapshot().await;
    for caller in callers.iter().chain(forgers) {
        for route in &routes {
            let Some(refusal) = caller.refusals.of(route.audience) else { continue };
            let ask = (caller.spoil)(scene.right(route));
            for ask in [ask.clone(), ask.spoiled()] {
                check_reply(
                    &door.send(&scene.stack, &ask).await,
                    refusal,
                    &format!("{} at {route}", caller.name),
                );
            }
        }
        watch.assert_unchanged(&before, &caller.name).await;
    }
    for caller in &callers {
        for route in routes.iter().filter(|route| caller.refusals.of(route.audience).is_none()) {
            let who = format!("{} at {route}", caller.name);
            let ask = (caller.spoil)(scene.right(route));
            check_reply(&door.send(&scene.stack, &ask).await, route.welcome, &who);
            // Only an authorized caller learns what is wrong with the request.
            let spoiled = door.send(&scene.stack, &ask.spoiled()).await;
            check_reply(&spoiled, route.response_to_unknown(), &who);
        }
    }
}

#[tokio::test]
async fn every_route_responds_to_every_caller_as_the_matrix_says_over_http() {
    let scene = Scene::new().await;
    // A token is a header on every transport, so all forged ones are sent as events only.
    let forgers = of_a_bad_token(&scene);
    let few = [
        "no token",
        "a token that is over",
        "a token under alg none",
        "a token under another's secret",
    ];
    let forgers: Vec<_> =
        forgers.into_iter().filter(|caller| few.contains(&caller.name.as_str())).collect();
    assert_eq!(forgers.len(), few.len());
    check(&scene, &Door::Http, &forgers).await;
}

#[tokio::test]
async fn every_route_responds_to_every_caller_as_the_matrix_says_as_events() {
    let scene = Scene::new().await;
    let processes = scene.all_processes().await;
    check(&scene, &Door::Text(processes), &of_a_bad_token(&scene)).await;
}

/// Texts that the response to a request for another user's data must not contain.
#[track_caller]
fn reveals_nothing(reply: &Reply, scene: &Scene) {
    for secret in [&scene.held.token, &scene.booked, &scene.ann.user_id, &scene.ann.email] {
        assert!(!reply.text.contains(secret.as_str()), "{secret}: {reply}");
    }
}

/// Requests for Ann's data from another user's page. `here`: the page is of the same tenant.
async fn ask_for_anns(scene: &Scene, ask: Ask, here: bool) -> Reply {
    let send = async |ask: Ask| Door::Http.send(&scene.stack, &ask).await;
    let refused = async |ask: Ask, wanted: (u16, &str)| {
        let reply = send(ask).await;
        check_reply(&reply, wanted, "another");
        reply
    };
    let hold = &scene.held;
    match ask.route.pattern {
        "/seats" => {
            let reply =
                send(ask.target(format!("/seats?entityId={}&include=all", scene.tenant.entity)))
                    .await;
            let seats = reply.expect(200)["seats"].as_array().unwrap();
            assert_eq!(seats.len(), if here { 3 } else { 0 }, "{reply}");
            assert!(seats.iter().all(|seat| seat["mine"] != Value::Bool(true)), "{reply}");
            reply
        }
        "/reserve-seat" => {
            let wanted = if here { (409, "SEAT_ALREADY_LOCKED") } else { (404, "SEAT_NOT_FOUND") };
            let reply = refused(ask.json(&json!({"seatId": hold.seats[0]})), wanted).await;
            assert!(!reply.text.contains("\"mine\":true"), "{reply}");
            reply
        }
        "/confirm-booking" => {
            let body = json!({"reservationToken": hold.token, "paymentId": "pay_of_another"});
            refused(ask.json(&body), (404, "RESERVATION_NOT_FOUND")).await
        }
        "/payments" => {
            let body = json!({"reservationToken": hold.token});
            refused(ask.json(&body), (404, "RESERVATION_NOT_FOUND")).await
        }
        "/release-seat" => {
            refused(
                ask.json(&json!({"reservationToken": hold.token})),
                (404, "RESERVATION_NOT_FOUND"),
            )
            .await
        }
        "/bookings/{bookingId}" => {
            refused(ask.target(format!("/bookings/{}", scene.booked)), (404, "BOOKING_NOT_FOUND"))
                .await
        }
        "/bookings/{bookingId}/cancellation" => {
            let path = format!("/bookings/{}/cancellation", scene.booked);
            refused(ask.target(path), (404, "BOOKING_NOT_FOUND")).await
        }
        "/cancel-booking" => {
            let body = json!({"bookingId": scene.booked});
            refused(ask.json(&body), (404, "BOOKING_NOT_FOUND")).await
        }
        list @ ("/bookings" | "/reservations") => {
            let reply = send(ask).await;
            assert_eq!(reply.expect(200)[&list[1..]], json!([]), "{reply}");
            reply
        }
        pattern => panic!("{pattern} has no row"),
    }
}

/// Ann's data does not exist for Bob of the same tenant or for Eve of another one.
#[tokio::test]
async fn what_is_anothers_does_not_exist_on_any_route_of_users() {
    let scene = Scene::new().await;
    let mut watch = Watch::new(&scene.stack).await;
    let before = watch.snapshot().await;
    for (who, tenant) in [(&scene.bob, &scene.tenant), (&scene.eve, &scene.eve.tenant)] {
        for route in routes::callable_by(&[Audience::User]) {
            let ask = scene.on_page(Ask::new(&route), tenant).bearer(&who.token);
            let reply = ask_for_anns(&scene, ask, tenant.app_id == scene.tenant.app_id).await;
            reveals_nothing(&reply, &scene);
        }
    }
    watch.assert_unchanged(&before, "somebody else").await;
}
