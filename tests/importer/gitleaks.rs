//! gitleaks TOML: every feature, in a file of more than 200 rules.

use super::{commit, found, found_at, hit, of_text, value};
use leakspan::model::{Origin, OriginKind};
use sha2::{Digest, Sha256};

/// A rule file: 200 rules from a loop, each with one feature, and further ones with a case of their own.
fn file() -> String {
    let mut text = String::from(
        "title = 'Rules'\ndescription = 'of a team'\nminVersion = 'v8.25.0'\n\
         [[allowlists]]\ndescription = 'vendored'\npaths = ['(?i)(?:^|/)vendor/']\n\
         [[allowlists]]\ntargetRules = ['acme000', 'acme001']\nregexes = ['''z{4}$''']\n",
    );
    for number in 0..200 {
        let feature = match number % 8 {
            0 => "",
            1 => "entropy = 3.2\n",
            2 => "secretGroup = 2\n",
            3 => "path = '''\\.env$'''\n",
            4 => "[[rules.allowlists]]\nstopwords = ['SAMPLE']\n",
            5 => "[[rules.allowlists]]\nregexTarget = 'line'\nregexes = ['''#\\s*test$''']\n",
            6 => {
                "[[rules.allowlists]]\ncondition = 'AND'\npaths = ['''^tests/''']\nregexes = ['''^a''']\n"
            }
            _ => "[rules.allowlist]\nregexTarget = 'match'\nregexes = ['''^Acme''']\n",
        };
        text.push_str(&format!(
            "[[rules]]\nid = 'acme{number:03}'\ndescription = 'Acme {number}'\ntags = ['acme']\n\
             regex = '''(?i)\\bacme{number:03}(-|=)([\\w-]{{10,}})'''\nkeywords = ['ACME{number:03}']\n{feature}"
        ));
    }
    // The first filled group of the loop's rules is the sign between name and value.
    let text = text.replace("(-|=)", "(?:-|=)").replace("secretGroup = 2\n", "secretGroup = 1\n");
    text + FURTHER
}

/// What a file of that scanner can say beside; the commit and the partner are those of the test.
const FURTHER: &str = r"
[[rules]]
id = 'near'
regex = '''near-([0-9]{6})'''
keywords = ['near-']
required = [{ id = 'partner', withinLines = 1 }]
[[rules]]
id = 'partner'
regex = '''partner-[0-9]{4}'''
keywords = ['partner-']
skipReport = true
[[rules]]
id = 'Store File'
path = '''\.store$'''
[[rules]]
id = 'no-keyword'
regex = '''nokey([0-9]{6})'''
[[rules]]
id = 'some-generic-rule'
regex = '''\bsgr-[a-z]+\s*=\s*[\x22\x27]?(\S+)'''
keywords = ['sgr-']
[[rules]]
id = 'special'
regex = '''spc-[0-9]{6}'''
keywords = ['spc-']
[[rules]]
id = 'in-history'
regex = '''hist-[0-9]{6}'''
keywords = ['hist-']
[[rules.allowlists]]
commits = ['ABABABABABABABABABABABABABABABABABABABAB']
";

