//! Passwords on command lines: `curl -u user:x`, `docker login -p x`, `mysql -px`, `--password x`,
//! and in SQL: `IDENTIFIED BY 'x'`.

use std::ops::Range;

use memchr::memchr;

use super::matcher::{Hit, Matcher};
use super::names;
use super::values::{self, Value, skip_blanks};
use super::words::Words;
use crate::engine::candidate::Text;

/// Options that take a password, of any program (`--password x`) or of a known one (`mysql -px`).
#[derive(Debug)]
pub(super) struct CommandLine;

const SIGNATURE: &str = "command-line-password";
/// How far behind the program's name its options are read.
const LONGEST_LINE: usize = 600;
const LONGEST_FLAG: usize = 40;

/// How a program takes its password.
enum Takes {
    /// As the word behind so many others that are no options.
    Word(usize),
    /// Behind a short option, joined to it or not.
    Option(u8),
    /// Behind a short option and joined to it: alone it asks for the password.
    Joined(u8),
    /// As `user:password` behind an option.
    Login(&'static [&'static [u8]]),
}

/// What a command line begins with, lower case; each is a keyword of the signature.
const PROGRAMS: &[(&[u8], Takes)] = &[
    (b"curl ", Takes::Login(&[b"-u", b"--user", b"-U", b"--proxy-user"])),
    (b"docker login", Takes::Option(b'p')),
    (b"podman login", Takes::Option(b'p')),
    (b"skopeo login", Takes::Option(b'p')),
    (b"registry login", Takes::Option(b'p')),
    (b"az login", Takes::Option(b'p')),
    (b"oc login", Takes::Option(b'p')),
    (b"cf login", Takes::Option(b'p')),
    (b"sshpass ", Takes::Option(b'p')),
    (b"mysql -", Takes::Joined(b'p')),
    (b"mysqldump -", Takes::Joined(b'p')),
    (b"mysqladmin -", Takes::Joined(b'p')),
    (b"mariadb -", Takes::Joined(b'p')),
    (b"redis-cli -", Takes::Option(b'a')),
    (b"zip -", Takes::Option(b'P')),
    (b"ldapsearch -", Takes::Option(b'w')),
    (b"ldapmodify -", Takes::Option(b'w')),
    (b"ldapadd -", Takes::Option(b'w')),
    (b"htpasswd -", Takes::Word(2)),
    (b"rabbitmqctl add_user ", Takes::Word(1)),
    (b"rabbitmqctl change_password ", Takes::Word(1)),
    (b"net user ", Takes::Word(1)),
    (b"vault login ", Takes::Word(0)),
    (b"--with-token <<< ", Takes::Word(0)),
    (b"convertto-securestring ", Takes::Word(0)),
];

/// How a long option that may take a password begins, lower case; each is a keyword.
static FLAGS: Words = Words::new(&[
    b"-pass",
    b"-pwd",
    b"-token",
    b"-secret",
    b"-api-key",
    b"-apikey",
    b"-access-key",
    b"-repotoken",
]);
/// What reads a password that is piped to it, lower case, and whether as `user:password`; each is a keyword.
const PIPED: &[(&[u8], bool)] =
    &[(b"| chpasswd", true), (b"|chpasswd", true), (b"| docker login", false)];
/// What stands before a password in SQL, lower case; each is a keyword.
static CLAUSES: Words =
    Words::new(&[b"identified by", b"identified with", b"with password", b"encrypted password"]);

