//! The shop and the dashboard behind CloudFront: what `template.yaml` says, and
//! what `scripts/publish_pages.py` uploads. The browser tests run under the
//! template's headers and routing.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use serde_json::{Value, json};

use super::{map, of_type, read, template, text};
use crate::support::unique;

const HOSTING: [&str; 6] = [
    "AdminDistribution",
    "AdminHeaders",
    "PagesBucket",
    "PagesBucketPolicy",
    "PagesRouting",
    "ShopHeaders",
];

/// The words of a text, so that line breaks do not count.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The Content-Security-Policy of the shop or the dashboard, and what is put into it.
fn policy<'a>(template: &'a Value, headers: &str) -> (&'a str, &'a Value) {
    let config = &template["Resources"][headers]["Properties"]["ResponseHeadersPolicyConfig"];
    let policy = &config["SecurityHeadersConfig"]["ContentSecurityPolicy"];
    assert_eq!(policy["Override"], true, "{headers}");
    let parts = &policy["ContentSecurityPolicy"]["Fn::Sub"];
    (text(&parts[0]), &parts[1])
}

#[test]
fn pages_are_hosted_only_where_that_is_wanted() {
    let template = template();
    assert_eq!(template["Parameters"]["HostPages"]["Default"], "false");
    for name in HOSTING {
        assert_eq!(template["Resources"][name]["Condition"], "HostsPages", "{name}");
    }
    for name in ["ShopUrl", "AdminUrl", "PagesBucketName"] {
        assert_eq!(template["Outputs"][name]["Condition"], "HostsPages", "{name}");
    }
    let buckets = of_type(&template, "AWS::S3::Bucket");
    assert_eq!(buckets.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["PagesBucket"]);
}

#[test]
fn only_the_two_distributions_can_read_the_bucket() {
    let template = template();
    let bucket = &template["Resources"]["PagesBucket"]["Properties"];
    let blocked = map(&bucket["PublicAccessBlockConfiguration"]);
    assert!(blocked.len() == 4 && blocked.values().all(|value| value == true), "{blocked:?}");
    let policy = &template["Resources"]["PagesBucketPolicy"]["Properties"]["PolicyDocument"];
    let statements = policy["Statement"].as_array().expect("statements");
    let allowed: Vec<_> = statements.iter().filter(|one| one["Effect"] == "Allow").collect();
    assert_eq!(allowed.len(), 1);
    assert_eq!(allowed[0]["Principal"], json!({"Service": "cloudfront.amazonaws.com"}));
    let sources = &allowed[0]["Condition"]["StringEquals"]["aws:SourceArn"];
    let ids: Vec<_> = sources.as_array().expect("sources").iter().map(distribution_of).collect();
    assert_eq!(ids, ["${FeedDistribution}", "${AdminDistribution}"]);
}

fn distribution_of(arn: &Value) -> &str {
    text(&arn["Fn::Sub"]).rsplit('/').next().expect("an id")
}

#[test]
fn the_shop_and_the_feed_have_one_origin_and_an_unknown_feed_stays_unknown() {
    let template = template();
    let feed = &template["Resources"]["FeedDistribution"]["Properties"]["DistributionConfig"];
    let default = &feed["DefaultCacheBehavior"];
    assert_eq!(default["TargetOriginId"], json!({"Fn::If": ["HostsPages", "shop", "api"]}));
    let others = &feed["CacheBehaviors"]["Fn::If"];
    assert_eq!(others[0], "HostsPages");
    assert_eq!(others[1].as_array().map(Vec::len), Some(1));
    assert_eq!(others[1][0]["PathPattern"], "/feed/*");
    assert_eq!(others[1][0]["TargetOriginId"], "api");
    assert_eq!(others[1][0]["CachePolicyId"], json!({"Ref": "FeedCachePolicy"}));
    for (name, distribution) in of_type(&template, "AWS::CloudFront::Distribution") {
        let config = &distribution["Properties"]["DistributionConfig"];
        for response in config["CustomErrorResponses"].as_array().expect("responses") {
            assert!(response.get("ResponsePagePath").is_none(), "{name}: {response}");
        }
    }
}