#[test]
fn two_hundred_rules_find_exactly_what_they_should() {
    let opened = of_text(".gitleaks.toml", &file()).unwrap();
    assert_eq!(opened.set.signatures.len(), 207);
    assert_eq!(opened.notes.iter().filter(|note| note.key == "tags").count(), 200);
    let mut text = String::new();
    let mut at = 0;
    let mut line = |added: String| {
        text.push_str(&added);
        text.push('\n');
        at += 1;
        at
    };
    let (mut in_code, mut in_env, mut in_tests) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..200_u64 {
        let id = format!("acme{number:03}");
        let random = format!("b{}", value(number + 1, 19));
        let plain = line(format!("{id}={random}"));
        let everywhere = [&mut in_code, &mut in_env, &mut in_tests];
        let expect = |at: u64, secret: &str| {
            for (place, expected) in everywhere.into_iter().enumerate() {
                if number % 8 != 3 || place == 1 {
                    expected.push(hit(&id, at, secret));
                }
            }
        };
        match number % 8 {
            1 => {
                expect(plain, &random);
                line(format!("{id}=abababababab"));
            }
            4 => {
                expect(plain, &random);
                line(format!("{id}={random}sample1"));
            }
            5 => {
                expect(plain, &random);
                line(format!("{id}={random} # test"));
            }
            6 => {
                expect(plain, &random);
                let secret = format!("a{random}");
                let other = line(format!("{id}={secret}"));
                in_code.push(hit(&id, other, &secret));
                in_env.push(hit(&id, other, &secret));
            }
            7 => {
                expect(plain, &random);
                line(format!("Acme{number:03}={random}"));
            }
            _ => expect(plain, &random),
        }
        // What no rule finds: too short, another name, a word before it.
        line(format!("{id}={}", &random[..5]));
        line(format!("x{id}={random}"));
        line(format!("{id}={random} gitleaks:allow"));
        line("an ordinary line".to_owned());
    }
    line(format!("acme000=b{}zzzz", value(999, 12)));
    // The further rules, everywhere: with a partner near and without, without keyword, in doubt the special one.
    line("near-111111".to_owned());
    line("an ordinary line".to_owned());
    let near = line("near-222222 and partner-1234".to_owned());
    let no_keyword = line("nokey333333".to_owned());
    let generic = line("sgr-a = plain-value".to_owned());
    let special = line("sgr-b = spc-444444".to_owned());
    let history = line("hist-555555".to_owned());
    let further = [
        hit("near", near, "222222"),
        hit("no-keyword", no_keyword, "333333"),
        hit("some-generic-rule", generic, "plain-value"),
        hit("special", special, "spc-444444"),
        hit("in-history", history, "hist-555555"),
    ];
    for expected in [&mut in_code, &mut in_env, &mut in_tests] {
        expected.extend(further.iter().cloned());
    }
    let listed = commit(&"ab".repeat(20), "a@example.com");
    let in_listed = in_code.iter().filter(|(id, _, _)| id != "in-history").cloned();
    assert_eq!(found_at(&opened.set, "src/a.py", &text, listed), in_listed.collect::<Vec<_>>());
    let store = found(&opened.set, "a.store", "");
    assert_eq!(store.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["store-file"]);
    for (path, expected) in [("src/a.py", in_code), ("src/a.env", in_env), ("tests/a.py", in_tests)]
    {
        assert_eq!(found(&opened.set, path, &text), expected, "{path}");
    }
    assert_eq!(found(&opened.set, "lib/Vendor/a.env", &text), []);
}

#[test]
fn what_the_rule_does_not_say_is_as_in_gitleaks() {
    let rules = r"
[[rules]]
id = 'first-group'
regex = '''fg(a)?(b[0-9]{4,})?'''
[[rules]]
id = 'whole-match'
regex = '''\n*whole-[0-9]{4}\n*'''
[[rules]]
id = 'unbounded'
regex = '''begin [^;]*;'''
[[rules]]
id = 'braces'
regex = '''\$\{\{([a-z]+)}}|brace{([0-9]+)}'''
[[rules]]
id = 'wanted-word'
regex = '''ww-[0-9]{4}'''
keywords = ['somewhere']
[[rules]]
id = 'key-file'
path = '''\.keystore$'''
";
    let set = of_text("rules.toml", rules).unwrap().set;
    let text = "fgab1234 fgb5678\n\nwhole-1234\n\nbegin a\nb\nc;\n${{name}} brace{42}\nww-1234\n";
    let expected = vec![
        hit("first-group", 1, "a"),
        hit("first-group", 1, "b5678"),
        hit("whole-match", 3, "whole-1234"),
        hit("unbounded", 5, "begin a\nb\nc;"),
        hit("braces", 8, "name"),
        hit("braces", 8, "42"),
    ];
    assert_eq!(found(&set, "a.txt", text), expected);
    let with_word = format!("{text}Somewhere\n");
    let also = [expected, vec![hit("wanted-word", 9, "ww-1234")]].concat();
    assert_eq!(found(&set, "a.txt", &with_word), also);
    let digest = Sha256::digest("a/b.keystore");
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let key_file = [hit("key-file", 1, &digest)];
    assert_eq!(found(&set, "a/b.keystore", ""), key_file);
    assert_eq!(found(&set, "a/b.keystore", "\0\0binary"), key_file);
}

#[test]
fn lists_of_commits_count_in_either_case_and_in_history_alone() {
    let id = "ab".repeat(20);
    let rules = format!(
        "[[rules]]\nid = 'k'\nregex = '''k-[0-9]{{4}}'''\n[[rules.allowlists]]\ncommits = ['{}']\n",
        id.to_uppercase()
    );
    let set = of_text("rules.toml", &rules).unwrap().set;
    let known = commit(&id, "a@example.com");
    assert_eq!(found_at(&set, "a", "k-1234", known), []);
    let other = commit(&"cd".repeat(20), "a@example.com");
    assert_eq!(found_at(&set, "a", "k-1234", other), [hit("k", 1, "k-1234")]);
    let file = Origin::of(OriginKind::File);
    assert_eq!(found_at(&set, "a", "k-1234", file), [hit("k", 1, "k-1234")]);
}

