//! Clauses: when a reply means what.
//!
//! ```text
//! clause := cond (" & " cond)* (" [" word "]")*      all conditions; the words are a force or a reason
//! cond   := "status=" code{,code}                    code = 200 or 5xx
//!         | ["!"] "json:" path [("=" | "~" | "!=") value]
//!         | ["!"] "text~" regex
//!         | ["!"] "header:" name [("=" | "~") value]
//!         | ["!"] "xml:" element [("=" | "~") value]
//!         | "event=" name{,name}                     what a protocol said, for mechanisms in code
//! ```
//! Regexes look anywhere and do not mind case. A path without an operator asks for a value that is not null.

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use serde_json::Value;

use super::json_path::JsonPath;
use crate::model::{Force, Reply};

/// Why a credential was refused or is limited: the closed list.
pub const REASONS: &[&str] = &[
    "expired",
    "deleted",
    "disabled",
    "owner-gone",
    "key-rolled",
    "account-suspended",
    "scope",
    "ip-allow-list",
    "sso",
    "quota",
    "region",
    "waf",
    "lockout",
    "rate-limited",
    "clock",
    "wrong-pair",
    "public-by-design",
    "test-key",
    "anonymous",
];

/// All conditions of one way to tell.
#[derive(Clone, Debug)]
pub struct Clause {
    /// As it was written.
    pub text: String,
    conditions: Vec<Condition>,
    /// How much a refusal proves, where the clause says so.
    pub force: Option<Force>,
    /// Why, where the clause says so.
    pub reason: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Condition {
    negated: bool,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Status(Vec<(u16, u16)>),
    Json(JsonPath, Is),
    Text(Regex),
    Header(String, Is),
    Xml(String, Is),
    Event(Vec<String>),
}

#[derive(Clone, Debug)]
enum Is {
    There,
    Equal(String),
    Other(String),
    Like(Regex),
}

impl Is {
    fn holds(&self, value: &str) -> bool {
        match self {
            Self::There => true,
            Self::Equal(wanted) => value == wanted,
            Self::Other(unwanted) => value != unwanted,
            Self::Like(regex) => regex.is_match(value),
        }
    }

    /// Reads what stands behind a name: nothing, or an operator and a value.
    fn parse(rest: &str) -> Result<Self, String> {
        if rest.is_empty() {
            return Ok(Self::There);
        }
        if let Some(value) = rest.strip_prefix("!=") {
            return Ok(Self::Other(value.to_owned()));
        }
        match rest.split_at(1) {
            ("=", value) => Ok(Self::Equal(value.to_owned())),
            ("~", value) => regex(value).map(Self::Like),
            _ => Err(format!("`{rest}` begins with none of =, ~, !=")),
        }
    }
}

/// A reply with what was read out of it once.
pub struct Seen<'r> {
    pub(super) reply: &'r Reply,
    /// The body as JSON, where it is.
    pub(super) json: Option<Value>,
    text: std::borrow::Cow<'r, str>,
}

impl<'r> Seen<'r> {
    /// Reads a reply. O(body).
    #[must_use]
    pub fn new(reply: &'r Reply) -> Self {
        let body = reply.body.reveal();
        Self { reply, json: serde_json::from_slice(body).ok(), text: String::from_utf8_lossy(body) }
    }

    /// Whether it is a page for people: of a firewall, a portal, a sign-in. The body says it; where there is
    /// none, or it is no JSON and no XML, its type.
    #[must_use]
    pub fn is_html(&self) -> bool {
        let start: String = self.text.trim_start().chars().take(512).collect();
        let start = start.to_ascii_lowercase();
        let page = start.starts_with("<!doctype html") || start.starts_with("<html");
        // XHTML begins as any XML does.
        let page = page || (start.starts_with("<?xml") && start.contains("<html"));
        let typed = self.reply.header("content-type").unwrap_or_default().to_ascii_lowercase();
        page || (typed.contains("text/html") && !self.is_structured())
    }

    /// Whether the body is in the provider's own form: JSON, or XML that is no page.
    pub(super) fn is_structured(&self) -> bool {
        let object = |json: &Value| json.is_object() || json.is_array();
        self.json.as_ref().is_some_and(object) || self.text.trim_start().starts_with("<?xml")
    }

    /// The texts of all XML elements of a name.
    pub(super) fn elements(&self, name: &str) -> Vec<String> {
        xml_texts(&self.text, name)
    }

    pub(super) fn value(&self, path: &JsonPath) -> Vec<&Value> {
        self.json.as_ref().map(|root| path.values(root)).unwrap_or_default()
    }
}

