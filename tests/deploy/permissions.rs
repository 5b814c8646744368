//! Permissions: what functions may do, and what logs and queues may contain.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{map, mappings, of_type, read, template, text, with_placeholders};

#[test]
fn no_statement_allows_more_than_it_names() {
    let template = template();
    let mut all = Vec::new();
    mappings(&template["Resources"], &mut all);
    let allowed: Vec<_> =
        all.into_iter().filter(|mapping| mapping.get("Effect") == Some(&json!("Allow"))).collect();
    // One for the trust of each role, and one for each right.
    assert!(allowed.len() > of_type(&template, "AWS::IAM::Role").len(), "{}", allowed.len());
    for statement in allowed {
        for part in ["Action", "Resource", "Principal"] {
            let value = statement.get(part).map(Value::to_string).unwrap_or_default();
            // The ids of connections are made by API Gateway.
            let value = value.replace("/live/*/@connections/*", "");
            // The bucket of the pages has nothing but public files.
            let value = value.replace("${PagesBucket.Arn}/*", "");
            assert!(!value.contains('*'), "{part} of {statement:?}");
        }
        for part in ["NotAction", "NotResource", "NotPrincipal"] {
            assert!(!statement.contains_key(part), "{part} of {statement:?}");
        }
        assert!(statement.contains_key("Action"), "{statement:?}");
    }
}

/// Every right of a role, as "action on resource", after the condition on which it is granted.
fn granted(template: &Value, role: &str) -> BTreeSet<String> {
    let resources = &template["Resources"];
    let properties = &resources[role]["Properties"];
    let (mut rights, mut statements) = (BTreeSet::new(), Vec::new());
    for policy in properties["ManagedPolicyArns"].as_array().expect("a list") {
        if let Some(ours) = policy["Ref"].as_str() {
            statements.push(&resources[ours]["Properties"]["PolicyDocument"]["Statement"]);
        } else {
            let parts = &policy["Fn::If"];
            let name = text(&parts[1]["Fn::Sub"]).rsplit('/').next().expect("a name");
            rights.insert(format!("if {}: {name}", text(&parts[0])));
            assert_eq!(parts[2], json!({"Ref": "AWS::NoValue"}), "{role}");
        }
    }
    let inline = properties["Policies"].as_array().into_iter().flatten();
    statements.extend(inline.map(|policy| &policy["PolicyDocument"]["Statement"]));
    for statement in statements.into_iter().flat_map(|list| list.as_array().expect("statements")) {
        let (condition, statement) = match statement.get("Fn::If") {
            None => (String::new(), statement),
            Some(parts) => (format!("if {}: ", text(&parts[0])), &parts[1]),
        };
        let actions = match &statement["Action"] {
            Value::Array(several) => several.iter().map(text).collect(),
            one => vec![text(one)],
        };
        let right = |action| format!("{condition}{action} on {}", statement["Resource"]);
        rights.extend(actions.into_iter().map(right));
    }
    rights
}

/// What a function's code and its configuration need.
fn needed(template: &Value, function: &Value) -> BTreeSet<String> {
    let secret = &template["Globals"]["Function"]["Environment"]["Variables"]["SECRET_ID"];
    let log = json!({"Fn::GetAtt": ["LogGroup", "Arn"]});
    let mut rights = BTreeSet::from([
        format!("secretsmanager:GetSecretValue on {secret}"),
        format!("logs:CreateLogStream on {log}"),
        format!("logs:PutLogEvents on {log}"),
        format!("if HasKmsKey: kms:Decrypt on {}", json!({"Ref": "KmsKeyArn"})),
        "if Traces: AWSXrayWriteOnlyAccess".to_owned(),
        "if UsesVpc: AWSLambdaENIManagementAccess".to_owned(),
    ]);
    let on_failure = &function["Properties"]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"];
    if let Some(queue) = on_failure.get("Destination") {
        rights.insert(format!("sqs:SendMessage on {queue}"));
    }
    if text(&function["Metadata"]["BuildProperties"]["Binary"]).ends_with("live") {
        let arn = |service: &str, rest: &str| {
            let account = "${AWS::Region}:${AWS::AccountId}";
            json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:{service}:{account}:{rest}")})
        };
        let connections = arn("execute-api", "${LiveApi}/live/*/@connections/*");
        let publisher = arn("lambda", "function:${AWS::StackName}-publish-live");
        rights.insert(format!("execute-api:ManageConnections on {connections}"));
        rights.insert(format!("lambda:InvokeFunction on {publisher}"));
    }
    rights
}

#[test]
fn a_functions_role_grants_what_the_function_needs_and_nothing_else() {
    let template = template();
    let mut used = BTreeSet::new();
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        let role = &function["Properties"]["Role"]["Fn::GetAtt"];
        assert_eq!(role[1], "Arn", "{name}");
        let role = text(&role[0]);
        assert_eq!(granted(&template, role), needed(&template, function), "{name}: {role}");
        used.insert(role);
    }
    let roles = of_type(&template, "AWS::IAM::Role");
    assert_eq!(used, roles.iter().map(|(name, _)| *name).collect(), "a role that nothing uses");
    let distinct: BTreeSet<_> = roles.iter().map(|(name, _)| granted(&template, name)).collect();
    assert_eq!(distinct.len(), roles.len(), "two roles grant the same");
}

/// `needed` is complete only as long as the code cannot call any other AWS service. Live push signs
/// its requests to API Gateway and Lambda itself.
#[test]
fn the_code_calls_secrets_manager_and_no_other_aws_service() {
    let workspace: toml::Table = read("Cargo.toml").parse().expect("TOML");
    let dependencies = workspace["workspace"]["dependencies"].as_table().expect("dependencies");
    let clients: Vec<_> = dependencies.keys().filter(|name| name.starts_with("aws-sdk-")).collect();
    assert_eq!(clients, ["aws-sdk-secretsmanager"]);
}

#[test]
fn the_functions_can_read_the_secret_that_the_stack_creates() {
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
        serde_json::from_str(&with_placeholders(&made)).expect("the form that the functions read");
    assert_eq!((read.admin_jwt_keys.len(), read.user_jwt_keys.len()), (1, 1));
    assert!(read.mongodb_uri.is_some() && read.redis_url.is_some());
    for key in ["AdminKey", "UserKey"] {
        let length =
            template["Resources"][key]["Properties"]["GenerateSecretString"]["PasswordLength"]
                .as_u64();
        assert!(
            length.is_some_and(|length| length >= 43),
            "at least 256 bits, in letters and digits"
        );
    }
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(template["Resources"]["Secret"][policy], "Retain");
    }
    for parameter in ["MongodbUri", "RedisUrl", "AdminEmail", "AdminPasswordHash"] {
        assert_eq!(template["Parameters"][parameter]["NoEcho"], true, "{parameter}");
    }
}

/// Headers, query strings and paths may contain credentials.
#[test]
fn the_access_log_holds_neither_headers_nor_queries_nor_paths() {
    let template = template();
    let format =
        text(&template["Resources"]["HttpApi"]["Properties"]["AccessLogSettings"]["Format"])
            .to_owned();
    let line: Value = serde_json::from_str(&format).expect("JSON in which every value is a text");
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
fn events_of_failed_sweeps_are_kept_and_encrypted() {
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
