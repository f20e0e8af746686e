use proptest::prelude::*;

use super::{DECODERS, Decoded, Map, Survey, utf16};

/// Everything that one decoder finds.
fn decode(name: &str, text: &[u8]) -> Vec<Decoded> {
    let decoder = DECODERS.iter().find(|decoder| decoder.name() == name).expect("a row");
    let mut found = Vec::new();
    decoder.decode(text, &Survey::of(text), &mut found);
    found
}

/// The one stretch in which `secret` comes to light, and the text that encodes it.
fn reveal(name: &str, text: &str, secret: &str) -> String {
    for decoded in decode(name, text.as_bytes()) {
        if let Some(at) = memchr::memmem::find(&decoded.bytes, secret.as_bytes()) {
            let span = decoded.encoded(at..at + secret.len());
            assert!(decoded.span.start <= span.start && span.end <= decoded.span.end);
            return text[span].to_owned();
        }
    }
    panic!("{name} finds nothing in {text}");
}

fn base64(bytes: &[u8]) -> String {
    use ::base64::Engine;
    ::base64::prelude::BASE64_STANDARD.encode(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn wrap(text: &str, width: usize, between: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
    lines.join(between)
}

const SECRET: &str = "a secret of some words, and more of it";

#[test]
fn base64_is_found_on_a_line_with_and_without_padding() {
    let code = base64(SECRET.as_bytes());
    let bare = code.trim_end_matches('=');
    for text in [
        format!("token: {code}\n"),
        format!("x=\"{bare}\""),
        format!("data:text/plain;charset=utf-8;base64,{code}"),
        format!("Authorization: Basic {code}"),
        format!("{bare}.{bare}"),
    ] {
        assert_eq!(reveal("base64", &text, SECRET), bare);
    }
}

#[test]
fn base64_is_found_in_both_alphabets_and_behind_words_that_look_like_it() {
    // Three of these bytes encode to characters in which the alphabets differ.
    let text = "???>>>???>>> some words ???>>>";
    let code = base64(text.as_bytes());
    assert!(code.contains(['+', '/']));
    let url = code.replace('+', "-").replace('/', "_");
    assert_eq!(reveal("base64", &url, text), url.trim_end_matches('='));
    for word in ["sha512-", "key-", "a", "ab", "/srv/data/"] {
        let text = format!("{word}{}", base64(SECRET.as_bytes()));
        assert!(text.contains(&reveal("base64", &text, &SECRET[6..])), "{word}");
    }
}

#[test]
fn base64_is_found_over_wrapped_lines_with_exact_spans() {
    let long = SECRET.repeat(5);
    let code = base64(long.as_bytes());
    for between in ["\n", "\r\n", "\n        ", "\\n", "\" +\n    \"", "\",\n  \""] {
        for width in [64, 76, 75, 41] {
            let text = format!("data: {}\n", wrap(&code, width, between));
            let found = reveal("base64", &text, &long);
            assert_eq!(found, text[6..].trim_end().trim_end_matches('='), "{width} {between:?}");
        }
    }
}

#[test]
fn base64_lines_that_stand_for_themselves_are_found_each() {
    let code = base64(b"user:password of alice");
    let other = base64(b"user:the key of bobby!");
    let text = format!("{}\n{}\n", code.trim_end_matches('='), other.trim_end_matches('='));
    reveal("base64", &text, "password of alice");
    reveal("base64", &text, "the key of bobby");
}

#[test]
fn base64_is_found_when_a_window_cuts_it() {
    let code = base64(SECRET.repeat(40).as_bytes());
    for cut in 0..8 {
        reveal("base64", &code[cut..], SECRET);
    }
}

#[test]
fn text_inside_of_binary_base64_is_found_with_its_place() {
    let mut bytes: Vec<u8> =
        (0..600_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    bytes.splice(301..301, SECRET.bytes());
    let code = base64(&bytes);
    let found = reveal("base64", &code, SECRET);
    let exact = &code[301 * 4 / 3..((301 + SECRET.len()) * 4).div_ceil(3)];
    assert_eq!(found, exact);
}

#[test]
fn random_bytes_and_ordinary_names_are_not_given() {
    let random: Vec<u8> =
        (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    assert!(decode("base64", base64(&random).as_bytes()).is_empty());
    assert!(decode("hex", hex(&random).as_bytes()).is_empty());
    let source =
        b"src/main/java/org/example/AbstractSingletonProxyFactoryBeanProviderImplementation";
    assert!(decode("base64", source).is_empty());
}

#[test]
fn hex_is_found_in_runs_lines_and_lists() {
    let code = hex(SECRET.as_bytes());
    assert_eq!(reveal("hex", &format!("key = 0x{code};"), SECRET), code);
    assert_eq!(reveal("hex", &code.to_uppercase(), SECRET), code.to_uppercase());
    let list = |before: &str, between: &str| -> String {
        let items: Vec<_> = SECRET.bytes().map(|byte| format!("{before}{byte:02x}")).collect();
        items.join(between)
    };
    for text in [list("", " "), list("", ":"), list("0x", ", "), list("0x", ",\n    ")] {
        assert_eq!(reveal("hex", &format!("{{ {text} }}"), SECRET), text);
    }
    let wrapped = wrap(&code, 40, "\n  ");
    assert_eq!(reveal("hex", &wrapped, SECRET), wrapped);
}

#[test]
fn percent_escapes_are_undone_in_their_token() {
    let text = "see https%3A%2F%2Fuser%3Apass%40host.example/path?x=1 and more";
    assert_eq!(reveal("percent", text, "https://user:pass@host"), &text[4..36]);
    assert_eq!(decode("percent", text.as_bytes())[0].span, 4..text.len() - 9);
    assert!(decode("percent", b"printf(\"%02d of %d items, %5.1f%%\")").is_empty());
}

#[test]
fn escapes_are_undone_in_their_line() {
    for (text, encoded) in [
        (r#"key = "\x73\x65\x63ret words""#, r"\x73\x65\x63ret words"),
        (r#"key = "\u0073ecret\u0020words""#, r"\u0073ecret\u0020words"),
        (r#"key = "\u{73}ecret\u{20}words""#, r"\u{73}ecret\u{20}words"),
        (r#"key = "\163ecret words""#, r"\163ecret words"),
        (r#"key = "\U00000073ecret words""#, r"\U00000073ecret words"),
    ] {
        assert_eq!(reveal("escapes", text, "secret words"), encoded);
    }
    assert_eq!(
        reveal("escapes", r"url: https:\/\/host.example", "https://host"),
        r"https:\/\/host"
    );
    assert!(decode("escapes", r#""\u4e2d\u6587 text", \d+ \x1b[0m "#.as_bytes()).is_empty());
}

#[test]
fn an_escape_in_a_string_in_a_string_comes_to_light_in_two_steps() {
    let once = &decode("escapes", br#"{"a": "{\"b\": \"\\u0073ecret words\"}"}"#)[0];
    reveal("escapes", std::str::from_utf8(&once.bytes).expect("text"), "secret words");
}

#[test]
fn entities_are_undone_in_their_line() {
    let text = "a=&quot;secret&#32;words&#x22; b";
    assert_eq!(reveal("entities", text, "\"secret words\""), "&quot;secret&#32;words&#x22;");
    assert!(decode("entities", b"if (a && b) { return &c; } // & so on").is_empty());
}

#[test]
fn utf16_and_utf32_are_recognised_with_and_without_mark() {
    use utf16::Endian::{Big, Big32, Little, Little32};
    let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
    let chars = |text: &str| text.chars().map(u32::from).collect::<Vec<_>>();
    for text in ["password = words", "\u{FEFF}password = \u{e9}\u{1F600}\u{4e2d} words"] {
        let all: [(utf16::Endian, Vec<u8>); 4] = [
            (Little, units(text).iter().flat_map(|unit| unit.to_le_bytes()).collect()),
            (Big, units(text).iter().flat_map(|unit| unit.to_be_bytes()).collect()),
            (Little32, chars(text).iter().flat_map(|unit| unit.to_le_bytes()).collect()),
            (Big32, chars(text).iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ];
        for (endian, bytes) in all {
            assert_eq!(utf16::detect(&bytes), Some(endian));
            let (mut out, mut map) = (Vec::new(), Map::default());
            utf16::transcode(&bytes, endian, &mut out, &mut map);
            assert_eq!(
                String::from_utf8(out.clone()).as_deref(),
                Ok(text.trim_start_matches('\u{FEFF}'))
            );
            let at = memchr::memmem::find(&out, b"words").expect("it is there");
            let span = map.encoded(at..at + 5);
            assert_eq!(span, bytes.len() - 5 * endian.unit()..bytes.len(), "{endian:?}");
        }
    }
    for other in
        [&b"plain text, nothing else"[..], b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", b"", b"a\0"]
    {
        assert_eq!(utf16::detect(other), None);
    }
}

#[test]
fn utf16_strings_in_other_bytes_are_found() {
    let mut bytes = b"MZ\x90\0\x03\0\0\0\x04".to_vec();
    bytes.extend(SECRET.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.extend([0; 40]);
    let found = decode("utf16", &bytes);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].bytes, SECRET.as_bytes());
    assert_eq!(found[0].span, 9..9 + SECRET.len() * 2);
}

#[test]
fn depth_is_only_a_matter_of_calling_again() {
    let mut text = SECRET.to_owned();
    for _ in 0..5 {
        text = base64(text.as_bytes());
    }
    for _ in 0..5 {
        let found = decode("base64", text.as_bytes());
        text = String::from_utf8(found[0].bytes.clone()).expect("text");
    }
    assert_eq!(text, SECRET);
}

/// Bytes in which every decoder has something to stumble over.
fn tricky() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<Vec<u8>>(),
        "[A-Za-z0-9+/_=\\-\n \\\\\"]{0,80}".prop_map(String::into_bytes),
        "([0-9a-fA-F]{2}[ ,:]?){0,60}".prop_map(String::into_bytes),
        "(%[0-9a-fA-F]{2}|\\\\u\\{?[0-9a-f]{0,8}\\}?|\\\\x[0-9a-f]{2}|&#x?[0-9a-f]{0,9};|.){0,40}"
            .prop_map(String::into_bytes),
        "[ -~]{0,40}".prop_map(|text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        "[ -~]{0,90}".prop_map(|text| base64(text.as_bytes()).into_bytes()),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_taken_and_spans_stay_inside(text in tricky()) {
        for decoder in DECODERS {
            let mut found = Vec::new();
            decoder.decode(&text, &Survey::of(&text), &mut found);
            let total: usize = found.iter().map(|decoded| decoded.bytes.len()).sum();
            prop_assert!(total <= text.len() * 3 / 2, "{} gave {total}", decoder.name());
            for decoded in &found {
                prop_assert!(decoded.span.start < decoded.span.end && decoded.span.end <= text.len());
                let mut last = decoded.span.start;
                for at in 0..decoded.bytes.len() {
                    let span = decoded.encoded(at..at + 1);
                    prop_assert!(last <= span.start && span.start < span.end);
                    prop_assert!(span.end <= decoded.span.end);
                    last = span.start;
                }
            }
        }
        for endian in [utf16::Endian::Little, utf16::Endian::Big, utf16::Endian::Little32] {
            let (mut out, mut map) = (Vec::new(), Map::default());
            utf16::transcode(&text, endian, &mut out, &mut map);
            prop_assert!(out.len() <= text.len() * 3 / 2);
            prop_assert!(out.is_empty() || map.encoded(0..out.len()).end <= text.len());
        }
    }

    #[test]
    fn what_is_encoded_is_found_and_maps_back(secret in "[ -~]{16,300}", width in 32_usize..80, pad: bool) {
        let mut code = base64(secret.as_bytes());
        if !pad {
            code.truncate(code.trim_end_matches('=').len());
        }
        reveal("base64", &format!("k: {code}\n"), &secret);
        reveal("base64", &format!("k: {}\n", wrap(&code, width / 4 * 4, "\n  ")), &secret);
        let code = hex(secret.as_bytes());
        prop_assert_eq!(reveal("hex", &format!("<{code}>"), &secret), code);
        let code: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        prop_assert_eq!(reveal("percent", &format!("<{code}>"), &secret), code);
        let code: String = secret.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
        prop_assert_eq!(reveal("escapes", &format!("<{code}>"), &secret), code);
        let code: String = secret.bytes().map(|byte| format!("&#{byte};")).collect();
        prop_assert_eq!(reveal("entities", &format!("<{code}>"), &secret), code);
    }

    #[test]
    fn what_sleeps_is_woken_by_no_change_that_is_said_to_wake_nothing(
        base in "([a-z ]{1,40}|[A-Za-z0-9+/]{18,60}|\n|([0-9a-f]{2}[ ,]){1,30}|[\\\\&%]{1,4}|\\\\u006[0-9]|%4[0-9]|&#[0-9]{2};|\\\\n){0,40}",
        at in 0_usize..2000,
        cut in 0_usize..60,
        new in "([a-z]{0,9}|\n|[A-Za-z0-9+/]{24,50}|[0-9]{2} |[\\\\&%]|\\\\u006[0-9]|%4[0-9]|&#9){0,3}",
    ) {
        let at = at % (base.len() + 1);
        let end = base.len().min(at + cut);
        let text = [&base[..at], &new, &base[end..]].concat();
        let (text, change) = (text.as_bytes(), at..at + new.len());
        let survey = Survey::of(text);
        for decoder in DECODERS {
            let silent = decode(decoder.name(), base.as_bytes()).is_empty();
            if silent && !decoder.may_wake(text, &survey, std::slice::from_ref(&change)) {
                let found = decode(decoder.name(), text);
                prop_assert!(found.is_empty(), "{} {found:?}", decoder.name());
            }
        }
    }
}