impl Matcher for CommandLine {
    fn name(&self) -> &'static str {
        "command-line"
    }

    fn find(&self, text: &Text<'_>, window: Range<usize>, found: &mut Vec<Hit>) {
        let bytes = text.bytes;
        for at in window {
            let rest = &bytes[at..];
            match rest[0] | 32 {
                b'-' if FLAGS.at(rest).is_some() => {
                    found.extend(flag(bytes, at));
                }
                b'i' | b'w' | b'e' if CLAUSES.at(rest).is_some() => {
                    found.extend(clause(bytes, at));
                }
                _ => {}
            }
            if at > 0 && bytes[at - 1].is_ascii_alphanumeric() {
                continue;
            }
            if let Some((name, takes)) = PROGRAMS.iter().find(|(name, _)| begins(rest, name)) {
                // The blank or sign that ends the name may begin the first option.
                let from = at + name.len() - 1;
                match takes {
                    Takes::Word(before) => found.extend(word(bytes, at, from, *before)),
                    _ => options(bytes, at, from, takes, found),
                }
            }
            if rest[0] == b'|' {
                let piped = PIPED.iter().find(|(name, _)| begins(rest, name));
                found.extend(piped.and_then(|(_, login)| echoed(bytes, at, *login)));
            }
        }
    }
}

fn begins(text: &[u8], lower: &[u8]) -> bool {
    text.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower))
}

/// `--api-token x`, `--password=x`, `"--password", "x"`: the option whose last dash but one stands at `at`.
fn flag(bytes: &[u8], at: usize) -> Option<Hit> {
    let is_flag = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let before = bytes[at.saturating_sub(LONGEST_FLAG)..at].iter().rev();
    let start = at - before.take_while(|byte| is_flag(byte)).count();
    // A name within a word (`x-token`) is no option.
    let dashes = bytes[start..].iter().take_while(|byte| **byte == b'-').count();
    if dashes == 0 || dashes > 2 {
        return None;
    }
    let length = bytes[at..].iter().take(LONGEST_FLAG).take_while(|byte| is_flag(byte)).count();
    let end = at + length;
    let named = names::read(&bytes[start..end]).filter(|named| named.strong)?;
    let value = argument(bytes, end)?;
    let least = if named.promise == names::Promise::Password { 4 } else { 8 };
    (value.secret.len() >= least).then(|| hit(start, value))
}

/// The value behind an option's name.
fn argument(bytes: &[u8], end: usize) -> Option<Value> {
    match *bytes.get(end)? {
        b'=' => value_at(bytes, end + 1),
        b' ' | b'\t' => value_at(bytes, skip_blanks(bytes, end)),
        // An argument of its own in a list: `"--password", "x"`.
        quote @ (b'"' | b'\'') => {
            let comma = skip_blanks(bytes, end + 1);
            let next = skip_blanks(bytes, comma + 1);
            let listed = bytes.get(comma) == Some(&b',') && bytes.get(next) == Some(&quote);
            listed.then(|| value_at(bytes, next))?
        }
        _ => None,
    }
}

/// A word of a command line: quoted, or up to a blank. No option, variable or redirection.
fn value_at(bytes: &[u8], at: usize) -> Option<Value> {
    let first = *bytes.get(at)?;
    if matches!(first, b'"' | b'\'' | b'\\') {
        return values::read(bytes, at).filter(|value| value.quoted && value.secret.start > at);
    }
    if matches!(first, b'-' | b'$' | b'<' | b'>' | b'|' | b'&' | b'(' | b'{' | b'[' | b'%' | b'=') {
        return None;
    }
    let ends = |byte: &u8| {
        matches!(byte, 0..=b' ' | b'"' | b'\'' | b'`' | b';' | b'|' | b'<' | b'>' | b')' | b'\\')
    };
    let rest = &bytes[at..bytes.len().min(at + values::LONGEST)];
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    let length = rest[..length]
        .iter()
        .rposition(|byte| !matches!(byte, b',' | b'.'))
        .map_or(0, |last| last + 1);
    (length > 0).then(|| Value { secret: at..at + length, quoted: false, plain: None })
}

