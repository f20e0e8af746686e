//! A rule file as it is written: keys checked, nothing understood yet.

use toml::de::DeTable;

use super::dialect::{self, DIALECTS};
use super::fields::{At, Fields, Source, Spot};
use crate::signatures::error::Error;

const ALLOW_KEYS: &[&str] =
    &["commits", "condition", "description", "paths", "regexTarget", "regexes", "stopwords"];
const EXTEND_KEYS: &[&str] = &["disabledRules", "path", "url", "useDefault"];
const REQUIRED_KEYS: &[&str] = &["id", "withinColumns", "withinLines"];
const COMPONENT_KEYS: &[&str] = &["id", "optional", "within"];

/// A file.
#[derive(Clone, Debug)]
pub(super) struct RawFile {
    /// Index into the dialects.
    pub(super) dialect: usize,
    pub(super) at: At,
    pub(super) extend: Option<RawExtend>,
    pub(super) rules: Vec<RawRule>,
    pub(super) lists: Vec<RawAllow>,
    pub(super) prefilter: Vec<Spot<String>>,
    pub(super) filter: Vec<Spot<String>>,
}

/// What a file builds on.
#[derive(Clone, Debug, Default)]
pub(super) struct RawExtend {
    pub(super) line: usize,
    pub(super) path: Option<Spot<String>>,
    pub(super) url: Option<Spot<String>>,
    pub(super) use_default: bool,
    pub(super) disabled: Vec<Spot<String>>,
}

/// A rule. What is `None` or empty may come from the rule of the same id in the file that it builds on.
#[derive(Clone, Debug)]
pub(super) struct RawRule {
    pub(super) id: String,
    pub(super) at: At,
    pub(super) line: usize,
    pub(super) description: Option<String>,
    pub(super) regex: Option<Spot<String>>,
    pub(super) path: Option<Spot<String>>,
    pub(super) group: Option<(Spot<i64>, &'static str)>,
    pub(super) entropy: Option<f64>,
    pub(super) keywords: Vec<String>,
    pub(super) skip_report: Option<bool>,
    pub(super) token_efficiency: Option<bool>,
    pub(super) specificity: Option<i64>,
    pub(super) confidence: Option<Spot<String>>,
    pub(super) filter: Option<Spot<String>>,
    pub(super) lists: Vec<RawAllow>,
    pub(super) near: Vec<RawNear>,
    /// Keys that say nothing to us, and their lines.
    pub(super) unused: Vec<(&'static str, usize)>,
}

/// An allowlist.
#[derive(Clone, Debug)]
pub(super) struct RawAllow {
    pub(super) at: At,
    pub(super) line: usize,
    pub(super) all: bool,
    pub(super) target: Option<Spot<String>>,
    pub(super) commits: Vec<Spot<String>>,
    pub(super) paths: Vec<Spot<String>>,
    pub(super) regexes: Vec<Spot<String>>,
    pub(super) stopwords: Vec<Spot<String>>,
    /// Ids of rules that a list at the top is for; none: all.
    pub(super) rules: Vec<Spot<String>>,
}

/// A rule that must match near.
#[derive(Clone, Debug)]
pub(super) struct RawNear {
    pub(super) id: Spot<String>,
    pub(super) key: &'static str,
    pub(super) lines: Option<u64>,
    pub(super) columns: Option<u64>,
    pub(super) optional: bool,
}

/// Whether a file is one of another scanner.
pub(super) fn is_foreign(table: &DeTable<'_>) -> bool {
    dialect::is_foreign(&table.iter().map(|(key, _)| &**key.get_ref()).collect::<Vec<_>>())
}

/// Reads the keys of a file.
pub(super) fn read<'f>(source: Source<'f>, table: &'f DeTable<'f>) -> Result<RawFile, Error> {
    let top = Fields::top(source, table);
    let rules = top.tables("rules", false)?;
    let version = top.text("minVersion")?.map(|it| it.value);
    let rule_keys: Vec<&str> = rules.iter().flat_map(Fields::keys).collect();
    let dialect = dialect::of(&top.keys(), &rule_keys, version.as_deref());
    let (known, known_of_rule) = dialect::keys(dialect);
    top.known(&known)?;
    for key in ["title", "description", "betterleaksMinVersion"] {
        top.text(key)?;
    }
    let rules = rules
        .into_iter()
        .map(|fields| rule(fields, &known_of_rule))
        .collect::<Result<Vec<_>, _>>()?;
    for (at, rule) in rules.iter().enumerate() {
        if let Some(first) = rules[..at].iter().find(|it| it.id == rule.id) {
            let message = format!("this id is used twice, first on line {}", first.line);
            return Err(rule.at.wrong(rule.line, "id", message));
        }
    }
    Ok(RawFile {
        dialect,
        extend: extend(&top)?,
        lists: lists(&top, true)?,
        prefilter: top.text("prefilter")?.into_iter().collect(),
        filter: top.text("filter")?.into_iter().collect(),
        at: top.at,
        rules,
    })
}

impl RawFile {
    pub(super) fn dialect(&self) -> &'static dialect::Dialect {
        &DIALECTS[self.dialect]
    }
}

