//! The whole way of an event: from the gateway, through the request, to the response.

use super::{
    changes::{apply, changes},
    fuzz,
    json::any_value,
    text::{edited, edits, odd},
};
use crate::{
    domain::Origin,
    env::Env,
    error::{Code, Error, Result},
    http::{Reply, Request, handle, routes::ROUTES},
    inputs::{ListAllBookingsIn, SignupIn, UpdateIn},
    state::State,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::{Body, Context, LambdaEvent, aws_lambda_events::apigw::ApiGatewayV2httpResponse};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json, value::to_raw_value};

/// A text that no response may contain.
const HIDDEN: &str = "ubk_hidden";
const LISTED: &str = "https://admin.example.com";

/// Addresses at which no server listens: no case may use a server.
struct Nowhere;

impl Env for Nowhere {
    fn get(&self, name: &str) -> Option<String> {
        let value = match name {
            "MONGODB_URI" => "mongodb://127.0.0.1:1",
            "MONGODB_DATABASE" => "fuzz",
            "REDIS_URL" => "redis://127.0.0.1:1",
            "ADMIN_EMAIL" => "admin@example.com",
            "ADMIN_PASSWORD_HASH" => "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
            "ADMIN_JWT_SECRET" | "USER_JWT_SECRET" => "a secret of at least thirty-two bytes",
            "ADMIN_ORIGINS" => LISTED,
            _ => return None,
        };
        Some(value.to_owned())
    }
}

fn headers() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        8 => select(vec![
            "host", "x-forwarded-proto", "x-forwarded-for", "origin", "Origin", "content-type", "authorization",
            "x-app-id", "x-api-key", "idempotency-key", "cookie", "x-http-method-override",
        ])
        .prop_map(str::to_owned),
        1 => odd(),
        1 => any::<String>(),
    ];
    let value = prop_oneof![
        2 => select(vec![LISTED, "null", "application/json", "Bearer x.y.z", "1", "", "text/plain", "[", "a b"])
            .prop_map(str::to_owned),
        1 => odd(),
        1 => edits(2).prop_map(|edits| edited(LISTED, &edits)),
        1 => any::<String>(),
    ];
    vec((name, value), 0..6).prop_map(|entries| {
        let secrets = [("x-api-key", HIDDEN), ("authorization", HIDDEN)]
            .map(|(k, v)| (k.to_owned(), v.to_owned()));
        entries
            .into_iter()
            .chain(secrets)
            .map(|(name, value)| (name, Value::from(value)))
            .collect::<Map<_, _>>()
            .into()
    })
}

fn event() -> impl Strategy<Value = Value> {
    let method = prop_oneof![
        8 => select(vec!["GET", "POST", "PATCH", "OPTIONS", "DELETE", "HEAD"]).prop_map(str::to_owned),
        1 => odd(),
    ];
    let paths: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
    let path = (select(paths), edits(2)).prop_map(|(path, edits)| edited(path, &edits));
    let query = prop_oneof![
        1 => Just(String::new()),
        2 => edits(4).prop_map(|edits| edited("appId=app-one&limit=5&status=FAILED", &edits)),
        1 => odd(),
    ];
    let valid = json!({"email": "a@example.com", "password": "a good long password", "name": "N"});
    let body = prop_oneof![
        1 => Just(None),
        2 => any_value().prop_map(|value| Some(value.to_string())),
        2 => edits(3).prop_map(move |edits| Some(edited(&valid.to_string(), &edits))),
        1 => odd().prop_map(Some),
    ];
    let parameters =
        option::of((odd(), odd()).prop_map(|(one, two)| json!({"appId": one, "bookingId": two})));
    let address =
        prop_oneof![Just("203.0.113.7".to_owned()), Just("2001:db8::1".to_owned()), odd()];
    (method, path, query, headers(), parameters, body, 0..4_u8, address).prop_map(
        |(method, path, query, headers, parameters, body, form, address)| {
            let encode = |body: String| if form == 0 { STANDARD.encode(body) } else { body };
            json!({
                "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": headers,
                "pathParameters": parameters, "body": body.map(encode), "isBase64Encoded": form < 2,
                "requestContext": {"http": {"method": method, "sourceIp": address}, "stage": "$default"},
            })
        },
    )
}

