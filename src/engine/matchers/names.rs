//! Which names promise a credential.

use std::collections::HashSet;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use memchr::memmem;

use crate::decode::teddy::{self, Sets};
use crate::model::{Buckets, PairBuckets};

/// What a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Promise {
    /// A password, which a person may have made up.
    Password,
    /// A key, token or secret, which a machine made.
    Key,
}

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Named {
    /// Password or key.
    pub(in crate::engine) promise: Promise,
    /// Whether the word alone promises a credential (`password`, `api_key`), unlike plain `key`.
    pub(in crate::engine) strong: bool,
}

/// Words that mean a password wherever they stand in a name.
const PASSWORD: &[&str] = &[
    "password",
    "passwd",
    "passwort",
    "passphrase",
    "passcode",
    "pwd",
    "senha",
    "kennwort",
    "contrasena",
    "motdepasse",
    "wachtwoord",
    "requirepass",
    "masterauth",
];
/// Words that mean a password where they are a word of their own or end the name.
// leakspan:allow made up, no secret
const PASSWORD_WORD: &[&str] = &["pass", "pw", "psw", "pswd", "userpass", "dbpass", "clave", "psk"];
/// Words that mean a key wherever they stand.
const KEY: &[&str] = &[
    "secret",
    "apikey",
    "accesskey",
    "privatekey",
    "authkey",
    "credential",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "storagekey",
    "accountkey",
    "servicekey",
    "licensekey",
    "sharedkey",
    "primarykey",
    "secondarykey",
    "subscriptionkey",
    "deploykey",
    "hmackey",
    "cryptokey",
    "sessionkey",
    "adminkey",
    "writekey",
    "appkey",
    "consumerkey",
    "clientkey",
    "keymaterial",
    "authtoken",
    "accesstoken",
    "apitoken",
    "bearer",
    "authorization",
];
/// Words that mean a key where they are the last word.
const KEY_LAST: &[&str] =
    &["token", "tokens", "jwt", "auth", "creds", "cred", "otp", "hmac", "sas"];
/// Last words that make a name speak of something else than the credential itself.
const OTHER: &[&str] = &[
    "id",
    "ids",
    "name",
    "names",
    "url",
    "uri",
    "urls",
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "dir",
    "type",
    "types",
    "label",
    "field",
    "fields",
    "policy",
    "expiry",
    "expires",
    "expiration",
    "length",
    "len",
    "size",
    "hash",
    "hashes",
    "digest",
    "checksum",
    "public",
    "pub",
    "prefix",
    "suffix",
    "format",
    "placeholder",
    "hint",
    "title",
    "text",
    "message",
    "msg",
    "error",
    "errors",
    "regex",
    "regexp",
    "pattern",
    "header",
    "headers",
    "param",
    "params",
    "parameter",
    "count",
    "limit",
    "index",
    "input",
    "column",
    "env",
    "var",
    "version",
    "algorithm",
    "alg",
    "endpoint",
    "class",
    "selector",
    "description",
    "desc",
    "help",
    "visible",
    "enabled",
    "required",
    "provider",
    "host",
    "port",
    "status",
    "state",
    "mode",
    "action",
    "method",
    "kind",
    "ref",
    "arn",
    "uid",
    "ttl",
    "age",
    "time",
    "date",
    "timeout",
    "seconds",
    "days",
    "strength",
    "validator",
    "rule",
    "rules",
    "source",
    "storage",
    "store",
    "style",
    "icon",
    "form",
    "prompt",
    "question",
    "command",
    "cmd",
    "program",
    "event",
    "scope",
    "scopes",
    "audience",
    "issuer",
    "usage",
    "code",
    "codes",
    "template",
    "fn",
    "func",
    "function",
    "handler",
    "callback",
    "manager",
    "helper",
    "service",
    "changed",
    "reset",
    "forgot",
    "salt",
    "nonce",
    "iv",
    "fingerprint",
    "thumbprint",
    "exists",
    "valid",
    "invalid",
    "missing",
    "words",
    "list",
    "map",
    "set",
    "table",
    "separator",
    "delimiter",
    "char",
    "chars",
    "character",
    "position",
    "pos",
    "start",
    "end",
    "line",
    "lines",
    "offset",
    "range",
    "kinds",
    "ring",
    "pair",
    "spec",
    "schema",
    "model",
    "view",
    "page",
    "button",
    "link",
    "key_id",
    "keyid",
    "algo",
    "group",
    "groups",
    "role",
    "user",
    "username",
    "login",
    "email",
    "domain",
    "realm",
    "space",
    "bytes",
    "bits",
    "encoding",
    "charset",
    "generator",
    "factory",
];