/// `identified by 'x'`, `identified with plugin by 'x'`, `with password 'x'`.
fn clause(bytes: &[u8], at: usize) -> Option<Hit> {
    let line = &bytes[at..bytes.len().min(at + 120)];
    let line = &line[..memchr(b'\n', line).unwrap_or(line.len())];
    let lower = line.to_ascii_lowercase();
    let word = |word: &[u8]| memchr::memmem::find(&lower, word).map(|place| place + word.len());
    let identified = lower.starts_with(b"identified");
    let end = if identified { word(b" by ")? } else { word(b"password ")? };
    let place = skip_blanks(bytes, at + end);
    let value = value_at(bytes, place)?;
    // Without quotes only Oracle takes one, directly behind `by`, and prose says the same words.
    let takes = value.quoted || (identified && end < 15 && names_a_user(&bytes[..at]));
    (takes && value.secret.len() >= 4).then(|| hit(at, value))
}

/// Whether the line before a clause names whom it is about: `create user ann`, `alter role ann`.
fn names_a_user(before: &[u8]) -> bool {
    let line = &before[values::line_start(before, before.len())..];
    let lower = line[line.len().saturating_sub(160)..].to_ascii_lowercase();
    [&b"user "[..], b"role ", b"grant ", b"schema "]
        .iter()
        .any(|word| memchr::memmem::find(&lower, word).is_some())
}

/// The word of a command line behind so many others; options do not count.
fn word(bytes: &[u8], start: usize, from: usize, before: usize) -> Option<Hit> {
    let end = line_end(bytes, from);
    let (mut at, mut left) = (from, before);
    loop {
        at += bytes[at..end].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let length = bytes[at..end].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        if length == 0 {
            return None;
        }
        if bytes[at] != b'-' {
            if left == 0 {
                let value = value_at(bytes, at)?;
                return (value.secret.len() >= 4).then(|| hit(start, value));
            }
            left -= 1;
        }
        at += length;
    }
}

/// What `echo` writes into the pipe at `at`: `echo "root:x" | chpasswd`.
fn echoed(bytes: &[u8], at: usize, login: bool) -> Option<Hit> {
    let line = values::line_start(bytes, at);
    let start = line + memchr::memmem::rfind(&bytes[line..at], b"echo ")?;
    let mut place = start + b"echo ".len();
    while bytes[place..at].starts_with(b"-") {
        place += memchr(b' ', &bytes[place..at])? + 1;
    }
    let mut value = value_at(bytes, skip_blanks(bytes, place)).filter(|it| it.secret.end <= at)?;
    if login {
        value.secret.start += memchr(b':', &bytes[value.secret.clone()])? + 1;
        value.plain = None;
    }
    (value.secret.len() >= 4).then(|| hit(start, value))
}

/// Reads the options of one command line, to its end; a backslash goes on with the next line.
fn options(bytes: &[u8], start: usize, from: usize, takes: &Takes, found: &mut Vec<Hit>) {
    let end = line_end(bytes, from);
    let mut at = from;
    while let Some(next) = memchr(b'-', &bytes[at..end]) {
        let option = at + next;
        at = option + 1;
        let after_blank = option > 0 && matches!(bytes[option - 1], b' ' | b'\t' | b'\'' | b'"');
        let value = after_blank.then(|| option_value(bytes, option, takes)).flatten();
        if let Some(value) = value.filter(|value| value.secret.end <= end) {
            at = value.secret.end;
            found.extend((value.secret.len() >= 4).then(|| hit(start, value)));
        }
    }
}

