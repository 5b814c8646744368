//! The limits of every field of every body. A value outside them gets a 400 that names the field. A
//! value at their edge passes. Every field needs a row in this table.

mod table;

use serde_json::{Value, json};

use self::table::{Body, Field, check_admin, check_user, optional, post, required};
use crate::support::{invariants::Books, stacks, unique};

/// Values that every text field refuses.
fn no_text() -> Vec<Value> {
    vec![
        json!(1),
        json!(true),
        json!(null),
        json!([]),
        json!({}),
        json!(""),
        json!("a\u{7}b"),
        json!("a\u{0}"),
        json!("a\nb"),
    ]
}

fn text(more: &[&str]) -> Vec<Value> {
    no_text().into_iter().chain(more.iter().map(|t| json!(t))).collect()
}

fn email() -> Field {
    let long = format!("{}@example.com", "x".repeat(243));
    required(
        "email",
        text(&[
            "ab",
            "no-at.example.com",
            "two@@example.com",
            "@example.com",
            "a@",
            "a b@example.com",
            &long,
        ]),
        vec![],
    )
}

fn name() -> Vec<Value> {
    text(&["", &"n".repeat(101)])
}

fn app_id(required: bool) -> Field {
    let long = format!("a{}", "b".repeat(63));
    let bad = text(&["a", "A1", "-a", "a_b", "a.b", "a b", "é1", &long]);
    Field { name: "appId", required, bad, good: vec![] }
}

fn good_names() -> Vec<Value> {
    vec![json!("n"), json!("ñ".repeat(100))]
}

fn token() -> Field {
    let bad = text(&[
        "not-a-uuid",
        "00000000-0000-4000-8000-00000000000",
        "{00000000-0000-4000-8000-000000000000}",
    ]);
    required("reservationToken", bad, vec![])
}

fn flags() -> Vec<Value> {
    vec![json!(1), json!("true"), json!(null), json!([])]
}

#[tokio::test]
async fn both_logins_check_every_field() {
    let stack = stacks::usual().await;
    let user = stack.tenant().await.user().await;
    let valid = json!({
        "email": format!("{}@example.com", unique("nobody")), "password": "not the password",
    });
    let fields = || {
        vec![
            required("email", vec![json!(1), json!(null), json!([])], vec![]),
            required("password", vec![json!(1), json!(null), json!([])], vec![]),
        ]
    };
    check_admin(&stack.admin().await, post("/admin/login", valid.clone(), fields()), |_| ()).await;
    check_user(&user, post("/auth/login", valid, fields()), |_| ()).await;
}

#[tokio::test]
async fn signup_checks_every_field() {
    let user = stacks::usual().await.tenant().await.user().await;
    let valid = json!({
        "email": format!("{}@example.com", unique("u")), "password": "a good long password",
        "name": "N",
    });
    let longest = format!("{}@example.com", unique(&"x".repeat(254 - 12 - 17)));
    let mut address = email();
    address.good = vec![json!(longest)];
    let fields = vec![
        address,
        required(
            "password",
            vec![json!(1), json!(null), json!("x".repeat(9)), json!("x".repeat(129)), json!("")],
            vec![json!("x".repeat(10)), json!("x".repeat(71)), json!("漢".repeat(128))],
        ),
        required("name", name(), good_names()),
        optional(
            "phone",
            text(&["12", "+", "phone", "12a4", "++123", "123+4", &"1".repeat(33), "１２３４"]),
            vec![
                json!("123"),
                json!(null),
                json!("+91 (22) 555-0100"),
                json!(format!("+{}", "1".repeat(32))),
            ],
        ),
    ];
    let fresh = |body: &mut Value| body["email"] = json!(format!("{}@example.com", unique("u")));
    let body = post("/auth/signup", valid.clone(), fields);
    check_user(&user, body, fresh).await;
    user.tenant.post("/auth/signup", &valid).await.expect(201);
}

#[tokio::test]
async fn registering_and_changing_an_app_check_every_field() {
    let stack = stacks::usual().await;
    let admin = stack.admin().await;
    let origins = || {
        vec![
            json!(null),
            json!("https://a.example.com"),
            json!([]),
            json!([1]),
            json!([null]),
            json!(["*"]),
            json!({}),
        ]
    };
    let valid = json!({
        "appId": unique("app"), "name": "N", "domain": "BUS",
        "allowedDomains": ["https://a.example.com"],
    });
    let mut id = app_id(false);
    id.good = vec![json!(unique("0")), json!(unique(&"a".repeat(46))), json!(null)];
    let fields = vec![
        id,
        required("name", name(), good_names()),
        required(
            "domain",
            vec![json!("bus"), json!("TRAIN"), json!(""), json!(null), json!(1)],
            vec![json!("EVENT"), json!("BUS"), json!("MOVIE")],
        ),
        optional("allowedDomains", origins(), vec![]),
        optional("allowServerRequests", flags(), vec![json!(true), json!(false), json!(null)]),
    ];
    let fresh = |body: &mut Value| body["appId"] = json!(unique("app"));
    check_admin(&admin, post("/admin/apps", valid.clone(), fields), fresh).await;
    admin.post("/admin/apps", &valid).await.expect(201);

    let update = Body {
        route: ("PATCH", format!("/admin/apps/{}", valid["appId"].as_str().unwrap())),
        valid: json!({"isActive": true}),
        fields: vec![
            optional("name", name(), good_names()),
            optional("allowedDomains", origins(), vec![json!(["https://b.example.com"])]),
            optional("allowServerRequests", flags(), vec![json!(true), json!(false)]),
            optional("isActive", flags(), vec![json!(true), json!(false)]),
            optional("domain", vec![json!("EVENT")], vec![]),
            optional("appId", vec![json!("another-app")], vec![]),
        ],
    };
    check_admin(&admin, update, |_| ()).await;

    let rotate = post(
        &format!("/admin/apps/{}/rotate-key", valid["appId"].as_str().unwrap()),
        json!({}),
        vec![optional(
            "overlapSeconds",
            vec![json!(-1), json!(86_401), json!(1.5), json!("1"), json!(null), json!(1e30)],
            vec![json!(0), json!(86_400), json!(60.0), json!(null)],
        )],
    );
    check_admin(&admin, rotate, |_| ()).await;
}

