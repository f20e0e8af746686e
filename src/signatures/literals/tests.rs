use super::{Error, LiteralWindow, of_keywords, of_pattern};

fn only(pattern: &str) -> LiteralWindow {
    let mut windows = of_pattern(pattern, false).unwrap();
    assert_eq!(windows.len(), 1, "{windows:?}");
    windows.remove(0)
}

#[test]
fn a_prefix_is_found_with_its_run_and_boundary() {
    let window = only(r"\b(?<secret>xyzp_[0-9A-Za-z]{36})\b");
    assert_eq!(window.bytes, b"xyzp_");
    assert_eq!((window.before, window.after), (0, 41));
    assert_eq!((window.run, window.boundary, window.lower), (36, true, 0b1111));
}

#[test]
fn small_classes_multiply_and_cases_are_kept() {
    let windows = of_pattern(r"[sr]k_live_[0-9A-Za-z]{24,99}", false).unwrap();
    let bytes: Vec<_> = windows.iter().map(|w| w.bytes.as_slice()).collect();
    assert_eq!(bytes, [b"rk_live_", b"sk_live_"]);
    let upper = only("QZIA[A-Z2-7]{16}");
    assert_eq!((upper.upper, upper.lower, upper.run), (0b1111, 0, 16));
    let any = only("(?i)qzia[a-z2-7]{16}");
    assert_eq!((any.upper, any.lower), (0, 0));
}

#[test]
fn a_literal_in_the_middle_counts_what_may_stand_before_it() {
    let window = only(r"[0-9]{3,10}\.apps\.qzusercontent");
    assert!(window.before >= 10 && window.before + window.after == 29, "{window:?}");
    assert!(window.bytes.len() <= 12);
}

#[test]
fn every_branch_of_an_alternation_gives_its_literal() {
    let windows = of_pattern(r"(?:qzaa[0-9]{4}|(?:xjbb|wkcc)[a-z]{3})-end", false).unwrap();
    let bytes: Vec<_> = windows.iter().map(|w| w.bytes.as_slice()).collect();
    assert_eq!(bytes, [b"qzaa".as_slice(), b"wkcc", b"xjbb"]);
    assert_eq!(windows[0].run, 8);
}

#[test]
fn short_prefixes_are_lengthened_by_the_class_behind_them() {
    let windows = of_pattern(r"\bqk-[A-Za-z0-9]{48}", false).unwrap();
    assert!(windows.iter().all(|w| w.bytes.len() >= 3 && w.bytes.starts_with(b"qk-")));
}

#[test]
fn bad_prefilters_are_refused() {
    assert_eq!(of_pattern("qzaa.*", false), Err(Error::Unbounded));
    assert_eq!(of_pattern("qzaa.{0,5000}", false), Err(Error::TooLong(5004)));
    assert_eq!(of_pattern("[0-9a-f]{32}", false), Err(Error::NoLiteral));
    assert!(matches!(of_pattern("for[a-z]{3}", false), Err(Error::TooFrequent { .. })));
    assert!(matches!(of_pattern("(", false), Err(Error::Parse(_))));
}

#[test]
fn keywords_carry_the_window_that_the_matcher_asks_for() {
    let windows = of_keywords(&["-----BEGIN QZ"], 10, 100).unwrap();
    assert_eq!(windows.len(), 1);
    assert!(windows[0].bytes.len() <= 12);
    assert_eq!(windows[0].before + windows[0].after, 110);
}