/// The password behind the option at `option`, if it is the one.
fn option_value(bytes: &[u8], option: usize, takes: &Takes) -> Option<Value> {
    match takes {
        Takes::Option(letter) | Takes::Joined(letter) if bytes.get(option + 1) == Some(letter) => {
            match bytes.get(option + 2)? {
                b' ' | b'=' if matches!(takes, Takes::Joined(_)) => None,
                b' ' | b'=' => value_at(bytes, skip_blanks(bytes, option + 3)),
                _ => value_at(bytes, option + 2),
            }
        }
        Takes::Login(flags) => {
            let flag = flags.iter().find(|flag| {
                bytes[option..].starts_with(flag)
                    && !bytes.get(option + flag.len()).is_some_and(u8::is_ascii_alphabetic)
            })?;
            let behind = option + flag.len();
            let place = skip_blanks(bytes, behind + usize::from(bytes.get(behind) == Some(&b'=')));
            let login = value_at(bytes, place)?;
            let colon = memchr(b':', &bytes[login.secret.clone()])?;
            let secret = login.secret.start + colon + 1..login.secret.end;
            // `-u name:name` is how documentation writes it.
            let user = &bytes[login.secret.start..login.secret.start + colon];
            let same = user.eq_ignore_ascii_case(&bytes[secret.clone()]);
            (!same).then_some(Value { secret, quoted: login.quoted, plain: None })
        }
        _ => None,
    }
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let limit = bytes.len().min(from + LONGEST_LINE);
    let mut at = from;
    while let Some(next) = memchr(b'\n', &bytes[at..limit]) {
        let end = at + next;
        if !bytes[..end].trim_ascii_end().ends_with(b"\\") || end - from > LONGEST_LINE {
            return end;
        }
        at = end + 1;
    }
    limit
}

fn hit(start: usize, value: Value) -> Hit {
    let mut hit = Hit::new(SIGNATURE, start..value.secret.end, value.secret);
    hit.value = value.plain;
    hit
}

#[cfg(test)]
mod tests {
    use super::super::matcher::Matcher;
    use super::CommandLine;
    use crate::engine::candidate::Text;
    use crate::model::BlobPath;

    /// What stands for `~` in the texts below: so none of them looks like a leak.
    const VALUE: &str = "kT9vXq2L";

    fn secrets(text: &str) -> Vec<String> {
        let text = &text.replace('~', VALUE);
        let path = BlobPath::new("run.sh");
        let seen = Text { bytes: text.as_bytes(), path: &path, decoded: false };
        let mut found = Vec::new();
        CommandLine.find(&seen, 0..text.len(), &mut found);
        found.into_iter().map(|hit| text[hit.secret].to_owned()).collect()
    }

    #[test]
    fn options_of_known_programs_are_read() {
        for text in [
            "curl -s -u ann:~ https://acme.dev",
            "curl https://acme.dev --user 'ann:~'",
            "docker login -u ann -p ~ registry.acme.dev",
            "docker login \\\n  -u ann \\\n  -p ~",
            "sshpass -p '~' ssh ann@host",
            "mysql -u root -p~ shop",
            "redis-cli -h cache -a ~ ping",
            "tool --user ann --password ~ --force",
            "tool --db-password=~",
            "run([\"tool\", \"--password\", \"~\"])",
            "goveralls -repotoken ~",
            "zip -r -P ~ a.zip a",
            "ldapsearch -D cn=admin -w ~ -b dc=acme",
            "htpasswd -b -c users ann ~",
            "rabbitmqctl add_user ann ~",
            "net user ann ~ /add",
            "vault login -no-print ~",
            "gh auth login --with-token <<< '~'",
            "ConvertTo-SecureString \"~\" -AsPlainText -Force",
            "echo 'root:~' | chpasswd",
            "echo -n \"~\" | docker login -u ann --password-stdin",
            "CREATE USER 'ann'@'%' IDENTIFIED BY '~';",
            "alter user sys identified by ~ container=all;",
            "ALTER USER ann IDENTIFIED WITH mysql_native_password BY \"~\"",
            "CREATE ROLE ann LOGIN WITH PASSWORD '~'",
        ] {
            assert_eq!(secrets(text), [VALUE], "{text}");
        }
    }

    #[test]
    fn variables_prompts_and_help_are_no_passwords() {
        for text in [
            "mysql -u root -p shop",
            "docker login -u ann --password-stdin",
            "tool --password $PASSWORD",
            "tool --token-file ~",
            "parser.add_argument('--password', help='the password')",
            "curl -u ann https://acme.dev",
            "x-token ~",
            "vault login -method=userpass",
            "net user ann",
            "cat users | chpasswd",
            "echo $PASSWORD | docker login --password-stdin",
        ] {
            assert!(secrets(text).is_empty(), "{text}");
        }
    }
}
