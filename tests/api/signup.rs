//! `POST /auth/signup`: the token, addresses that are taken, and what is stored of a password.

use serde_json::json;

use crate::support::{reply::keys, stacks, tokens, unique};

#[tokio::test]
async fn a_new_user_is_logged_in_for_a_week() {
    let tenant = stacks::usual().await.tenant().await;
    let email = format!("{}@example.com", unique("Ann"));
    let body = json!({
        "email": format!(" {email} "), "password": "a good long password", "name": "Ann Ö",
        "phone": "+91 (22) 555-0100",
    });
    let reply = tenant.post("/auth/signup", &body).await;
    let data = reply.expect(201);
    keys(data, &["token", "tokenType", "expiresIn", "user"], &[], "signup");
    assert_eq!((&data["tokenType"], &data["expiresIn"]), (&json!("Bearer"), &json!(604_800)));
    let user = &data["user"];
    keys(user, &["userId", "email", "name", "phone"], &[], "signup");
    assert_eq!(user["email"], email.to_lowercase());
    assert_eq!((&user["name"], &user["phone"]), (&json!("Ann Ö"), &json!("+91 (22) 555-0100")));
    let claims = tokens::claims(data["token"].as_str().unwrap());
    assert_eq!(claims["sub"], user["userId"]);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 604_800);
    assert!(!reply.text.contains("a good long password"));
}

#[tokio::test]
async fn a_user_without_a_phone_is_returned_without_one() {
    let tenant = stacks::usual().await.tenant().await;
    let body = json!({
        "email": format!("{}@example.com", unique("u")), "password": "a good long password",
        "name": "A",
    });
    keys(
        &tenant.post("/auth/signup", &body).await.expect(201)["user"],
        &["userId", "email", "name"],
        &[],
        "signup",
    );
}

#[tokio::test]
async fn an_address_is_taken_once_however_it_is_written() {
    let stack = stacks::usual().await;
    let (tenant, other) = (stack.tenant().await, stack.tenant().await);
    let user = tenant.user().await;
    let spellings = [user.email.clone(), user.email.to_uppercase(), format!("  {}\t", user.email)];
    for email in spellings {
        let body = json!({
            "email": email.trim_end_matches('\t'), "password": "another password", "name": "B",
        });
        tenant.post("/auth/signup", &body).await.error(409, "EMAIL_TAKEN");
        other.post("/auth/signup", &body).await.error(409, "EMAIL_TAKEN");
    }
}

#[tokio::test]
async fn of_twenty_signups_at_once_one_gets_the_address() {
    let tenant = stacks::usual().await.tenant().await;
    let body = json!({
        "email": format!("{}@example.com", unique("u")), "password": "a good long password",
        "name": "A",
    });
    let replies =
        futures_util::future::join_all((0..20).map(|_| tenant.post("/auth/signup", &body))).await;
    let won = replies.iter().filter(|r| r.status == 201).count();
    assert_eq!(won, 1);
    for reply in replies.iter().filter(|r| r.status != 201) {
        reply.error(409, "EMAIL_TAKEN");
    }
}

#[tokio::test]
async fn only_the_hash_of_a_password_is_kept() {
    let tenant = stacks::usual().await.tenant().await;
    let email = format!("{}@example.com", unique("u"));
    let signup = |password: String| {
        let body = json!({"email": email, "password": password, "name": "A"});
        let tenant = tenant.clone();
        async move { tenant.post("/auth/signup", &body).await }
    };
    signup("x".repeat(9)).await.refuses("password");
    let longest = "ö".repeat(128);
    signup(longest.clone()).await.expect(201);
    let users = tenant.stack.database().await.collection::<mongodb::bson::Document>("users");
    let stored =
        users.find_one(mongodb::bson::doc! {"email": &email}).await.unwrap().unwrap().to_string();
    assert!(!stored.contains(&longest), "{stored}");
    assert!(stored.contains("$2b$10$"), "{stored}");
}
