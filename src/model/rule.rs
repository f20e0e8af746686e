//! A rule as another scanner means it: what an imported signature does that ours do not.

use serde::{Deserialize, Serialize};

/// The part of a candidate that an allowlist looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum AllowTarget {
    #[default]
    Secret,
    Match,
    Line,
}

/// Findings that are none: where one of the criteria holds, or with `all` every criterion that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Allow {
    /// Whether all given criteria must hold, not one.
    #[serde(skip_serializing_if = "is_false")]
    pub all: bool,
    /// Whole commit ids, in either case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<String>,
    /// Patterns, of which one is found in the path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// What `patterns` are searched in.
    #[serde(skip_serializing_if = "is_secret")]
    pub target: AllowTarget,
    /// Patterns, of which one is found in the target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
    /// Words, of which one is part of the secret, in either case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stopwords: Vec<String>,
}

/// A further rule whose match must stand near.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Component {
    /// Id of its signature.
    pub id: String,
    /// At most so many lines away; none: anywhere in the same text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<u64>,
    /// At most so many columns away; none: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<u64>,
    /// Whether a finding without it counts all the same.
    #[serde(skip_serializing_if = "is_false")]
    pub optional: bool,
}

/// A rule of another scanner's file, run with that scanner's semantics: its pattern over the whole text, no
/// filter of ours. Patterns are in our syntax already, filters in Expr.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// The id in the file that it comes from, which filters may ask for.
    pub name: String,
    /// What a match looks like; none: the path alone makes a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The group that holds the secret; 0: the first that is not empty, else the whole match.
    #[serde(skip_serializing_if = "is_zero")]
    pub group: u32,
    /// A pattern that must be found in the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Where none of these words stands in the text, in either case, the pattern is not run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Whether values that tokenise like language are dropped.
    #[serde(skip_serializing_if = "is_false")]
    pub token_efficiency: bool,
    /// Whether it makes no finding of its own, and is there to stand near others.
    #[serde(skip_serializing_if = "is_false")]
    pub only_near: bool,
    /// Expressions over the text's attributes: where one is true the text is passed over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// Expressions over a candidate: where one is true it is dropped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// Lists of what is no finding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Allow>,
    /// Rules whose matches must stand near.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<Component>,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

fn is_secret(value: &AllowTarget) -> bool {
    *value == AllowTarget::Secret
}
