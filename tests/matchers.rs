//! Hand-written matchers and filters, through their public doors.

use std::ops::Range;

use leakspan::engine::matchers::{Hit, MATCHERS, REACH, named};
use leakspan::engine::{Text, filters};
use leakspan::model::BlobPath;
use proptest::prelude::*;

/// A value that no word list knows, made here so that no file holds it.
fn noise(length: usize) -> String {
    let letters = b"kT9vXq2LmZ8rJc4WnB7y";
    (0..length).map(|at| char::from(letters[(at * 7 + at / 3) % letters.len()])).collect()
}

fn hits(matcher: &str, name: &str, bytes: &[u8], window: Range<usize>) -> Vec<Hit> {
    let path = BlobPath::new(name.as_bytes());
    let text = Text { bytes, path: &path, decoded: false };
    let mut found = Vec::new();
    named(matcher).expect("a matcher of that name").find(&text, window, &mut found);
    found
}

fn found(matcher: &str, name: &str, text: &str) -> Vec<(&'static str, String)> {
    let bytes = text.as_bytes();
    let hits = hits(matcher, name, bytes, 0..bytes.len());
    let value = |hit: &Hit| hit.value.clone().unwrap_or_else(|| bytes[hit.secret.clone()].to_vec());
    hits.iter()
        .map(|hit| (hit.signature, String::from_utf8_lossy(&value(hit)).into_owned()))
        .collect()
}

#[test]
fn assignments_of_many_languages_are_found_at_their_value() {
    let value = noise(20);
    for (name, template) in [
        ("a.py", "db_password = \"@\""),
        ("a.js", "const config = {auth: {password: '@'}}"),
        ("a.ts", "const password: string = \"@\";"),
        ("a.go", "Password: []byte(\"@\"),"),
        ("a.java", "conn.setPassword(\"@\");"),
        ("a.rb", "set(\"password\", \"@\")"),
        ("a.php", "'password' => '@',"),
        ("a.json", "{\\\"password\\\": \\\"@\\\"}"),
        ("a.xml", "<password>@</password>"),
        ("a.xml", "<entry key=\"password\">@</entry>"),
        ("a.yaml", "db:\n  password: @\n"),
        ("a.ini", "password=@\n"),
        (".env", "export DB_PASSWORD=@\n"),
        ("Dockerfile", "ENV DB_PASSWORD=@\n"),
        ("a.py", "os.environ[\"PGPASSWORD\"] = \"@\""),
        ("a.py", "if password == \"@\":"),
        ("a.js", "fetch(\"https://x.dev/?password=@&page=2\")"),
    ] {
        let text = template.replace('@', &value);
        // `key="password"` beside it is a candidate too, which filters drop.
        let got = found("assignment", name, &text);
        let wanted = ("generic-password-assignment", value.clone());
        assert!(got.contains(&wanted), "{template}: {got:?}");
    }
}

#[test]
fn names_tell_keys_from_passwords_and_headers_give_their_credentials() {
    let value = noise(30);
    for template in ["api_key = \"@\"", "\"X-Api-Key\": \"@\"", "\"Authorization\": \"Bearer @\""] {
        let got = found("assignment", "a.py", &template.replace('@', &value));
        assert_eq!(got, [("generic-api-key-assignment", value.clone())], "{template}");
    }
    let got =
        found("assignment", "a.py", "headers = {\"Authorization\": \"Basic YW5uOnB3MTIzNDU=\"}");
    assert_eq!(got, [("generic-api-key-assignment", "pw12345".to_owned())]);
}

#[test]
fn expressions_and_names_about_secrets_give_nothing() {
    for text in [
        "password = get_password(user)",
        "token_url = \"https://x.dev/token\"",
        "password = other.password",
        "author = \"somebody with a name\"",
        "return password\n\"next line\"",
        "public_key = \"abcdefgh12345678\"",
    ] {
        assert_eq!(found("assignment", "a.py", text), [], "{text}");
    }
}

#[test]
fn urls_give_the_password_by_scheme_and_decode_it() {
    let value = noise(16);
    for (template, id) in [
        ("postgres://shop:@$db.acme.dev:5432/shop", "postgres-url"),
        ("mongodb+srv://shop:@$c0.acme.dev/shop", "mongodb-url"),
        ("redis://:@$cache.acme.dev/0", "redis-url"),
        ("amqps://shop:@$mq.acme.dev/v", "rabbitmq-url"),
        ("https://ann:@$git.acme.dev/x.git", "url-basic-auth"),
    ] {
        let text = template.replace('@', &value).replace('$', "@");
        assert_eq!(found("url-login", "a.txt", &text), [(id, value.clone())], "{template}");
    }
    let text = format!("ftp://ann:{value}%40z@files.acme.dev/");
    assert_eq!(found("url-login", "a", &text), [("url-basic-auth", format!("{value}@z"))]);
    for text in
        ["https://user:password@example.com/", "http://$U:$P@proxy", "x://a.dev:80/@scope/p"]
    {
        assert_eq!(found("url-login", "a", text), [], "{text}");
    }
}