impl Clause {
    /// Reads a clause.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.trim();
        let (mut force, mut reason) = (None, None);
        while let Some((before, word)) = rest.strip_suffix(']').and_then(|it| it.rsplit_once(" ["))
        {
            match word {
                "weak" => force = Some(Force::Weak),
                "strong" => force = Some(Force::Strong),
                "proof" => force = Some(Force::Proof),
                word => match REASONS.iter().find(|known| **known == word) {
                    Some(known) => reason = Some(*known),
                    None => break,
                },
            }
            rest = before.trim_end();
        }
        let conditions: Result<Vec<_>, _> = rest.split(" & ").map(Condition::parse).collect();
        Ok(Self { text: text.to_owned(), conditions: conditions?, force, reason })
    }

    /// Whether all conditions hold.
    #[must_use]
    pub fn holds(&self, seen: &Seen<'_>) -> bool {
        self.conditions.iter().all(|condition| condition.holds(seen))
    }

    /// Whether it asks for more than a status code.
    #[must_use]
    pub fn is_specific(&self) -> bool {
        self.conditions.iter().any(|it| !matches!(it.test, Test::Status(_)))
    }

    /// Whether it knows that the reply is a page for people, and means it.
    pub(super) fn means_a_page(&self) -> bool {
        self.conditions.iter().any(|it| match &it.test {
            Test::Text(_) => !it.negated,
            Test::Header(name, _) => name == "content-type" && !it.negated,
            _ => false,
        })
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (negated, text) = match text.strip_prefix('!') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let test = if let Some(codes) = text.strip_prefix("status=") {
            Test::Status(codes.split(',').map(status).collect::<Result<_, _>>()?)
        } else if let Some(names) = text.strip_prefix("event=") {
            Test::Event(names.split(',').map(str::to_owned).collect())
        } else if let Some(pattern) = text.strip_prefix("text~") {
            Test::Text(regex(pattern)?)
        } else if let Some(rest) = text.strip_prefix("json:") {
            let at = path_end(rest);
            let path = JsonPath::parse(&rest[..at])
                .ok_or_else(|| format!("`{}` is no path", &rest[..at]))?;
            Test::Json(path, Is::parse(&rest[at..])?)
        } else if let Some(rest) = text.strip_prefix("header:") {
            let at = operator(rest);
            Test::Header(rest[..at].to_ascii_lowercase(), Is::parse(&rest[at..])?)
        } else if let Some(rest) = text.strip_prefix("xml:") {
            let at = operator(rest);
            let name = rest[..at].rsplit('/').next().unwrap_or_default();
            Test::Xml(name.to_owned(), Is::parse(&rest[at..])?)
        } else {
            return Err(format!(
                "`{text}` is no condition: status=, json:, text~, header:, xml:, event="
            ));
        };
        Ok(Self { negated, test })
    }

    fn holds(&self, seen: &Seen<'_>) -> bool {
        let holds = match &self.test {
            Test::Status(codes) => {
                codes.iter().any(|(from, to)| (*from..=*to).contains(&seen.reply.status))
            }
            Test::Event(names) => {
                let event = seen.reply.header("event");
                event.is_some_and(|event| names.iter().any(|name| name == event))
            }
            Test::Text(regex) => regex.is_match(&*seen.text),
            Test::Header(name, is) => seen.reply.header(name).is_some_and(|value| is.holds(value)),
            Test::Xml(name, is) => seen.elements(name).iter().any(|text| is.holds(text)),
            Test::Json(path, Is::There) => seen.value(path).iter().any(|value| !value.is_null()),
            Test::Json(path, is) => {
                seen.value(path).into_iter().any(|value| is.holds(&written(value)))
            }
        };
        holds != self.negated
    }
}

/// Where the operator of a condition begins.
fn operator(text: &str) -> usize {
    text.find("!=").into_iter().chain(text.find(['=', '~'])).min().unwrap_or(text.len())
}

/// Where the path of a condition ends: an operator inside of a quoted key is a part of it.
fn path_end(text: &str) -> usize {
    let quoted = text.find("['").filter(|at| *at < operator(text));
    let closed = quoted.and_then(|at| text[at..].find("']").map(|end| at + end + 2));
    let from = closed.unwrap_or(0);
    from + operator(&text[from..])
}

/// A value as a clause writes it: text bare, all else as JSON.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn status(code: &str) -> Result<(u16, u16), String> {
    let wrong = || format!("`{code}` is no status: write 200 or 5xx");
    if let Some(class) = code.strip_suffix("xx") {
        let class: u16 = class.parse().map_err(|_| wrong())?;
        return Ok((class * 100, class * 100 + 99));
    }
    let code = code.parse().map_err(|_| wrong())?;
    Ok((code, code))
}