/// Of each word above one holds one of these.
#[rustfmt::skip]
const STEMS: [&[&str]; 8] = [
    &["pass"], &["pw", "psw", "psk"], &["secret", "senha"], &["key", "kennwo"], &["token", "otp", "motdep"],
    &["auth", "bearer"], &["cred", "clave", "contra"], &["jwt", "hmac", "sas", "wachtw"],
];
/// Where a stem may stand in a text, with few other places.
pub(super) static STEM_SETS: Sets<'_> = Sets { halves: &BOTH.0, pairs: &BOTH.1 };
static BOTH: ([Buckets; 1], [PairBuckets; 1]) = teddy::sets(STEMS);

/// Whether a stem stands there; now and then where only its letters' low bits do.
pub(super) fn is_stem(text: &[u8]) -> bool {
    let [first, second, third] = match text {
        [first, second, third, ..] => [*first, *second, *third],
        [first, second] => [*first, *second, 0],
        _ => return false,
    };
    let place = roll(roll(roll(0, first), second), third);
    STARTS[place >> 6] >> (place & 63) & 1 != 0
}

/// The first three letters of each stem, folded to five bits each.
static STARTS: [u64; 512] = {
    let mut bits = [0; 512];
    let mut at = 0;
    while at < STEMS.len() {
        let mut index = 0;
        while index < STEMS[at].len() {
            let stem = STEMS[at][index].as_bytes();
            let first = roll(roll(0, stem[0]), stem[1]);
            // Behind a stem of two letters anything may stand.
            let mut third = if stem.len() > 2 { stem[2] & 31 } else { 0 };
            let last = if stem.len() > 2 { third } else { 31 };
            while third <= last {
                let place = roll(first, third);
                bits[place >> 6] |= 1 << (place & 63);
                third += 1;
            }
            index += 1;
        }
        at += 1;
    }
    bits
};

/// Three letters of each word above, folded to five bits, read backwards from the name's end.
pub(super) static GRAMS: [u64; 512] = grams(&[
    "pas", "pwd", "psw", "wor", "enh", "ntr", "mot", "lav", "sec", "key", "oke", "red", "aut",
    "bea", "jwt", "otp", "hma", "sas", "psk",
]);

/// The place of a gram in [`GRAMS`] as one reads a name backwards.
pub(super) const fn roll(gram: usize, byte: u8) -> usize {
    ((gram << 5) | (byte & 31) as usize) & 0x7fff
}

const fn grams(words: &[&str]) -> [u64; 512] {
    let mut bits = [0; 512];
    let mut index = 0;
    while index < words.len() {
        let word = words[index].as_bytes();
        let place = roll(roll(roll(0, word[2]), word[1]), word[0]);
        bits[place >> 6] |= 1 << (place & 63);
        index += 1;
    }
    bits
}

/// The last word of a name, lower case; words are cut at signs, digits and humps.
pub(in crate::engine) fn last_word(name: &[u8]) -> Vec<u8> {
    Words::read(name).last().to_vec()
}