#[test]
fn a_rule_with_required_ones_counts_where_they_stand_near() {
    let rules = r"
[[rules]]
id = 'account'
regex = '''account-[0-9]{4}'''
skipReport = true
keywords = ['account-']
[[rules]]
id = 'key'
regex = '''key-[0-9]{4}'''
required = [{ id = 'account', withinLines = 2, withinColumns = 10 }]
";
    let set = of_text("rules.toml", rules).unwrap().set;
    let near = [hit("key", 3, "key-1234")];
    assert_eq!(found(&set, "a", "account-0001\n\nkey-1234\n"), near);
    assert_eq!(found(&set, "a", "account-0001\n\n\nkey-1234\n"), []);
    assert_eq!(found(&set, "a", "account-0001\n\n           key-1234\n"), []);
    assert_eq!(found(&set, "a", "key-1234\n"), []);
}

#[test]
fn a_generic_rule_loses_and_a_shared_secret_is_one_finding() {
    let rules = r"
[[rules]]
id = 'a-generic-key'
regex = '''key = (\S+)'''
[[rules]]
id = 'special'
regex = '''sp-[0-9]{6}'''
";
    let set = of_text("rules.toml", rules).unwrap().set;
    assert_eq!(found(&set, "a", "key = sp-123456"), [hit("special", 1, "sp-123456")]);
    assert_eq!(found(&set, "a", "key = other"), [hit("a-generic-key", 1, "other")]);
}

#[test]
fn what_is_encoded_is_found_too() {
    use base64::Engine as _;
    let set =
        of_text("rules.toml", "[[rules]]\nid = 'k'\nregex = '''enc-[0-9]{12}'''\n").unwrap().set;
    let encoded = base64::engine::general_purpose::STANDARD.encode("token: enc-123456789012");
    assert_eq!(found(&set, "a", &format!("x = {encoded}\n")), [hit("k", 1, "enc-123456789012")]);
}

#[test]
fn a_match_is_found_once_wherever_large_content_is_cut() {
    let set =
        of_text("rules.toml", "[[rules]]\nid = 'k'\nregex = '''cut-[0-9]{9}'''\n").unwrap().set;
    let filler = "an ordinary line of text\n".repeat(60_000);
    for shift in 0..14 {
        let before = (1 << 20) - shift;
        let text = format!("{}\ncut-123456789\n{filler}", &filler[..before]);
        assert_eq!(found(&set, "a", &text).len(), 1, "{shift}");
    }
}

#[test]
fn a_file_builds_on_another_and_its_own_word_wins() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "base.toml",
        "[[rules]]\nid = 'kept'\nregex = '''kept-[0-9]{4}'''\n[[rules.allowlists]]\nstopwords = ['11']\n\
         [[rules]]\nid = 'gone'\nregex = '''gone-[0-9]{4}'''\n\
         [[rules]]\nid = 'new'\nregex = '''old-[0-9]{4}'''\nkeywords = ['old']\n"
            .to_owned(),
    );
    write(
        "own.toml",
        format!(
            "[extend]\npath = '{}'\ndisabledRules = ['gone', 'nobody']\n\
             [[rules]]\nid = 'kept'\n[[rules.allowlists]]\nstopwords = ['22']\n\
             [[rules]]\nid = 'new'\nregex = '''new-[0-9]{{4}}'''\nkeywords = ['new']\n",
            place("base.toml")
        ),
    );
    let opened = super::opened(&folder.path().join("own.toml")).unwrap();
    let text = "kept-1134 kept-2234 kept-3334 gone-1234 old-1234 new-1234";
    let expected = [hit("kept", 1, "kept-3334"), hit("new", 1, "new-1234")];
    assert_eq!(found(&opened.set, "a", text), expected);
    assert!(opened.notes.iter().any(|note| note.key == "extend.disabledRules"));

    write("third.toml", format!("[extend]\npath = '{}'\n", place("own.toml")));
    assert!(super::opened(&folder.path().join("third.toml")).is_ok());
    write("fourth.toml", format!("[extend]\npath = '{}'\n", place("third.toml")));
    let error = super::opened(&folder.path().join("fourth.toml")).unwrap_err();
    assert!(
        error.contains("own.toml:2: `extend.path`: files build on files at most 2 deep")
            || error.contains("`extend.path`: files build on files at most 2 deep"),
        "{error}"
    );
}

#[test]
fn the_default_rules_are_not_here_and_that_is_told() {
    let rules = "[extend]\nuseDefault = true\ndisabledRules = ['x']\nurl = 'https://example.com'\n\
                 [[rules]]\nid = 'generic-api-key'\n[[rules.allowlists]]\nstopwords = ['a']\n\
                 [[rules]]\nid = 'own'\nregex = '''own-[0-9]{4}'''\n";
    let opened = of_text("rules.toml", rules).unwrap();
    assert_eq!(opened.set.signatures.len(), 1);
    let told: Vec<_> = opened.notes.iter().map(|note| note.key).collect();
    assert_eq!(told, ["extend.url", "extend.useDefault", "extend.disabledRules", "id", "keywords"]);
}
