//! betterleaks TOML 1 and 2: what they add.

use super::{commit, found, found_at, hit, of_text, value};
use leakspan::model::Confidence;

#[test]
fn version_one_filters_measures_and_ranks() {
    let rules = r#"
betterleaksMinVersion = "v1.0.0"
prefilter = '''attributes["path"] matches `\.lock$` || attributes["git.author_email"] endsWith "bot@example.com"'''
filter = '''finding["secret"] == "never"'''

[[rules]]
id = "filtered"
regex = '''(?i)filtered[:=]\s*(\S+)'''
keywords = ["filtered"]
filter = '''
// placeholders and what looks like them
let secret = finding["secret"];
entropy(secret) <= 2.0 || filter.containsAny(secret, ["EXAMPLE"]) || matchesAny(finding["line"], [`#\s*demo$`])
'''
validate = '''http.get("https://example.com")'''

[[rules]]
id = "tokens"
regex = '''tokens=(\S+)'''
keywords = ["tokens"]
tokenEfficiency = true

[[rules]]
id = "weak"
regex = '''= (\S+)'''
specificity = -50

[[rules]]
id = "strong"
regex = '''= (st-[0-9]{6})'''

[[rules]]
id = "asks-for-more"
regex = '''more-([0-9]{4})'''
filter = '''http.get("https://example.com").status == 200'''
"#;
    let opened = of_text(".betterleaks.toml", rules).unwrap();
    let told: Vec<_> =
        opened.notes.iter().map(|it| (it.rule.as_deref().unwrap_or(""), it.key)).collect();
    for note in [("filtered", "validate"), ("filtered", "filter"), ("asks-for-more", "filter")] {
        assert!(told.contains(&note), "{told:?}");
    }
    let set = opened.set;
    let secret = value(1, 24);
    let text = format!(
        "filtered={secret}\nfiltered=aaaa\nfiltered=an-example-{secret}\nfiltered: {secret} # demo\n\
         filtered=never\ntokens={secret}\ntokens=management-console\nx = st-123456\ny = {secret}\nmore-1234\n"
    );
    let expected = vec![
        hit("filtered", 1, &secret),
        hit("tokens", 6, &secret),
        hit("strong", 8, "st-123456"),
        hit("weak", 9, &secret),
        hit("asks-for-more", 10, "1234"),
    ];
    assert_eq!(found(&set, "a.py", &text), expected);
    assert_eq!(found(&set, "yarn.lock", &text), []);
    let id = "a".repeat(40);
    assert_eq!(found_at(&set, "a.py", &text, commit(&id, "some-bot@example.com")), []);
    assert_eq!(found_at(&set, "a.py", &text, commit(&id, "a@example.com")), expected);
}

#[test]
fn version_two_has_components_groups_and_confidence() {
    let rules = r#"
minVersion = "v2.0.0-rc.1"

[[rules]]
id = "host"
regex = '''host-[a-z]{4}'''
skipReport = true

[[rules]]
id = "region"
regex = '''region-[a-z]{2}'''
skipReport = true

[[rules]]
id = "pair"
regex = '''(user)=(\w+):(\w+)'''
keywords = ["user="]
valueGroup = 3
confidence = "high"
components = [
  { id = "host", within = "3L,40C" },
  { id = "region", within = "5L", optional = true },
]
analyze = '''analysis.capabilities(["read"])'''
revoke = '''revoke.unknown("by hand")'''

[[rules]]
id = "captured"
regex = '''cap-(?P<kind>live|test)-([0-9]{4})'''
valueGroup = 2
filter = '''captures["kind"] == "test" || finding["captures"]["2"] == "0000" || tokenRatio(finding.secret) >= 2.5'''

[[rules]]
id = "doubtful"
regex = '''doubt-([0-9]{4})'''
confidence = "low"

[[rules]]
id = "moved"
regex = '''moved-([0-9]{4})'''
filter = '''setConfidence("low") || any(["1111", "2222"], {# == finding.secret}) || len(finding.context) > 100'''
"#;
    let opened = of_text("rules.toml", rules).unwrap();
    let keys: Vec<_> = opened.notes.iter().map(|note| note.key).collect();
    for key in ["analyze", "revoke", "confidence"] {
        assert!(keys.contains(&key), "{keys:?}");
    }
    let set = opened.set;
    let text = "host-abcd\n\nuser=ann:word1\n\n\n\nuser=ben:word2\ncap-live-1234 cap-test-1234 cap-live-0000\n";
    let expected = [hit("pair", 3, "word1"), hit("captured", 8, "1234")];
    assert_eq!(found(&set, "a", text), expected);
    assert_eq!(found(&set, "a", &format!("{}user=ann:word1 host-abcd", " ".repeat(5))).len(), 1);
    assert_eq!(found(&set, "a", &format!("user=ann:word1{}host-abcd", " ".repeat(50))).len(), 0);
    assert_eq!(found(&set, "a", "moved-1111 moved-3333"), [hit("moved", 1, "3333")]);
    let confidence = |id: &str| set.signatures.iter().find(|it| it.id == id).unwrap().confidence;
    assert_eq!(confidence("pair"), Confidence::High);
    assert_eq!(confidence("doubtful"), Confidence::Low);
    assert_eq!(confidence("moved"), Confidence::Medium);
}