#[test]
fn armour_is_found_however_its_lines_are_joined() {
    let line = noise(64);
    let label = ["RSA", "PRIVATE", "KEY"].join(" ");
    for join in ["\n", "\\n", "\r\n", " ", "\",\n  \"", "\\n\" +\n  \""] {
        let body = vec![line.clone(); 3].join(join);
        let text = format!("-----BEGIN {label}-----{join}{body}{join}-----END {label}-----");
        assert_eq!(found("pem", "a", &text), [("pem-private-key", line.repeat(3))], "{join:?}");
    }
    let cut = format!("-----BEGIN {label}-----\n{line}\n...\n-----END {label}-----");
    assert_eq!(found("pem", "a", &cut), []);
}

#[test]
fn manifests_and_configurations_give_the_values_in_them() {
    let value = noise(24);
    let yaml = format!(
        "stringData:\n  token: \"{value}\"\nkind: Secret\n---\ndata:\n  x: abcd\nkind: ConfigMap\n"
    );
    assert_eq!(
        found("kubernetes-secret", "a.yaml", &yaml),
        [("kubernetes-secret-manifest", value.clone())]
    );
    let yaml = "kind: Secret\ndata:\n  password: czNjcjN0LXBhc3M=\n";
    let wanted = ("kubernetes-secret-manifest", "s3cr3t-pass".to_owned());
    assert_eq!(found("kubernetes-secret", "a.yaml", yaml), [wanted]);
    // leakspan:allow made up, no secret
    let auths = "{\"auths\": {\"r.acme.dev\": {\"auth\": \"YW5uOnMzY3IzdC1wYXNz\"}}}";
    assert_eq!(
        found("docker-auths", "config.json", auths),
        [("docker-config-auth", "s3cr3t-pass".to_owned())]
    );
    let mcp = format!(
        "{{\"mcpServers\": {{\"a\": {{\"args\": [\"--api-key\", \"{value}\"], \"env\": {{\"X_API_KEY\": \"{value}\"}}}}}}}}"
    );
    let wanted = ("mcp-server-config-secret", value.clone());
    assert_eq!(found("mcp-servers", ".mcp.json", &mcp), [wanted.clone(), wanted]);
    let string = format!("\"Server=db1;Database=x;User Id=app;Password={value};\"");
    let wanted = ("azure-sql-connection-string", value);
    assert_eq!(found("connection-string", "a.cs", &string), [wanted]);
}

#[test]
fn every_filter_has_a_reason_of_its_own() {
    let mut reasons: Vec<_> = filters::FILTERS.iter().map(|filter| filter.reason()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    assert_eq!(reasons.len(), filters::FILTERS.len());
}

/// Text full of what matchers look for.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let part = prop::sample::select(vec![
        "password",
        "api_key",
        "secret",
        " = ",
        "=",
        ": ",
        "\"",
        "'",
        "\\\"",
        "://",
        "user:",
        "@host",
        "\n",
        " ",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END RSA PRIVATE KEY-----",
        "kind: Secret\n",
        "data:\n  a: YWJjZGVm\n",
        "\"mcpServers\": {",
        "\"auths\": {",
        "\"env\": {\"A_KEY\": \"abcdefgh1\"}",
        "}",
        "[",
        "(",
        ",",
        ">",
        "</",
        "\"kty\"",
        ";password=",
        "server=a;",
        "kT9vXq2LmZ81",
        "Basic ",
        "Bearer ",
        "\u{e9}",
        "\\",
        "&quot;",
        "{\"k\":",
        "\"d\":",
    ]);
    prop::collection::vec(part, 0..120).prop_map(|parts| parts.concat().into_bytes())
}

proptest! {
    #[test]
    fn ranges_are_in_bounds_for_any_bytes(bytes in prop_oneof![pieces(), prop::collection::vec(any::<u8>(), 0..400)]) {
        for matcher in MATCHERS {
            for hit in hits(matcher.name(), "a.yaml", &bytes, 0..bytes.len()) {
                prop_assert!(hit.range.start <= hit.secret.start && hit.secret.start <= hit.secret.end);
                prop_assert!(hit.secret.end <= hit.range.end && hit.range.end <= bytes.len());
            }
        }
    }

    #[test]
    fn windows_give_what_the_whole_gives(bytes in pieces(), step in 1_usize..300) {
        // Each operator or URL is an anchor of its own: any cut of the text into windows will do.
        for matcher in ["assignment", "url-login", "pem"] {
            let whole = hits(matcher, "a.yaml", &bytes, 0..bytes.len());
            let mut parts = Vec::new();
            for start in (0..bytes.len()).step_by(step) {
                parts.extend(hits(matcher, "a.yaml", &bytes, start..(start + step).min(bytes.len())));
            }
            prop_assert_eq!(whole, parts, "{}", matcher);
        }
    }
}

#[test]
fn a_chunk_that_holds_the_reach_of_an_anchor_gives_what_the_whole_gives() {
    let text =
        format!("{}\npassword: \"{}\"\n{}", "x ".repeat(REACH), noise(20), "y ".repeat(REACH));
    let bytes = text.as_bytes();
    let whole = hits("assignment", "a.yaml", bytes, 0..bytes.len());
    let cut = REACH;
    let chunk = hits("assignment", "a.yaml", &bytes[cut..], 0..bytes.len() - cut);
    assert_eq!(whole.len(), 1);
    assert_eq!(chunk[0].secret.start + cut, whole[0].secret.start);
}