/// What a dotted name promises: its last part, or where `whole` and that part is one of `value`, `default`
/// and the like, all of it.
pub(in crate::engine) fn of(name: &[u8], whole: bool) -> Option<Named> {
    let part = name.rsplit(|byte| *byte == b'.').next().unwrap_or(name);
    let vague = matches!(part, b"value" | b"default" | b"val" | b"data" | b"Value" | b"Default");
    read(if vague && whole { name } else { part })
}

/// Whether a call of that name fetches what its argument names: `this.getCredentials("acme")`.
pub(super) fn fetches(name: &[u8]) -> bool {
    let part = name.rsplit(|byte| *byte == b'.').next().unwrap_or(name);
    let words = Words::read(part);
    words.count > 1
        && [&b"get"[..], b"find", b"fetch", b"load", b"lookup", b"has", b"is", b"delete", b"remove"]
            .contains(&words.word(0))
}

/// Last words that page through a list, where `token` follows.
const PAGES: &[&[u8]] =
    &[b"next", b"page", b"paging", b"pagination", b"continuation", b"cursor", b"sync", b"resume"];

/// Words that make `tokens` a number, or parts of a text.
const COUNTS: &[&[u8]] = &[
    b"max",
    b"min",
    b"num",
    b"total",
    b"input",
    b"output",
    b"prompt",
    b"completion",
    b"reasoning",
    b"expect",
    b"assert",
];
/// Joined words of what is no credential: public, a fingerprint, a nonce, good for one form alone.
const PUBLIC: &[&[u8]] =
    &[b"public", b"pubkey", b"gpgkey", b"pgpkey", b"websocketkey", b"tokenize", b"csrf", b"xsrf"];

/// The lists above, made ready for look-ups.
struct Lists {
    /// [`PASSWORD`], then [`KEY`].
    inside: AhoCorasick,
    other: HashSet<&'static [u8]>,
}

fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| Lists {
        inside: AhoCorasick::new(PASSWORD.iter().chain(KEY)).expect("two short lists of words"),
        other: OTHER.iter().map(|word| word.as_bytes()).collect(),
    })
}

/// What a name promises, or `None` where it speaks of something else.
pub(in crate::engine) fn read(name: &[u8]) -> Option<Named> {
    let words = Words::read(name);
    let mut last = words.last();
    if words.count > 1 && matches!(last, b"value" | b"val" | b"string" | b"str") {
        last = words.word(words.count - 2);
    }
    if last.is_empty() || lists().other.contains(last) {
        return None;
    }
    let flat = words.flat();
    let is = |promise, strong| Some(Named { promise, strong });
    let holds = |list: &[&str], word: &[u8]| list.iter().any(|listed| listed.as_bytes() == word);
    let has = |list: &[&[u8]]| (0..words.count).any(|at| list.contains(&words.word(at)));
    if last.starts_with(b"token") && has(PAGES) || last == b"tokens" && has(COUNTS) {
        return None;
    }
    // What is encrypted or hashed is not the credential itself.
    let sealed = |word: &[u8]| matches!(word, b"encrypted" | b"crypted" | b"hashed");
    if (0..words.count).any(|at| sealed(words.word(at))) {
        return None;
    }
    let mut key = false;
    for found in lists().inside.find_overlapping_iter(flat) {
        if found.pattern().as_usize() < PASSWORD.len() {
            return is(Promise::Password, true);
        }
        key = true;
    }
    let is_part = (0..words.count).any(|at| holds(PASSWORD_WORD, words.word(at)));
    if is_part {
        return is(Promise::Password, holds(PASSWORD_WORD, last));
    }
    if last.ends_with(b"pass") && !matches!(last, b"bypass" | b"compass" | b"surpass" | b"trespass")
    {
        return is(Promise::Password, true);
    }
    if PUBLIC.iter().any(|word| memmem::find(flat, word).is_some()) {
        return None;
    }
    if key || holds(KEY_LAST, last) || last.ends_with(b"token") {
        return is(Promise::Key, true);
    }
    let key = last.ends_with(b"key") || last == b"keys";
    (key && !matches!(last, b"monkey" | b"turkey" | b"hotkey" | b"whiskey" | b"donkey"))
        .then_some(Named { promise: Promise::Key, strong: false })
}