#[tokio::test]
async fn creating_seats_checks_every_field() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let admin = stack.admin().await;
    let entity = text(&["-a", ".a", "_a", "a b", "a/b", "é", &"e".repeat(65)]);
    let valid = json!({
        "appId": tenant.app_id, "entityId": tenant.entity, "currency": "INR",
        "seats": [{"seatNumber": "A1", "price": 1}],
    });
    let fields = vec![
        app_id(true),
        required("entityId", entity, vec![json!("e"), json!("E.e_e-1"), json!("e".repeat(64))]),
        required(
            "currency",
            text(&["inr", "IN", "INRR", "I1R", "₹₹₹", "IRN", "XAU"]),
            vec![json!("USD")],
        ),
        required(
            "seats",
            vec![json!([]), json!({}), json!(null), json!("A1"), json!([1]), json!([null])],
            vec![],
        ),
    ];
    let fresh = |body: &mut Value| body["entityId"] = json!(unique("hall"));
    check_admin(&admin, post("/admin/seats", valid.clone(), fields), fresh).await;

    let seat = |name: &str, value: &Value| {
        let mut body = valid.clone();
        body["seats"][0][name] = value.clone();
        body
    };
    let bad = [
        ("seatNumber", text(&[&"s".repeat(65), "A\t1"])),
        (
            "price",
            vec![
                json!(-1),
                json!(1.5),
                json!("1"),
                json!(null),
                json!(1_000_000_000_001_i64),
                json!(1e40),
                json!([]),
            ],
        ),
        ("metadata", vec![json!(1), json!("x"), json!([]), json!({"a.b": 1})]),
        ("surprise", vec![json!(1)]),
    ];
    for (name, values) in bad {
        for value in values {
            let reply = admin.post("/admin/seats", &seat(name, &value)).await;
            assert_eq!(reply.status, 400, "{name} = {value}: {reply}");
            let named =
                reply.body["error"]["details"]["fields"][0]["field"].as_str().unwrap_or_default();
            assert!(named.starts_with("seats"), "{reply}");
            assert!(
                named.contains(name) || reply.text.contains(name),
                "{name} is not named: {reply}"
            );
        }
    }
    for name in ["seatNumber", "price"] {
        let mut body = valid.clone();
        body["seats"][0].as_object_mut().unwrap().remove(name);
        let reply = admin.post("/admin/seats", &body).await;
        reply.error(400, "VALIDATION_ERROR");
        assert!(reply.text.contains(name), "{reply}");
    }
    assert!(
        Books::read(&tenant)
            .await
            .seats
            .iter()
            .all(|s| s.get_str("entityId").ok() != Some(&tenant.entity))
    );
    for number in ["s", "Row 1 · Seat 2", &"é".repeat(64)] {
        let mut body = seat("seatNumber", &json!(number));
        fresh(&mut body);
        let reply = admin.post("/admin/seats", &body).await;
        assert_eq!(reply.expect(201)["seats"][0]["seatNumber"], number);
    }
}

#[tokio::test]
async fn reserve_checks_every_field() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let ids = [
        "x",
        "0123456789abcdef0123456",
        "0123456789abcdef012345678",
        "0123456789ABCDEF01234567",
        "0123456789abcdef0123456g",
    ];
    check_user(
        &user,
        post(
            "/reserve-seat",
            json!({"seatId": seat}),
            vec![required("seatId", text(&ids), vec![])],
        ),
        |_| (),
    )
    .await;
    let mut baskets = vec![
        json!([]),
        json!({}),
        json!(null),
        json!(seat),
        json!([1]),
        json!([null]),
        json!([[seat]]),
    ];
    baskets.extend(ids.iter().map(|id| json!([id])));
    baskets.push(json!([seat, seat]));
    let fields = vec![optional("seatIds", baskets, vec![])];
    check_user(&user, post("/reserve-seat", json!({"seatIds": [seat]}), fields), |_| ()).await;
    user.post("/reserve-seat", &json!({})).await.error(400, "VALIDATION_ERROR");
    assert_eq!(user.free_seats().await, [seat]);
}

#[tokio::test]
async fn confirm_and_release_check_every_field() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    let valid = json!({"reservationToken": hold.token, "paymentId": "pay_1"});
    let payment = text(&["a b", ".a", "/a", "é", "$", &"p".repeat(256)]);
    check_user(
        &user,
        post("/confirm-booking", valid, vec![token(), required("paymentId", payment, vec![])]),
        |_| (),
    )
    .await;
    let release = post("/release-seat", json!({"reservationToken": hold.token}), vec![token()]);
    check_user(&user, release, |_| ()).await;
    assert_eq!(user.reservations().await.len(), 1);
    let longest = unique(&"p".repeat(255 - 17));
    assert_eq!(longest.len(), 255);
    user.confirm(&hold, &longest).await.expect(201);
}
