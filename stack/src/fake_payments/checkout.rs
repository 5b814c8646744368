//! The page on which a browser pays: `GET /checkout?client_secret=…` for Stripe or
//! `?order_id=…` for Razorpay, with `return_url` as the page to go on to.

use reqwest::Url;
use serde_json::Value;

use super::{
    control::finish_intent,
    http::{Call, Fields, Reply},
    razorpay, stripe,
    webhooks::sign,
    world::World,
};

const CARDS: [(&str, &str); 6] = [
    ("4242424242424242", "Card that is accepted"),
    ("4000000000000002", "Card that is declined"),
    ("4000000000009995", "Card without enough money"),
    ("4000002500003155", "Card that asks for authentication"),
    ("4000000000000259", "Card whose owner disputes the charge"),
    ("000123456789", "Bank debit that takes days"),
];
const OUTCOMES: [(&str, &str); 3] = [
    ("captured", "Payment that succeeds"),
    ("authorized", "Payment that stays authorised"),
    ("failed", "Payment that fails"),
];
const AUTHENTICATION: [(&str, &str); 2] = [("yes", "Authenticate"), ("no", "Refuse")];

pub(super) fn respond(world: &mut World, call: &Call) -> Reply {
    if !call.path.is_empty() {
        return Reply::text(404, "There is no such page.\n");
    }
    let fields = if call.method == "POST" { call.form() } else { call.query.clone() };
    if fields.get("return_url").is_some_and(|url| !is_local(url)) {
        return Reply::text(400, "return_url must be on localhost or 127.0.0.1.\n");
    }
    let is_post = call.method == "POST";
    if let Some(secret) = fields.get("client_secret") {
        let id = secret.split("_secret_").next().unwrap_or_default().to_owned();
        let known =
            world.get(&id).is_some_and(|object| object.json["client_secret"] == secret.as_str());
        if known {
            return if is_post {
                pay_intent(world, &id, &fields)
            } else {
                intent_page(world, &id, &fields)
            };
        }
    } else if let Some(id) = fields.get("order_id") {
        let known = world.get(id).is_some_and(|object| object.json["entity"] == "order");
        if known {
            return if is_post {
                pay_order(world, id, &fields)
            } else {
                order_page(world, id, &fields)
            };
        }
    }
    Reply::text(404, "There is no such payment. Give client_secret or order_id.\n")
}

/// Whether a browser may be sent there.
fn is_local(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && matches!(url.host_str(), Some("localhost" | "127.0.0.1"))
    })
}

fn intent_page(world: &World, id: &str, fields: &Fields) -> Reply {
    let intent = world.get(id).map(|object| object.json.clone()).unwrap_or_default();
    match intent["status"].as_str() {
        Some("requires_payment_method") => page("Pay", &intent, "choice", &CARDS, fields),
        Some("requires_action") => {
            page("Your bank", &intent, "authenticated", &AUTHENTICATION, fields)
        }
        status => done(status.unwrap_or_default(), fields, &[]),
    }
}

fn order_page(world: &World, id: &str, fields: &Fields) -> Reply {
    let order = world.get(id).map(|object| object.json.clone()).unwrap_or_default();
    match order["status"].as_str() {
        Some("paid") => done("paid", fields, &[]),
        _ => page("Pay", &order, "choice", &OUTCOMES, fields),
    }
}

fn pay_intent(world: &mut World, id: &str, fields: &Fields) -> Reply {
    let answered = match (fields.get("authenticated"), fields.get("choice")) {
        (Some(answer), _) => finish_intent(world, id, answer == "yes"),
        (None, card) => stripe::pay(world, id, card.map_or("", String::as_str)),
    };
    let intent = match answered {
        Ok(intent) => intent,
        Err(reply) => return reply,
    };
    let status = match intent["status"].as_str() {
        Some("requires_action") => return intent_page(world, id, fields),
        Some("requires_payment_method") => "failed",
        status => status.unwrap_or_default(),
    };
    let secret = intent["client_secret"].as_str().unwrap_or_default();
    done(
        status,
        fields,
        &[
            ("payment_intent", id),
            ("payment_intent_client_secret", secret),
            ("redirect_status", status),
        ],
    )
}

fn pay_order(world: &mut World, id: &str, fields: &Fields) -> Reply {
    let payment =
        match razorpay::pay(world, id, fields.get("choice").map_or("", String::as_str), false) {
            Ok(payment) => payment,
            Err(reply) => return reply,
        };
    let status = payment["status"].as_str().unwrap_or_default();
    if status == "failed" {
        return done(status, fields, &[("redirect_status", "failed")]);
    }
    let payment_id = payment["id"].as_str().unwrap_or_default();
    let account = world.get(id).map(|object| object.account.clone()).unwrap_or_default();
    let secret = world.key_secrets.get(&account).map_or("", String::as_str);
    let signature = sign(secret, format!("{id}|{payment_id}").as_bytes());
    done(
        status,
        fields,
        &[
            ("razorpay_payment_id", payment_id),
            ("razorpay_order_id", id),
            ("razorpay_signature", &signature),
        ],
    )
}

/// Sends the browser back, or says how it went.
fn done(status: &str, fields: &Fields, result: &[(&str, &str)]) -> Reply {
    let Some(url) = fields.get("return_url") else {
        let body = format!("<p role=\"status\">The payment is <b>{}</b>.</p>", escape(status));
        return Reply::html(200, document("Done", &body));
    };
    let (url, fragment) =
        url.split_once('#').map_or((url.as_str(), None), |(url, rest)| (url, Some(rest)));
    let mut location = url.to_owned();
    for (index, (key, value)) in result.iter().enumerate() {
        let mark = if index == 0 && !url.contains('?') { '?' } else { '&' };
        // Ids, secrets and signatures are letters, digits and underscores.
        location.push_str(&format!("{mark}{key}={value}"));
    }
    if let Some(fragment) = fragment {
        location.push_str(&format!("#{fragment}"));
    }
    Reply::see_other(location)
}

/// A form with one button for each choice.
fn page(
    title: &str,
    object: &Value,
    name: &str,
    choices: &[(&str, &str)],
    fields: &Fields,
) -> Reply {
    let kept = ["client_secret", "order_id", "return_url"];
    let hidden =
        kept.iter().filter_map(|key| Some((key, fields.get(*key)?))).map(|(key, value)| {
            format!("<input type=\"hidden\" name=\"{key}\" value=\"{}\">\n", escape(value))
        });
    let buttons = choices.iter().map(|(value, label)| {
        format!("<p><button name=\"{name}\" value=\"{value}\">{label}</button></p>\n")
    });
    let amount = format!(
        "<p>{} {} (in the provider's units). This is a fake: no money moves.</p>\n",
        object["amount"],
        escape(&object["currency"].as_str().unwrap_or_default().to_uppercase()),
    );
    let form = format!(
        "{amount}<form method=\"post\" action=\"/checkout\">\n{}{}</form>",
        hidden.collect::<String>(),
        buttons.collect::<String>()
    );
    Reply::html(200, document(title, &form))
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_only_sent_to_this_machine() {
        for url in ["http://localhost:5173/done?x=1", "https://127.0.0.1/", "http://localhost"] {
            assert!(is_local(url), "{url}");
        }
        for url in [
            "http://example.com/",
            "http://localhost.example.com/",
            "http://localhost@example.com/",
            "http://localhost:80@example.com/",
            "javascript:alert(1)",
            "//localhost",
        ] {
            assert!(!is_local(url), "{url}");
        }
    }
}