fn extend(top: &Fields<'_>) -> Result<Option<RawExtend>, Error> {
    let tables = top.tables("extend", true)?;
    let Some(fields) = tables.first() else { return Ok(None) };
    fields.known(EXTEND_KEYS)?;
    let extend = RawExtend {
        line: fields.line,
        path: fields.text("path")?,
        url: fields.text("url")?,
        use_default: fields.truth("useDefault")?.is_some_and(|it| it.value),
        disabled: fields.texts("disabledRules")?,
    };
    if extend.use_default && extend.path.is_some() {
        return Err(
            fields.wrong("useDefault", "a file extends the default rules or a path, not both")
        );
    }
    Ok(Some(extend))
}

fn lists(fields: &Fields<'_>, top: bool) -> Result<Vec<RawAllow>, Error> {
    if fields.has("allowlist") && fields.has("allowlists") {
        return Err(fields.wrong("allowlist", "give `allowlist` or `allowlists`, not both"));
    }
    let old = fields.tables("allowlist", true)?.into_iter().map(|it| allow(&it, "allowlist", top));
    let new =
        fields.tables("allowlists", false)?.into_iter().map(|it| allow(&it, "allowlists", top));
    old.chain(new).collect()
}

fn allow(fields: &Fields<'_>, key: &str, top: bool) -> Result<RawAllow, Error> {
    let keys = [ALLOW_KEYS, if top { &["targetRules"] } else { &[] }].concat();
    fields.known(&keys)?;
    fields.text("description")?;
    let condition = fields.text("condition")?;
    let all = match condition.map(|it| it.value.to_ascii_lowercase()).as_deref() {
        None | Some("" | "or" | "||") => false,
        Some("and" | "&&") => true,
        Some(_) => return Err(fields.wrong("condition", "OR or AND is expected")),
    };
    let allow = RawAllow {
        at: fields.at.clone(),
        line: fields.line,
        all,
        target: fields.text("regexTarget")?,
        commits: fields.texts("commits")?,
        paths: fields.texts("paths")?,
        regexes: fields.texts("regexes")?,
        stopwords: fields.texts("stopwords")?,
        rules: fields.texts("targetRules")?,
    };
    let RawAllow { commits, paths, regexes, stopwords, .. } = &allow;
    if [commits, paths, regexes, stopwords].iter().all(|list| list.is_empty()) {
        let message = "an allowlist needs one of `commits`, `paths`, `regexes`, `stopwords`";
        return Err(fields.at.wrong(fields.line, key, message));
    }
    Ok(allow)
}