/// A regex that looks anywhere and does not mind case; small, so that no probe can eat memory.
pub(super) fn regex(pattern: &str) -> Result<Regex, String> {
    let config = Regex::config().nfa_size_limit(Some(1 << 18)).hybrid_cache_capacity(1 << 18);
    Regex::builder()
        .syntax(syntax::Config::new().case_insensitive(true).nest_limit(32))
        .configure(config)
        .build(pattern)
        .map_err(|error| format!("`{pattern}`: {error}"))
}

/// The texts of all elements of a name, whatever their namespace. Reads as far as the XML is well-formed.
fn xml_texts(text: &str, name: &str) -> Vec<String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut texts = Vec::new();
    let mut inside = false;
    // A hostile body is 64 KiB at most, and every event takes at least a byte of it.
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                inside = tag.local_name().as_ref() == name;
                if inside {
                    texts.push(String::new());
                }
            }
            Ok(Event::Empty(tag)) if tag.local_name().as_ref() == name => {
                texts.push(String::new());
            }
            Ok(Event::Text(piece)) if inside => {
                if let Some(last) = texts.last_mut() {
                    last.push_str(piece.trim());
                }
            }
            Ok(Event::End(_)) => inside = false,
            Ok(Event::Eof) | Err(_) => return texts,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Clause, Seen};
    use crate::model::{Force, Reply, SecretBytes};

    fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
        let headers = headers.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Reply { status, headers, body: SecretBytes::new(body.into()), cut: false }
    }

    fn holds(clause: &str, reply: &Reply) -> bool {
        Clause::parse(clause).unwrap().holds(&Seen::new(reply))
    }

    #[test]
    fn each_kind_of_condition_holds_where_it_should() {
        let json = reply(
            401,
            &[("x-ratelimit-remaining", "0")],
            r#"{"ok": false, "errors": [{"code": "UNAUTHORIZED"}], "nothing": null, "n": 3}"#,
        );
        for clause in [
            "status=401",
            "status=200,4xx & json:$.errors[0].code=UNAUTHORIZED",
            "json:$.errors[*].code~unauth",
            "json:$.ok=false & json:$.n=3",
            "!json:$.nothing & !json:$.gone",
            "json:$.ok!=true",
            "header:x-ratelimit-remaining=0",
            "header:X-RateLimit-Remaining",
            "text~\"n\": ?3",
        ] {
            assert!(holds(clause, &json), "{clause}");
        }
        for clause in ["status=400", "json:$.nothing", "json:$.ok", "header:other", "text~nowhere"]
        {
            let expected = clause == "json:$.ok";
            assert_eq!(holds(clause, &json), expected, "{clause}");
        }
        let xml = reply(
            403,
            &[],
            "<?xml version='1.0'?><E:R xmlns:E='x'><E:Error><Code>Expired</Code></E:Error></E:R>",
        );
        assert!(holds("status=403 & xml:Error/Code=Expired", &xml));
        assert!(holds("xml:Code~expi", &xml));
        assert!(!holds("xml:Code=Other", &xml) && !holds("xml:Message", &xml));
        let event = reply(0, &[("event", "28P01")], "");
        assert!(holds("event=28000,28P01", &event) && !holds("event=ok", &event));
    }

    #[test]
    fn words_in_brackets_are_force_and_reason() {
        let clause = Clause::parse("status=401 & text~[a-z] [expired] [weak]").unwrap();
        assert_eq!((clause.force, clause.reason), (Some(Force::Weak), Some("expired")));
        assert!(clause.is_specific());
        assert!(!Clause::parse("status=401 [weak]").unwrap().is_specific());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for clause in ["", "state=200", "status=abc", "json:a.b", "text~(", "json:$.a>3"] {
            assert!(Clause::parse(clause).is_err(), "{clause}");
        }
    }

    #[test]
    fn pages_for_people_are_told_by_type_or_text() {
        let html = [("content-type", "text/HTML; charset=utf-8")];
        let xhtml = "<?xml version='1.0'?>\n<!DOCTYPE html>\n<html>";
        for (headers, body) in
            [(&html[..], "blocked"), (&html, ""), (&[], "\n<!DOCTYPE html><html>"), (&[], xhtml)]
        {
            assert!(Seen::new(&reply(200, headers, body)).is_html(), "{body}");
        }
        // Some providers name the wrong type.
        for body in ["{\"html\": \"<html>\"}", "<?xml version='1.0'?><Error/>"] {
            assert!(!Seen::new(&reply(403, &html, body)).is_html(), "{body}");
        }
    }
}
