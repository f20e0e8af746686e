//! Entropy, allowlists and filters of a rule.

use super::tokens;
use super::values::{Of, about_text, lines};
use crate::engine::candidate::{Candidate, Text};
use crate::foreign::expr::Value;
use crate::foreign::rule::{Compiled, CompiledAllow};
use crate::model::{Allow, AllowTarget, Origin, Rule, Signature};
use crate::text::entropy;

/// A rule, and the text that a candidate of it stands in.
pub(super) struct Judge<'a> {
    pub(super) rule: &'a Rule,
    pub(super) compiled: &'a Compiled,
    pub(super) signature: &'a Signature,
    pub(super) text: &'a Text<'a>,
    pub(super) origin: &'a Origin,
}

impl Judge<'_> {
    /// An error is the reason to drop the candidate. An expression that meets a value which it cannot
    /// work with drops nothing.
    pub(super) fn judge(&self, candidate: &mut Candidate) -> Result<(), &'static str> {
        if !self.compiled.skip.is_empty() {
            let mut of = Of::text(self.text.path, self.origin);
            if self.compiled.skip.iter().any(|it| it.run(&mut of) == Ok(Value::Bool(true))) {
                return Err("rule-prefilter");
            }
        }
        let path_alone = self.rule.pattern.is_none();
        let value = candidate.value(self.text);
        let least = self.signature.min_entropy;
        if !path_alone && least > 0.0 && entropy(value) <= least {
            return Err("low-entropy");
        }
        let allows = |(allow, compiled)| self.allows(allow, compiled, candidate);
        if self.rule.allow.iter().zip(&self.compiled.allow).any(allows) {
            return Err("rule-allowlist");
        }
        if self.rule.token_efficiency && !path_alone && tokens::fails(value) {
            return Err("token-efficiency");
        }
        if self.compiled.filters.is_empty() {
            return Ok(());
        }
        let mut of = Of::candidate(self.rule, self.compiled, self.signature, self.text, candidate);
        of.attributes = about_text(self.text.path, self.origin);
        let dropped =
            self.compiled.filters.iter().any(|it| it.run(&mut of) == Ok(Value::Bool(true)));
        candidate.confidence = of.confidence.unwrap_or(candidate.confidence);
        if dropped { Err("rule-filter") } else { Ok(()) }
    }

    /// Whether a list says that the candidate is no finding.
    fn allows(&self, allow: &Allow, compiled: &CompiledAllow, candidate: &Candidate) -> bool {
        let path_alone = self.rule.pattern.is_none();
        let commit = self.origin.commit.as_ref();
        let commits = || {
            commit.is_some_and(|it| allow.commits.iter().any(|id| id.eq_ignore_ascii_case(&it.id)))
        };
        let paths = || compiled.paths.iter().any(|it| it.is_match(self.text.path.as_bytes()));
        let patterns = || {
            let target = match allow.target {
                AllowTarget::Secret => candidate.value(self.text),
                AllowTarget::Match => &self.text.bytes[candidate.range.clone()],
                AllowTarget::Line => &self.text.bytes[lines(self.text.bytes, &candidate.range)],
            };
            !path_alone && compiled.patterns.iter().any(|it| it.is_match(target))
        };
        let stopwords = || {
            let value = candidate.value(self.text).to_ascii_lowercase();
            let holds = |word: &String| {
                let word = word.to_ascii_lowercase();
                memchr::memmem::find(&value, word.as_bytes()).is_some()
            };
            !path_alone && allow.stopwords.iter().any(holds)
        };
        let criteria: [(&[String], &dyn Fn() -> bool); 4] = [
            (&allow.commits, &commits),
            (&allow.paths, &paths),
            (&allow.patterns, &patterns),
            (&allow.stopwords, &stopwords),
        ];
        let mut given =
            criteria.iter().filter(|(list, _)| !list.is_empty()).map(|(_, holds)| holds());
        if allow.all { given.all(|holds| holds) } else { given.any(|holds| holds) }
    }
}