/// Reads everything that an endpoint may read, without using a server.
async fn endpoint(request: Request, elsewhere: bool) -> Result<Reply> {
    let read = match request.method() {
        "GET" => request.query::<ListAllBookingsIn>().map(drop),
        "PATCH" => request.optional_json::<UpdateIn>().map(drop),
        _ => request.json::<SignupIn>().map(drop),
    };
    let parameter = request.parameter("appId").len() + request.parameter("bookingId").len();
    // MongoDB knows which apps list an origin. The admin's paths and responses before this one do
    // not query it.
    if elsewhere && !request.path().starts_with("/admin/") {
        return Err(Error::unavailable("fuzz"));
    }
    if request.method() == "OPTIONS" {
        return Ok(Reply::no_content());
    }
    read.and_then(|()| Reply::ok(json!({"parameters": parameter}), "Read"))
}

fn check(event: &Value, answer: &ApiGatewayV2httpResponse) {
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(header("x-content-type-options"), Some("nosniff"));
    assert_eq!(header("cache-control"), Some("no-store"));
    // Pages of all origins may read what stands below /feed/.
    let is_public = header("access-control-allow-origin") == Some("*");
    assert_eq!(header("vary"), (!is_public).then_some("Origin"));
    assert_eq!(header("x-request-id"), Some("the-request"));
    let text = serde_json::to_string(answer).expect("an answer is JSON");
    assert!(!text.contains(HIDDEN) && !text.contains("127.0.0.1:1"), "{text}");
    if is_public {
        assert!(event.to_string().contains("feed/"), "{event}");
    } else if let Some(granted) = header("access-control-allow-origin") {
        assert_eq!(Origin::parse(granted), Origin::parse(LISTED), "{text}");
        let sent = event["headers"].as_object().into_iter().flatten();
        assert!(
            sent.into_iter()
                .any(|(name, value)| name.eq_ignore_ascii_case("origin") && value == granted),
            "{event}"
        );
    }
    let Some(Body::Text(body)) = &answer.body else {
        let is_head = event["requestContext"]["http"]["method"] == "HEAD";
        assert!(answer.body.is_none() && (is_head || answer.status_code == 204), "{text}");
        return;
    };
    let body: Value = serde_json::from_str(body).expect("a body is JSON");
    if answer.status_code == 200 {
        assert_eq!(body["success"], true);
    } else {
        let code =
            Code::ALL.iter().find(|code| body["error"]["code"] == code.as_str()).expect("a code");
        assert_eq!(i64::from(code.status()), answer.status_code);
        assert_eq!(
            (&body["success"], &body["error"]["requestId"]),
            (&json!(false), &json!("the-request"))
        );
    }
}

#[test]
fn every_event_is_answered_in_the_contracts_form() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let state = runtime.block_on(State::of(&Nowhere)).unwrap();
    // Mostly valid events; some are malformed.
    let sent = (event(), option::weighted(0.2, changes())).prop_map(|(mut event, spoilt)| {
        spoilt.into_iter().flatten().for_each(|change| apply(&mut event, change));
        event
    });
    fuzz("event to answer", sent, |event| {
        let elsewhere = event["headers"]
            .as_object()
            .is_some_and(|map| map.keys().any(|k| k.eq_ignore_ascii_case("origin")));
        let mut context = Context::default();
        context.request_id = "the-request".into();
        let serve = |_: State, request: Request| endpoint(request, elsewhere);
        let sent = LambdaEvent::new(to_raw_value(&event).unwrap(), context);
        let answer = runtime.block_on(handle(state.clone(), serve, sent));
        check(&event, &answer);
    });
}
