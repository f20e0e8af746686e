//! Calls that take a user and a password: `NetworkCredential("ann", "x")`, `auth=("ann", "x")`.

use std::ops::Range;

use super::matcher::{Hit, Matcher};
use super::values::{self, Value, skip_blanks};
use super::words::Words;
use crate::engine::candidate::Text;

/// The password behind the user, both quoted, where the call's name promises a login.
#[derive(Debug)]
pub(super) struct CallLogin;

/// What the name of such a call ends with, lower case, before further letters and the bracket; each is a
/// keyword of the signature.
static CALLS: Words = Words::new(&[
    b"credential",
    b"basicauth",
    b"basic_auth",
    b".auth(",
    b"auth=(",
    b"auth = (",
    b"login(",
    b"authenticate(",
]);
/// The same, of calls that take an address before the user.
static CALLS_WITH_ADDRESS: Words =
    Words::new(&[b"getconnection(", b"new pdo(", b"mysqli(", b"mysqli_connect("]);
/// The longest rest of a name.
const LONGEST_NAME: usize = 40;

/// The longest argument that is passed over.
const LONGEST_ARGUMENT: usize = 120;

impl Matcher for CallLogin {
    fn name(&self) -> &'static str {
        "call-login"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        for at in window {
            let rest = &text.bytes[at..];
            let call = CALLS.at(rest).map(|call| (call, 0));
            let call = call.or_else(|| CALLS_WITH_ADDRESS.at(rest).map(|call| (call, 1)));
            found.extend(
                call.and_then(|(call, skip)| arguments(text.bytes, at, at + call.len(), skip)),
            );
        }
    }
}

/// The login of the call whose name ends at or behind `end`, behind `skip` other arguments.
fn arguments(bytes: &[u8], at: usize, end: usize, skip: usize) -> Option<Hit> {
    let mut open = if bytes[end - 1] == b'(' {
        end
    } else {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let rest = bytes[end..].iter().take(LONGEST_NAME).take_while(|byte| is_name(byte)).count();
        // Ruby calls without brackets: `basic_auth "ann", "x"`.
        matches!(bytes.get(end + rest), Some(b'(' | b' ')).then_some(end + rest + 1)?
    };
    for _ in 0..skip {
        let before = &bytes[open..bytes.len().min(open + LONGEST_ARGUMENT)];
        open += before.iter().position(|byte| matches!(byte, b',' | b'\n'))? + 1;
    }
    let user = string(bytes, open)?;
    let comma = skip_blanks(bytes, user.secret.end + 1);
    if bytes.get(comma) != Some(&b',') {
        return None;
    }
    let password = string(bytes, comma + 1)?;
    let close = skip_blanks(bytes, password.secret.end + 1);
    let (name, value) = (&bytes[user.secret], &bytes[password.secret.clone()]);
    let ends = match bytes.get(close) {
        Some(b')' | b',') => true,
        None | Some(b'\n' | b'\r') => bytes[open - 1] == b' ',
        Some(_) => false,
    };
    let login = ends
        && (2..=64).contains(&name.len())
        && name.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'=')
        && value.len() >= 4
        && !value.eq_ignore_ascii_case(name);
    login.then(|| {
        let name = name.to_vec();
        let mut hit = Hit::new("call-login", at..password.secret.end, password.secret);
        hit.value = password.plain;
        hit.fact("user", &name)
    })
}

/// The string at `at`, behind blanks, in one pair of quotes.
fn string(bytes: &[u8], at: usize) -> Option<Value> {
    let at = skip_blanks(bytes, at);
    if !matches!(bytes.get(at)?, b'"' | b'\'') {
        return None;
    }
    values::read(bytes, at).filter(|value| value.quoted && value.secret.start == at + 1)
}

#[cfg(test)]
mod tests {
    use super::super::matcher::Matcher;
    use super::CallLogin;
    use crate::engine::candidate::Text;
    use crate::model::BlobPath;

    /// What stands for `~` in the texts below: so none of them looks like a leak.
    const VALUE: &str = "kT9vXq2L";

    fn secrets(text: &str) -> Vec<String> {
        let text = &text.replace('~', VALUE);
        let path = BlobPath::new("a.cs");
        let seen = Text { bytes: text.as_bytes(), path: &path, decoded: false };
        let mut found = Vec::new();
        CallLogin.find(&seen, 0..text.len(), &mut found);
        found.into_iter().map(|hit| text[hit.secret].to_owned()).collect()
    }

    #[test]
    fn the_second_argument_is_the_password() {
        for text in [
            "new NetworkCredential(\"ann\", \"~\")",
            "requests.get(url, auth=('ann', '~'))",
            "HTTPBasicAuth(\"ann\", \"~\")",
            "client.login('ann', '~')",
            "new UsernamePasswordCredentials( 'ann', '~' )",
            "basic_auth 'ann', '~'",
            "DriverManager.getConnection(url, \"ann\", \"~\")",
            "new PDO('mysql:host=db', 'ann', '~')",
            "mysqli_connect('db', 'ann', '~', 'shop')",
        ] {
            assert_eq!(secrets(text), [VALUE], "{text}");
        }
    }

    #[test]
    fn other_arguments_are_no_logins() {
        for text in [
            "login(user, \"~\")",
            "login('ann', password)",
            "login('ann')",
            "login('a sentence here', '~')",
            "auth=('ann', 'ann')",
        ] {
            assert!(secrets(text).is_empty(), "{text}");
        }
    }
}
