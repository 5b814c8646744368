//! Text as people write it, in every script: what is kept, what compares as equal, what is refused.

use serde_json::{Value, json};

use crate::support::{people::Tenant, reply::Reply, stacks, unique};

async fn create(tenant: &Tenant, numbers: &[&str]) -> Reply {
    let seats: Vec<Value> =
        numbers.iter().map(|number| json!({"seatNumber": number, "price": 1})).collect();
    let body = json!({
        "appId": tenant.app_id, "entityId": tenant.entity, "currency": "INR", "seats": seats,
    });
    tenant.stack.admin().await.post("/admin/seats", &body).await
}

async fn listed(tenant: &Tenant) -> Vec<String> {
    let user = tenant.user().await;
    let mut numbers = Vec::new();
    // Page by page, so that the cursors are in order too.
    let mut path = format!("/seats?entityId={}&limit=2", tenant.entity);
    loop {
        let reply = user.get(&path).await;
        let data = reply.expect(200);
        let seats = data["seats"].as_array().unwrap();
        numbers.extend(seats.iter().map(|s| s["seatNumber"].as_str().unwrap().to_owned()));
        let Some(cursor) = data["nextCursor"].as_str() else { return numbers };
        path = format!("/seats?entityId={}&limit=2&cursor={cursor}", tenant.entity);
    }
}

#[tokio::test]
async fn seats_are_in_natural_order_in_every_script() {
    for wanted in [
        ["क१", "क२", "क१०", "क११"],
        ["ردیف ۲", "ردیف ۳", "ردیف ۱۰", "ردیف ۱۱"],
        ["٢", "٣", "١٠", "١١"],
        ["ที่ ๒", "ที่ ๙", "ที่ ๑๐", "ที่ ๑๑"],
        ["A１", "A2", "A१०", "A11"],
    ] {
        let tenant = stacks::usual().await.tenant().await;
        let [one, two, ten, eleven] = wanted;
        create(&tenant, &[eleven, two]).await.expect(201);
        create(&tenant, &[ten, one]).await.expect(201);
        assert_eq!(listed(&tenant).await, wanted);
    }
}

#[tokio::test]
async fn seat_numbers_that_look_alike_are_the_same_seat() {
    let tenant = stacks::usual().await.tenant().await;
    create(&tenant, &["A1", "Row 1", "\u{e9}"]).await.expect(201);
    for same in [
        "A1 ",
        "A1\u{a0}",
        "\u{3000}A1",
        "A\u{200b}1",
        "\u{feff}A1",
        "A1\u{fe0f}",
        "A\u{ad}1",
        "Row\u{a0}1",
        "Row\u{2009}1",
        "Row  1",
        "e\u{301}",
    ] {
        create(&tenant, &["B1", same]).await.error(409, "SEAT_ALREADY_EXISTS");
        create(&tenant, &["C1", same, "C2", same]).await.error(400, "VALIDATION_ERROR");
    }
    create(&tenant, &["C1", "C 1", "C\u{a0}1"]).await.error(400, "VALIDATION_ERROR");
    assert_eq!(listed(&tenant).await, ["A1", "Row 1", "\u{e9}"]);
    create(&tenant, &["a1", "Row1"]).await.expect(201);
}

#[tokio::test]
async fn what_shows_nothing_or_cannot_be_printed_is_refused() {
    let tenant = stacks::usual().await.tenant().await;
    let admin = tenant.stack.admin().await;
    let nothing =
        ["\u{3164}", " ", "\u{a0}", "\u{200b}\u{200d}", "\u{2800}", "\u{fe0f}", "\u{115f}"];
    for text in nothing {
        create(&tenant, &[text]).await.refuses("seatNumber");
        let app =
            json!({"name": text, "domain": "BUS", "allowedDomains": ["https://a.example.com"]});
        admin.post("/admin/apps", &app).await.refuses("name");
        let body = json!({"email": format!("{}@example.com", unique("u")), "password": "a good long password", "name": text});
        tenant.post("/auth/signup", &body).await.refuses("name");
        let body = json!({"email": format!("{text}@example.com"), "password": "a good long password", "name": "A"});
        tenant.post("/auth/signup", &body).await.refuses("email");
    }
    for text in ["A\u{202e}1", "A\u{e000}", "A\t1", "A\u{85}1", "A\u{2028}1"] {
        create(&tenant, &[text]).await.refuses("seatNumber");
    }
    assert!(listed(&tenant).await.is_empty());
}

