//! Each key wrong once: the error names file, line and key.

use super::of_text;

/// A file in which every key stands right, one a line.
const FILE: &str = r#"title = "t"
description = "d"
minVersion = "v2.0.0"
betterleaksMinVersion = "v1.0.0"
prefilter = 'attributes["path"] == "a"'
filter = 'finding["secret"] == "a"'

[extend]
disabledRules = ["x"]
useDefault = true
url = "https://example.com"

[[allowlists]]
targetRules = ["first"]
condition = "AND"
commits = ["abc"]
paths = ['a$']
regexTarget = "line"
regexes = ['b$']
stopwords = ["c"]

[[rules]]
id = "first"
description = "d"
regex = '(a)(b)'
path = 'p$'
secretGroup = 1
entropy = 3.5
keywords = ["k"]
tags = ["t"]
skipReport = false
tokenEfficiency = true
specificity = 90
confidence = "high"
validate = "v"
analyze = "a"
revoke = "r"

[[rules]]
id = "second"
regex = '(a)'
valueGroup = 1
filter = 'entropy(finding.secret) < 3'

[[rules.required]]
id = "first"
withinLines = 2
withinColumns = 3

[[rules.components]]
id = "first"
within = "5L,20C"
optional = true
"#;

fn error(text: &str) -> String {
    match of_text("rules.toml", text) {
        Ok(_) => panic!("this must not load:\n{text}"),
        Err(error) => error,
    }
}

#[test]
fn the_file_without_a_fault_loads() {
    of_text("rules.toml", FILE).unwrap();
}

#[test]
fn every_key_with_a_value_of_the_wrong_kind_is_named_with_file_and_line() {
    let mut count = 0;
    for (at, line) in FILE.lines().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        // No key takes a date.
        let broken = FILE.lines().enumerate().map(|(number, kept)| {
            if number == at { format!("{key} = 2020-01-01") } else { kept.to_owned() }
        });
        let told = error(&broken.collect::<Vec<_>>().join("\n"));
        let place = format!("rules.toml:{}: ", at + 1);
        assert!(told.starts_with(&place) && told.contains(&format!("`{key}`: ")), "{key}: {told}");
        count += 1;
    }
    assert_eq!(count, 41);
}

#[test]
fn every_key_that_is_misspelt_is_named_with_the_nearest() {
    for (at, line) in FILE.lines().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        if key == "id" {
            continue;
        }
        let broken = FILE.lines().enumerate().map(|(number, kept)| {
            if number == at { kept.replacen(key, &format!("{key}x"), 1) } else { kept.to_owned() }
        });
        let told = error(&broken.collect::<Vec<_>>().join("\n"));
        let place = format!("rules.toml:{}: ", at + 1);
        assert!(told.starts_with(&place) && told.contains(&format!("`{key}x`: ")), "{key}: {told}");
        assert!(told.ends_with(&format!("the nearest is `{key}`")), "{told}");
    }
}

#[test]
fn values_that_cannot_be_meant_are_named_with_what_is_expected() {
    for (from, to, wanted) in [
        (
            r#"prefilter = 'attributes["path"]"#,
            "prefilter = 'attributes[[",
            "5: `prefilter`: line 1, column",
        ),
        (
            "filter = 'entropy(",
            "filter = 'entropy((",
            "43: rule `second`: `filter`: line 1, column",
        ),
        (r#"condition = "AND""#, r#"condition = "XOR""#, "15: `condition`: OR or AND"),
        ("paths = ['a$']", "paths = ['a(']", "17: `paths`: the pattern cannot be used"),
        ("regexes = ['b$']", "regexes = ['(?=b)']", "19: `regexes`: the pattern cannot be used"),
        (
            r#"regexTarget = "line""#,
            r#"regexTarget = "file""#,
            "18: `regexTarget`: secret, match or line",
        ),
        ("regex = '(a)(b)'", "regex = '(a)(b'", "25: rule `first`: `regex`: the pattern"),
        (
            "path = 'p$'",
            r"path = '\y'",
            r"26: rule `first`: `path`: the pattern cannot be used: `\y`",
        ),
        (
            "secretGroup = 1",
            "secretGroup = 3",
            "27: rule `first`: `secretGroup`: there is no group 3",
        ),
        ("secretGroup = 1", "secretGroup = -1", "27: rule `first`: `secretGroup`: a number from 0"),
        ("entropy = 3.5", "entropy = 9.5", "28: rule `first`: `entropy`: bits a byte"),
        (
            r#"confidence = "high""#,
            r#"confidence = "sure""#,
            "34: rule `first`: `confidence`: high, medium",
        ),
        (
            "valueGroup = 1",
            "valueGroup = 2",
            "42: rule `second`: `valueGroup`: there is no group 2",
        ),
        (
            r#"within = "5L,20C""#,
            r#"within = "5 lines""#,
            "52: rule `second`: `within`: lines and columns",
        ),
        (r#"id = "second""#, r#"id = "first""#, "40: rule `first`: `id`: this id is used twice"),
        (r#"id = "second""#, r#"id = """#, "40: `id`: every rule needs an id"),
        (
            r#"id = "first"
within"#,
            r#"id = "third"
within"#,
            "there is no rule \"third\"",
        ),
        (r#"useDefault = true"#, "path = 'x'\nuseDefault = true", "`useDefault`: a file extends"),
    ] {
        assert!(FILE.contains(from), "{from}");
        let told = error(&FILE.replacen(from, to, 1));
        assert!(told.contains(wanted) && told.starts_with("rules.toml:"), "{from} -> {to}: {told}");
    }
}

#[test]
fn what_stands_in_no_right_place_is_named() {
    for (text, wanted) in [
        (
            "[[rules]]\nid = 'a'\n",
            "rules.toml:2: rule `a`: `regex`: every rule needs `regex` or `path`",
        ),
        ("[[rules]]\nregex = 'a'\n", "rules.toml:1: `id`: every rule needs an id"),
        ("rules = 1\n", "rules.toml:1: `rules`: a list of tables is expected, not a whole number"),
        (
            "[allowlist]\npaths = ['a']\n[[allowlists]]\npaths = ['a']\n",
            "rules.toml:1: `allowlist`: give",
        ),
        (
            "[[allowlists]]\ndescription = 'a'\n[[rules]]\nid = 'a'\nregex = 'a'\n",
            "rules.toml:1: `allowlists`: an allowlist needs",
        ),
        (
            "[[rules]]\nid = 'a'\nregex = 'a'\n[[rules.required]]\nwithinLines = 1\n",
            "`required`: it names no rule",
        ),
        (
            "[[allowlists]]\ntargetRules = ['b']\npaths = ['a']\n[[rules]]\nid = 'a'\nregex = 'a'\n",
            "rules.toml:2: `targetRules`: there is no rule \"b\"",
        ),
        ("[[rules]]\nid = 'a\n", "rules.toml:2: "),
        ("title = 'no rules'\n", "rules.toml: no signature in it"),
        (
            "[[rules]]\nid = 'a'\nregex = 'a'\nvalueGroup = 1\n[[rules.components]]\nid = 'a'\nwithin = '5X'\n",
            "`within`",
        ),
    ] {
        let told = error(text);
        assert!(told.contains(wanted), "{text:?}: {told}");
    }
}