#[test]
fn the_policies_are_those_of_the_document() {
    let template = template();
    let page = read("docs/FRONTENDS.md");
    let section = page.split("## Content-Security-Policy").nth(1).expect("the section");
    let documented = words(section.split("```").nth(1).expect("the policy"));
    let (shop, values) = policy(&template, "ShopHeaders");
    let forms = &template["Mappings"]["PaymentForms"];
    let filled = |form: &str| {
        let parts = ["Scripts", "Frames", "Connections"].into_iter();
        parts.fold(words(shop).replace("${Api}${Live}", "<the API>"), |filled, part| {
            let find = &values[part]["Fn::FindInMap"];
            assert_eq!(*find, json!(["PaymentForms", {"Ref": "ShopPaymentForm"}, part]));
            filled.replace(&format!("${{{part}}}"), text(&forms[form][part]))
        })
    };
    assert_eq!(filled("none"), documented);
    let (admin, _) = policy(&template, "AdminHeaders");
    let without_frames = documented.replace(" frame-src 'none';", "");
    assert_eq!(words(admin).replace("${Api}", "<the API>"), without_frames);
    for (form, heading) in [("stripe", "| Stripe |"), ("razorpay", "| Razorpay |")] {
        let row = section.lines().find(|line| line.starts_with(heading)).expect("a row");
        for source in filled(form).split([' ', ';']).filter(|word| word.starts_with("https://")) {
            assert!(row.contains(source), "{form}: {source} is not in {row}");
        }
    }
}

/// A folder with the script and pages, and an `aws` that only writes down what it is asked for.
fn rehearsal() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(unique("pages"));
    let write = |path: &str, content: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("written");
    };
    write("scripts/publish_pages.py", &read("scripts/publish_pages.py"));
    for site in ["shop", "admin"] {
        write(&format!("web/{site}/dist/index.html"), "<!doctype html>");
        write(&format!("web/{site}/dist/assets/index-1.js"), "");
    }
    let outputs = json!([
        {"OutputKey": "ApiUrl", "OutputValue": "https://api.example.com"},
        {"OutputKey": "PagesBucketName", "OutputValue": "pages"},
        {"OutputKey": "ShopUrl", "OutputValue": "https://shop.example.com"},
        {"OutputKey": "AdminUrl", "OutputValue": "https://admin.example.com"},
    ]);
    let described = json!({"Stacks": [{"Outputs": outputs}]});
    let aws = format!(
        "#!/bin/sh\ncase \"$1\" in cloudformation) echo '{described}' ;; \
         *) echo \"$*\" >>calls; if [ \"$3\" = - ]; then cat >>calls; echo >>calls; fi ;; esac\n"
    );
    write("aws", &aws);
    fs::set_permissions(folder.join("aws"), fs::Permissions::from_mode(0o755)).expect("set");
    folder
}

/// Runs the script with this shop, and returns whether it succeeded, and what it printed.
fn publish(folder: &Path, shop: &Value) -> (bool, String) {
    fs::write(folder.join("shop.json"), shop.to_string()).expect("written");
    let done = Command::new("python3")
        .args(["scripts/publish_pages.py", "booking", "shop.json"])
        .current_dir(folder)
        .env("AWS_CLI", folder.join("aws"))
        .output()
        .expect("python3");
    let output = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8_lossy(&output).into_owned())
}

#[test]
fn pages_are_uploaded_after_their_scripts_and_only_names_with_a_hash_are_kept() {
    let folder = rehearsal();
    let shop = json!({"appId": "city-hall", "apiKey": "ubk_1", "name": "City Hall"});
    let (done, output) = publish(&folder, &shop);
    assert!(done && output.contains("https://shop.example.com"), "{output}");
    let calls = fs::read_to_string(folder.join("calls")).expect("calls");
    for site in ["shop", "admin"] {
        let position = |end: &str| {
            let target = format!("s3://pages/{site}{end}");
            calls.find(&target).unwrap_or_else(|| panic!("{target}: {calls}"))
        };
        assert!(position("/assets --recursive") < position("/config.json"), "{calls}");
        assert!(position("/config.json") < position("/index.html"), "{calls}");
    }
    for call in calls.lines().filter(|line| line.starts_with("s3")) {
        let kept = call.contains("immutable");
        assert_eq!(kept, call.contains("/assets --recursive"), "{call}");
        assert!(kept || call.contains("no-cache"), "{call}");
    }
    let read = words(&calls);
    assert!(read.contains(r#""baseUrl": "https://api.example.com", "feedUrl": "/""#), "{calls}");
    assert!(read.contains(r#""apiKey": "ubk_1""#), "{calls}");
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn a_shop_with_a_secret_key_or_without_a_name_is_not_uploaded() {
    let folder = rehearsal();
    let secret = json!({"appId": "city-hall", "apiKey": "ubs_1", "name": "City Hall"});
    let nameless = json!({"appId": "city-hall", "apiKey": "ubk_1"});
    let moved = json!({"appId": "a", "apiKey": "ubk_1", "name": "A", "baseUrl": "https://x"});
    for (shop, why) in [(secret, "secret key"), (nameless, "name is missing"), (moved, "baseUrl")] {
        let (done, output) = publish(&folder, &shop);
        assert!(!done && output.contains(why), "{output}");
    }
    assert!(!folder.join("calls").exists(), "nothing was uploaded");
    fs::remove_dir_all(folder).expect("removed");
}
