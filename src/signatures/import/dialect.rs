//! The dialects of the rule files of gitleaks and its successor.
//!
//! Each knows its own keys and those of all rows behind it. To add one: a row in [`DIALECTS`], and in
//! `convert` what its keys mean.

/// How files of one version are told and read.
#[derive(Debug)]
pub(super) struct Dialect {
    /// As it is named to the user, and as the provider of its rules.
    pub(super) name: &'static str,
    /// What `minVersion` begins with in it.
    version: Option<&'static str>,
    /// Keys at the top of a file that the dialects behind do not have.
    top: &'static [&'static str],
    /// Keys of a rule that the dialects behind do not have.
    rule: &'static [&'static str],
    /// Whether a rule whose id says `generic` loses a secret to every other rule.
    pub(super) generic_loses: bool,
}

/// The newest first: a file is of the first dialect of which it holds a mark, else of the last.
pub(super) const DIALECTS: &[Dialect] = &[
    Dialect {
        name: "betterleaks 2",
        version: Some("v2"),
        top: &[],
        rule: &["analyze", "components", "confidence", "revoke", "valueGroup"],
        generic_loses: false,
    },
    Dialect {
        name: "betterleaks 1",
        version: None,
        top: &["betterleaksMinVersion", "filter", "prefilter"],
        rule: &["filter", "specificity", "tokenEfficiency", "validate"],
        generic_loses: false,
    },
    Dialect {
        name: "gitleaks",
        version: None,
        top: &["allowlist", "allowlists", "description", "extend", "minVersion", "rules", "title"],
        rule: &[
            "allowlist",
            "allowlists",
            "description",
            "entropy",
            "id",
            "keywords",
            "path",
            "regex",
            "required",
            "secretGroup",
            "skipReport",
            "tags",
        ],
        generic_loses: true,
    },
];

/// Keys that only files of other scanners have at their top; one of ours has none of them.
pub(super) fn is_foreign(top: &[&str]) -> bool {
    let has = |key: &&str| top.iter().any(|it| it.eq_ignore_ascii_case(key));
    let own = ["provider", "signature"].iter().any(has);
    !own && DIALECTS.iter().flat_map(|it| it.top).any(has)
}

/// The dialect of a file, from its keys and the version that it asks for.
pub(super) fn of(top: &[&str], rule: &[&str], version: Option<&str>) -> usize {
    let has = |keys: &[&str], given: &[&str]| {
        keys.iter().any(|key| given.iter().any(|it| it.eq_ignore_ascii_case(key)))
    };
    let told = |it: &Dialect| {
        let asked = it.version.zip(version);
        asked.is_some_and(|(own, asked)| asked.trim_start_matches(['>', '=', ' ']).starts_with(own))
            || has(it.top, top)
            || has(it.rule, rule)
    };
    DIALECTS.iter().position(told).unwrap_or(DIALECTS.len() - 1)
}

/// All keys that a dialect knows at the top of a file, and of a rule.
pub(super) fn keys(dialect: usize) -> (Vec<&'static str>, Vec<&'static str>) {
    let rows = &DIALECTS[dialect..];
    let all =
        |of: fn(&Dialect) -> &'static [&'static str]| rows.iter().flat_map(of).copied().collect();
    (all(|it| it.top), all(|it| it.rule))
}
