//! Which names promise a credential.

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
const PASSWORD_WORD: &[&str] = &["pass", "pw", "psw", "pswd", "userpass", "dbpass", "clave"];
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
    "confirmation",
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

/// Three letters of each word above, folded to five bits, read backwards from the name's end.
pub(super) static GRAMS: [u64; 512] = grams(&[
    "pas", "pwd", "psw", "wor", "enh", "ntr", "mot", "lav", "sec", "key", "oke", "red", "aut",
    "bea", "jwt", "otp", "hma", "sas",
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

/// The words of a name, lower case: cut at `_`, `-`, `.`, `$`, digits and humps.
pub(in crate::engine) fn words(name: &[u8]) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = 0_u8;
    for (index, byte) in name.iter().copied().enumerate() {
        let next = name.get(index + 1).copied().unwrap_or(0);
        let hump = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || (before.is_ascii_uppercase() && next.is_ascii_lowercase()));
        if (hump || !byte.is_ascii_alphabetic()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if byte.is_ascii_alphabetic() {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
        before = byte;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// What a dotted name promises: its last part, or where `whole` and that part is one of `value`, `default`
/// and the like, all of it.
pub(in crate::engine) fn of(name: &[u8], whole: bool) -> Option<Named> {
    let part = name.rsplit(|byte| *byte == b'.').next().unwrap_or(name);
    let vague = matches!(part, b"value" | b"default" | b"val" | b"data" | b"Value" | b"Default");
    read(if vague && whole { name } else { part })
}

/// What a name promises, or `None` where it speaks of something else.
pub(in crate::engine) fn read(name: &[u8]) -> Option<Named> {
    let words = words(name);
    let last = words.last()?.as_str();
    if OTHER.contains(&last) {
        return None;
    }
    // A place in a list that is read page by page.
    const PAGES: &[&str] =
        &["next", "page", "paging", "pagination", "continuation", "cursor", "sync", "resume"];
    if last.starts_with("token") && words.iter().any(|word| PAGES.contains(&word.as_str())) {
        return None;
    }
    let flat = words.concat();
    if flat.contains("public") || flat.ends_with("keyid") || flat.contains("tokenize") {
        return None;
    }
    let is = |promise, strong| Some(Named { promise, strong });
    if PASSWORD.iter().any(|word| flat.contains(word)) {
        return is(Promise::Password, true);
    }
    if words.iter().any(|word| PASSWORD_WORD.contains(&word.as_str())) {
        return is(Promise::Password, PASSWORD_WORD.contains(&last));
    }
    if last.ends_with("pass") && !matches!(last, "bypass" | "compass" | "surpass" | "trespass") {
        return is(Promise::Password, true);
    }
    if KEY.iter().any(|word| flat.contains(word)) {
        return is(Promise::Key, true);
    }
    if KEY_LAST.contains(&last) || last.ends_with("token") {
        return is(Promise::Key, true);
    }
    let key = last == "key" || last == "keys" || last.ends_with("key");
    (key && !matches!(last, "monkey" | "turkey" | "hotkey" | "whiskey" | "donkey"))
        .then_some(Named { promise: Promise::Key, strong: false })
}

#[cfg(test)]
mod tests {
    use super::{Promise, read, words};

    #[test]
    fn humps_and_separators_cut_words() {
        assert_eq!(words(b"AWSSecretKey2_dbPass"), ["aws", "secret", "key", "db", "pass"]);
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
        for name in ["author", "keyboard", "compass", "token_url", "public_key", "passwordLabel"] {
            assert_eq!(read(name.as_bytes()), None, "{name}");
        }
        assert_eq!(read(b"key").map(|n| n.strong), Some(false));
    }
}
