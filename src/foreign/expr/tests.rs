use super::*;

struct Of(Vec<(&'static str, Value)>);

impl Host for Of {
    fn variable(&mut self, name: &str) -> Option<Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    fn call(&mut self, name: &str, arguments: &[Value]) -> Option<Result<Value, Error>> {
        (name == "entropy").then_some(Ok(Value::Number(arguments.len() as f64)))
    }
}

fn run(source: &str) -> Result<Value, Error> {
    let names = Value::List(vec!["a".into(), "Bc".into(), "d".into()]);
    let finding = [("secret", "s3cret-Value"), ("line", "key = s3cret-Value // x")];
    let finding = finding.map(|(key, value)| (key.to_owned(), Value::from(value))).into();
    let mut host = Of(vec![("names", names), ("finding", Value::Map(finding))]);
    Program::new(source, &["names", "finding"])?.run(&mut host)
}

#[test]
fn each_form_of_the_language_has_its_value() {
    for source in [
        r#"1 + 2 * 3 == 7 && 2 ** 3 ** 2 == 512 && 7 % 4 == 3 && -2 + 3 == 1"#,
        r#"not false and (true or false) && !(1 > 2)"#,
        r#"let x = 4; let y = x + 1; y == 5 ? true : false"#,
        r#"finding["secret"] == finding.secret && finding?.nothing?.more == nil"#,
        r#"(finding.nothing ?? "other") == "other""#,
        r#""a" in names && !("b" in names) && "b" not in names && "secret" in finding"#,
        r#"finding.secret contains "cret" && finding.secret matches "^s\\d" && "ab" startsWith "a""#,
        r#"finding.secret[0:2] == "s3" && finding.secret[-5:] == "Value" && names[1] == "Bc" && names[-1] == "d""#,
        "finding.secret matches `(?i)^S3\\w+-value$` // a comment",
        r#"any(names, {# == "d"}) && all(names, len(#) < 3) && none(names, # == "z") && one(names, # == "a")"#,
        r#"map(names, {lower(#)}) == ["a", "bc", "d"] && filter(names, {len(#) > 1}) == ["Bc"]"#,
        r#"len(map(names, {#})) == 3 && count(names, # != "a") == 2"#,
        r#"map([{a: 1}, {"a": 2}], .a) == [1, 2]"#,
        r#"names.exists(n, n == "a") && finding.secret.contains("cret") && size(names) == 3"#,
        r#"matchesAny(finding.secret, ["^x", "Value$"]) && findMatch("ab12", "[0-9]+") == "12""#,
        r#"containsAny("An EXAMPLE", ["example"]) && containsAny("an example", ["EXAMPLE"])"#,
        r#"filter.containsAny("abc", ["b"]) && strings.splitTrim(" a , b ", ",") == ["a", "b"]"#,
        r#"entropy("x") == 1 && filter.entropy("x", "y") == 2"#,
        r#"intersects(["a"], names) && join(names, "-") == "a-Bc-d" && split("a.b", ".")[1] == "b""#,
        r#"max([1, 3, 2]) == 3 && min(2, 1) == 1 && int("12") == 12 && string(5) == "5""#,
        r#"trim(" a ") == "a" && trimPrefix("ab", "a") == "b" && replace("aba", "a", "c") == "cbc""#,
        r#"base64.encode("hi") == "aGk=" && fromBase64("aGk=") == "hi" && hex.encode("A") == "41""#,
        r#"names | map(upper(#)) | join("") == "ABCD""#,
        r#"'\x41\u0042' == "AB" && r"\d" == `\d` && 0x1f == 31 && 1_000 == 1000 && 1..3 == [1, 2, 3]"#,
        r#"/* a comment */ true"#,
    ] {
        assert_eq!(run(source), Ok(Value::Bool(true)), "{source}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_before_it_is_run() {
    let refused = |source: &str| Program::new(source, &["finding"]).unwrap_err().to_string();
    assert_eq!(refused("http.get(finding)"), "the function `http.get` is not known here");
    assert_eq!(refused("findings.secret"), "the variable `findings` is not known here");
    assert!(refused("finding.secret matches '('").contains("the pattern"));
    assert_eq!(refused("true &&\n  ||"), "line 2, column 3 of the expression: a value is expected");
    for source in ["", "(", "1 2", "let x = 1", "a ?", "[1", "{a:", "f(", "'a", "@"] {
        assert!(Program::new(source, &["a"]).is_err(), "{source}");
    }
    assert!(Program::new(&"(".repeat(100_000), &[]).is_err());
    assert!(Program::new(&"!".repeat(100_000), &[]).is_err());
    assert!(Program::new(&format!("1{}", " + 1".repeat(100_000)), &[]).is_err());
    assert!(Program::new(&format!("a{}", ".b".repeat(100_000)), &["a"]).is_err());
    assert_eq!(run(&format!("1{} == 301", " + 1".repeat(300))), Ok(Value::Bool(true)));
}

#[test]
fn a_value_of_the_wrong_kind_is_an_error_and_no_answer() {
    for source in ["1 && true", "'a' > 1", "names.secret", "len(1)", "!'a'", "lower(1)", "names[9]"]
    {
        assert!(matches!(run(source), Err(Error::Value(_))), "{source}");
    }
}