/// The longest name that is read.
pub(super) const LONGEST: usize = 64;

/// The words of a name without an allocation: the letters joined, and where each word ends.
struct Words {
    letters: [u8; LONGEST],
    ends: [u8; LONGEST],
    count: usize,
}

impl Words {
    fn read(name: &[u8]) -> Self {
        let mut words = Self { letters: [0; LONGEST], ends: [0; LONGEST], count: 0 };
        let mut length = 0;
        each_letter(&name[..name.len().min(LONGEST)], |letter, begins| {
            if begins && length > 0 {
                words.count += 1;
            }
            words.letters[length] = letter;
            length += 1;
            words.ends[words.count] = length as u8;
        });
        words.count += usize::from(length > 0);
        words
    }

    fn word(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).map_or(0, |before| usize::from(self.ends[before]));
        &self.letters[start..usize::from(self.ends[at])]
    }

    fn last(&self) -> &[u8] {
        self.count.checked_sub(1).map_or(&[], |at| self.word(at))
    }

    fn flat(&self) -> &[u8] {
        let end = self.count.checked_sub(1).map_or(0, |at| usize::from(self.ends[at]));
        &self.letters[..end]
    }
}

/// Calls `each` with every letter of a name in lower case, and whether a word begins with it.
fn each_letter(name: &[u8], mut each: impl FnMut(u8, bool)) {
    let mut before = 0_u8;
    for (index, byte) in name.iter().copied().enumerate() {
        if byte.is_ascii_alphabetic() {
            let next = name.get(index + 1).copied().unwrap_or(0);
            let hump = byte.is_ascii_uppercase()
                && (before.is_ascii_lowercase()
                    || (before.is_ascii_uppercase() && next.is_ascii_lowercase()));
            each(byte.to_ascii_lowercase(), hump || !before.is_ascii_alphabetic());
        }
        before = byte;
    }
}

#[cfg(test)]
mod tests {
    use super::{KEY, KEY_LAST, PASSWORD, PASSWORD_WORD, Promise, STEMS, Words, read};

    #[test]
    fn every_word_holds_a_stem() {
        let stems = STEMS.concat();
        for word in [PASSWORD, PASSWORD_WORD, KEY, KEY_LAST, &["pass", "token", "key"]].concat() {
            assert!(stems.iter().any(|stem| word.contains(stem)), "{word}");
        }
    }

    #[test]
    fn humps_and_separators_cut_words() {
        let words = Words::read(b"AWSSecretKey2_dbPass");
        let all: Vec<_> = (0..words.count).map(|at| words.word(at)).collect();
        assert_eq!(all, [&b"aws"[..], b"secret", b"key", b"db", b"pass"]);
        assert_eq!(words.flat(), b"awssecretkeydbpass");
    }

    #[test]
    fn names_of_credentials_are_told_from_names_about_them() {
        for name in ["password", "DB_PASSWORD", "dbPass", "spring.datasource.password", "mysql_pwd"]
        {
            assert_eq!(read(name.as_bytes()).map(|n| n.promise), Some(Promise::Password), "{name}");
        }
        for name in ["API_KEY", "apikey", "client_secret", "authToken", "private-key", "secretKey"]
        {
            assert_eq!(read(name.as_bytes()).map(|n| n.promise), Some(Promise::Key), "{name}");
        }
        for name in [
            "author",
            "keyboard",
            "compass",
            "token_url",
            "public_key",
            "hashedPassword",
            "pubkey",
            "GPG_KEY",
            "Sec-WebSocket-Key",
            "max_input_tokens",
            "csrfmiddlewaretoken",
        ] {
            assert_eq!(read(name.as_bytes()), None, "{name}");
        }
        assert_eq!(read(b"key").map(|n| n.strong), Some(false));
    }
}