#[test]
fn attributes_that_are_always_empty_are_told_for_every_rule() {
    let rules = r#"
prefilter = '''attributes["fs.symlink"] != "" || attributes["path"] == "x"'''
[[rules]]
id = "asks"
regex = '''asks-([0-9]{4})'''
keywords = ["asks"]
filter = '''
let message = attributes["git.message"];
any(["wip", attributes["git.remote_url"]], {# == message && message != ""}) || attributes["git.sha"] == "y"
'''
[[rules]]
id = "asks-wrong"
regex = '''wrong-([0-9]{4})'''
keywords = ["wrong"]
filter = '''finding["secret"] == (attributes["svn.author"] ?? "z")'''
"#;
    let opened = of_text(".betterleaks.toml", rules).unwrap();
    let told: Vec<_> = opened
        .notes
        .iter()
        .map(|it| format!("{} {} {}", it.rule.as_deref().unwrap_or("-"), it.key, it.what))
        .collect();
    let decides = "what it is compared with decides alone";
    assert_eq!(
        told,
        [
            format!("- prefilter attributes[\"fs.symlink\"] is always empty here: {decides}"),
            format!("asks filter attributes[\"git.message\"] is always empty here: {decides}"),
            format!("asks filter attributes[\"git.remote_url\"] is always empty here: {decides}"),
            format!("asks-wrong filter attributes[\"svn.author\"] is not known here: {decides}"),
        ]
    );
    let expected = [hit("asks", 1, "1234"), hit("asks-wrong", 1, "5678")];
    assert_eq!(found(&opened.set, "a", "asks-1234 wrong-5678"), expected);
}

#[test]
fn a_filter_that_meets_a_value_which_it_cannot_work_with_drops_nothing() {
    let rules = "[[rules]]\nid = 'k'\nregex = '''k-([0-9]{4})'''\nfilter = '''attributes[\"s3.bucket\"] contains \"x\"'''\n";
    let set = of_text("rules.toml", rules).unwrap().set;
    assert_eq!(found(&set, "a", "k-1234"), [hit("k", 1, "1234")]);
}

#[test]
fn ids_that_are_none_of_ours_are_made_so_and_told() {
    let rules = "[[rules]]\nid = 'My_Rule.1'\nregex = '''a-[0-9]{4}'''\nfilter = '''finding.rule_id != \"My_Rule.1\"'''\n\
                 [[rules]]\nid = 'my-rule-1'\nregex = '''b-[0-9]{4}'''\n";
    let opened = of_text("rules.toml", rules).unwrap();
    let ids: Vec<_> = opened.set.signatures.iter().map(|it| it.id.to_string()).collect();
    assert_eq!(ids, ["my-rule-1", "my-rule-1-2"]);
    assert_eq!(found(&opened.set, "a", "a-1234 b-1234").len(), 2);
    assert_eq!(opened.notes.iter().filter(|note| note.key == "id").count(), 2);
}