#[tokio::test]
async fn joiners_and_selectors_come_back_where_they_belong() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers = ["ردیف‌ها ۱", "क्‍ष", "❤\u{fe0f}", "👨‍👩‍👧", &"席".repeat(64)];
    let made = create(&tenant, &numbers).await;
    let made = made.expect(201)["seats"].as_array().unwrap().clone();
    let made: Vec<&str> = made.iter().map(|s| s["seatNumber"].as_str().unwrap()).collect();
    assert_eq!(made, numbers);
    let mut listed = listed(&tenant).await;
    let mut expected = numbers;
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
    let body = json!({
        "email": format!("{}@example.com", unique("u")), "password": "a good long password",
        "name": "\u{3000}Jose\u{301} 👨‍👩‍👧 ", "phone": null,
    });
    let reply = tenant.post("/auth/signup", &body).await;
    let user = &reply.expect(201)["user"];
    assert_eq!(user["name"], "Jos\u{e9} 👨‍👩‍👧");
    assert!(user.get("phone").is_none(), "{reply}");
}

#[tokio::test]
async fn addresses_that_look_alike_are_one_account() {
    let tenant = stacks::usual().await.tenant().await;
    let local = unique("jos\u{e9}");
    let email = format!("{local}@example.com");
    let password = "a good long password";
    let body = |email: &str| json!({"email": email, "password": password, "name": "A"});
    let signed_up = tenant.post("/auth/signup", &body(&email)).await;
    let signed_up = signed_up.expect(201)["user"].clone();
    for same in [
        email.replace('\u{e9}', "e\u{301}"),
        email.replace('@', "\u{200b}@"),
        format!("\u{feff}{email}\u{a0}"),
        email.to_uppercase(),
        email.replace("jos", "jos\u{200d}\u{ad}"),
    ] {
        tenant.post("/auth/signup", &body(&same)).await.error(409, "EMAIL_TAKEN");
        let login = json!({"email": same, "password": password});
        assert_eq!(tenant.post("/auth/login", &login).await.expect(200)["user"], signed_up);
    }
}

#[tokio::test]
async fn a_password_is_counted_in_characters_and_long_ones_count_to_the_end() {
    let tenant = stacks::usual().await.tenant().await;
    let signup = async |email: &str, password: &str| {
        let body = json!({"email": email, "password": password, "name": "A"});
        tenant.post("/auth/signup", &body).await
    };
    let login = async |email: &str, password: &str| {
        tenant.post("/auth/login", &json!({"email": email, "password": password})).await
    };
    for refused in ["🚌🚌🚌", "漢字", &"x".repeat(9), &"漢".repeat(129), &" ".repeat(12)] {
        signup("somebody@example.com", refused).await.refuses("password");
    }
    for accepted in ["漢".repeat(64), "🚌".repeat(10), "e\u{301}".repeat(128), "x".repeat(72)] {
        let email = format!("{}@example.com", unique("u"));
        signup(&email, &accepted).await.expect(201);
        login(&email, &accepted).await.expect(200);
        login(&email, &accepted.replace("e\u{301}", "\u{e9}")).await.expect(200);
        let last = accepted.char_indices().next_back().unwrap().0;
        login(&email, &accepted[..last]).await.error(401, "INVALID_CREDENTIALS");
        login(&email, &"x".repeat(1025)).await.error(401, "INVALID_CREDENTIALS");
        login(&email, &"漢".repeat(20_000)).await.error(401, "INVALID_CREDENTIALS");
    }
}