fn rule(mut fields: Fields<'_>, known: &[&'static str]) -> Result<RawRule, Error> {
    let id = fields.text("id")?.filter(|id| !id.value.trim().is_empty());
    let id = id.ok_or_else(|| fields.wrong("id", "every rule needs an id"))?;
    fields.at.rule = Some(id.value.clone());
    fields.known(known)?;
    let (old, new) = (fields.whole("secretGroup", 0)?, fields.whole("valueGroup", 0)?);
    let entropy = fields.number("entropy")?.map(|it| it.value);
    if entropy.is_some_and(|it| !(0.0..=8.0).contains(&it)) {
        return Err(fields.wrong("entropy", "bits a byte are expected, from 0 to 8"));
    }
    fields.texts("tags")?;
    for key in ["validate", "analyze", "revoke"] {
        fields.text(key)?;
    }
    let unused = ["validate", "analyze", "revoke", "tags"];
    let unused = unused.into_iter().filter(|key| fields.has(key));
    let mut near = required(&fields)?;
    near.extend(components(&fields)?);
    Ok(RawRule {
        line: id.line,
        id: id.value,
        description: fields.text("description")?.map(|it| it.value),
        regex: fields.text("regex")?,
        path: fields.text("path")?,
        group: new.map(|it| (it, "valueGroup")).or(old.map(|it| (it, "secretGroup"))),
        entropy,
        keywords: fields.texts("keywords")?.into_iter().map(|it| it.value).collect(),
        skip_report: fields.truth("skipReport")?.map(|it| it.value),
        token_efficiency: fields.truth("tokenEfficiency")?.map(|it| it.value),
        specificity: fields.whole("specificity", -1_000_000)?.map(|it| it.value.min(1_000_000)),
        confidence: fields.text("confidence")?,
        filter: fields.text("filter")?,
        lists: lists(&fields, false)?,
        near,
        unused: unused.map(|key| (key, fields.line_of(key))).collect(),
        at: fields.at,
    })
}

fn id_of(fields: &Fields<'_>, key: &str) -> Result<Spot<String>, Error> {
    let id = fields.text("id")?;
    id.ok_or_else(|| fields.at.wrong(fields.line, key, "it names no rule: give `id`"))
}

fn required(rule: &Fields<'_>) -> Result<Vec<RawNear>, Error> {
    let read = |fields: Fields<'_>| {
        fields.known(REQUIRED_KEYS)?;
        let distance =
            |key| fields.whole(key, 0).map(|found| found.map(|it| it.value.unsigned_abs()));
        Ok(RawNear {
            id: id_of(&fields, "required")?,
            key: "required",
            lines: distance("withinLines")?,
            columns: distance("withinColumns")?,
            optional: false,
        })
    };
    rule.tables("required", false)?.into_iter().map(read).collect()
}

fn components(rule: &Fields<'_>) -> Result<Vec<RawNear>, Error> {
    let read = |fields: Fields<'_>| {
        fields.known(COMPONENT_KEYS)?;
        let within = fields.text("within")?;
        let distances = within.map_or(Some((None, None)), |it| distances(&it.value));
        let wrong =
            || fields.wrong("within", "lines and columns are expected, as \"5L\" or \"7L,200C\"");
        let (lines, columns) = distances.ok_or_else(wrong)?;
        let optional = fields.truth("optional")?.is_some_and(|it| it.value);
        let id = id_of(&fields, "components")?;
        Ok(RawNear { id, key: "components", lines, columns, optional })
    };
    rule.tables("components", false)?.into_iter().map(read).collect()
}

/// `5L`, `200C` or both with a comma between them.
fn distances(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (mut lines, mut columns) = (None, None);
    for part in text.split(',').map(str::trim) {
        let (number, unit) = part.split_at_checked(part.len().checked_sub(1)?)?;
        let place = match unit {
            "L" | "l" => &mut lines,
            "C" | "c" => &mut columns,
            _ => return None,
        };
        if place.replace(number.parse().ok()?).is_some() {
            return None;
        }
    }
    Some((lines, columns))
}
