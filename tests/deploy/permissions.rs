//! What functions may do, what may be called, and what is written down of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{filled, map, mappings, of_type, template, text};

#[test]
fn no_statement_allows_more_than_it_names() {
    let template = template();
    let mut all = Vec::new();
    mappings(&template["Resources"], &mut all);
    let allowed: Vec<_> =
        all.into_iter().filter(|mapping| mapping.get("Effect") == Some(&json!("Allow"))).collect();
    // One for each role's trust, and the policies.
    assert!(allowed.len() > of_type(&template, "AWS::IAM::Role").len(), "{}", allowed.len());
    for statement in allowed {
        for part in ["Action", "Resource", "Principal"] {
            let value = statement.get(part).map(Value::to_string).unwrap_or_default();
            assert!(!value.contains('*'), "{part} of {statement:?}");
        }
        for part in ["NotAction", "NotResource", "NotPrincipal"] {
            assert!(!statement.contains_key(part), "{part} of {statement:?}");
        }
        assert!(statement.contains_key("Action"), "{statement:?}");
    }
}

#[test]
fn each_function_has_a_role_of_its_own_that_reads_one_secret_and_writes_one_log() {
    let template = template();
    let mut roles = BTreeSet::new();
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        let path = function["Properties"]["Role"]["Fn::GetAtt"]
            .as_array()
            .unwrap_or_else(|| panic!("{name}: no role"));
        let role = text(&path[0]);
        assert_eq!((role, text(&path[1])), (name.replace("Function", "Role").as_str(), "Arn"));
        roles.insert(role.to_owned());
        let properties = &template["Resources"][role]["Properties"];
        let managed = properties["ManagedPolicyArns"].as_array().expect("a list");
        assert_eq!(managed[0], json!({"Ref": "FunctionPolicy"}), "{role}");
        let only_if: Vec<&Value> = managed[1..].iter().map(|one| &one["Fn::If"][0]).collect();
        assert_eq!(only_if, [&json!("Traces"), &json!("UsesVpc")], "{role}");
        let inline = properties["Policies"].as_array().map_or(0, Vec::len);
        assert_eq!(inline, usize::from(name == "ExpireReservationsFunction"), "{role}");
    }
    let all: BTreeSet<String> =
        of_type(&template, "AWS::IAM::Role").into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(roles, all);

    let policy = &template["Resources"]["FunctionPolicy"]["Properties"]["PolicyDocument"];
    let statements = policy["Statement"].as_array().expect("statements");
    let actions: Vec<&Value> =
        statements.iter().filter_map(|statement| statement.get("Action")).collect();
    let expected = [
        json!("secretsmanager:GetSecretValue"),
        json!(["logs:CreateLogStream", "logs:PutLogEvents"]),
    ];
    assert_eq!(actions, expected.iter().collect::<Vec<_>>());
    let read = &template["Globals"]["Function"]["Environment"]["Variables"]["SECRET_ID"];
    assert_eq!(&statements[0]["Resource"], read, "the secret that is read is the one that may be");
}

/// The whole form of the secret that the stack makes, as the functions read it.
#[test]
fn the_secret_that_the_stack_makes_is_one_that_the_functions_take() {
    let template = template();
    let secret =
        text(&template["Resources"]["Secret"]["Properties"]["SecretString"]["Fn::Sub"]).to_owned();
    for (key, parameter) in
        [("adminEmail", "AdminEmail"), ("adminPasswordHash", "AdminPasswordHash")]
    {
        assert!(secret.contains(&format!(r#""{key}": "${{{parameter}}}""#)), "{secret}");
    }
    let resolve = |key: &str| format!("{{{{resolve:secretsmanager:${{{key}}}:SecretString}}}}");
    assert!(
        secret.contains(&resolve("AdminKey")) && secret.contains(&resolve("UserKey")),
        "{secret}"
    );
    let made = secret.replace(&resolve("AdminKey"), "a").replace(&resolve("UserKey"), "u");
    let read: shared::secrets::Secrets =
        serde_json::from_str(&filled(&made)).expect("the functions' form");
    assert_eq!((read.admin_jwt_keys.len(), read.user_jwt_keys.len()), (1, 1));
    assert!(read.mongodb_uri.is_some() && read.redis_url.is_some());
    for key in ["AdminKey", "UserKey"] {
        let length =
            template["Resources"][key]["Properties"]["GenerateSecretString"]["PasswordLength"]
                .as_u64();
        assert!(length.is_some_and(|length| length >= 43), "letters and digits of 256 bits");
    }
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(template["Resources"]["Secret"][policy], "Retain");
    }
    for parameter in ["MongodbUri", "RedisUrl", "AdminEmail", "AdminPasswordHash"] {
        assert_eq!(template["Parameters"][parameter]["NoEcho"], true, "{parameter}");
    }
}

/// A header, a query or a path of a call may hold what opens a door.
#[test]
fn the_access_log_holds_neither_headers_nor_queries_nor_paths() {
    let template = template();
    let format =
        text(&template["Resources"]["HttpApi"]["Properties"]["AccessLogSettings"]["Format"])
            .to_owned();
    let line: Value = serde_json::from_str(&format).expect("JSON, with every value a text");
    let allowed = [
        "requestId",
        "requestTime",
        "identity.sourceIp",
        "protocol",
        "routeKey",
        "status",
        "responseLength",
        "responseLatency",
        "integrationLatency",
        "integrationStatus",
        "integrationErrorMessage",
        "error.responseType",
    ];
    for (name, value) in map(&line) {
        let variable =
            text(value).strip_prefix("$context.").unwrap_or_else(|| panic!("{name}: {value}"));
        assert!(allowed.contains(&variable), "{name}: {variable}");
    }
}

#[test]
fn what_failed_in_the_schedule_is_kept_encrypted() {
    let template = template();
    let sweeper = &template["Resources"]["ExpireReservationsFunction"]["Properties"];
    let queue = json!({"Fn::GetAtt": ["SweeperDlq", "Arn"]});
    assert_eq!(
        sweeper["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"],
        queue
    );
    assert_eq!(sweeper["Events"]["EveryMinute"]["Properties"]["DeadLetterConfig"]["Arn"], queue);
    assert!(
        sweeper["Events"]["EveryMinute"]["Properties"]["RetryPolicy"]["MaximumRetryAttempts"]
            .is_u64()
    );
    assert_eq!(template["Resources"]["SweeperDlq"]["Properties"]["SqsManagedSseEnabled"], true);
    let domain = &template["Resources"]["ApiDomain"]["Properties"]["DomainNameConfigurations"][0];
    assert_eq!(domain["SecurityPolicy"], "TLS_1_2");
}
