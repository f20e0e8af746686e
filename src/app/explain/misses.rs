//! Near misses, as sentences: why there is no candidate on a line.

use crate::engine::NearMiss;
use crate::engine::matchers::Refusal;
use crate::text::printable;

/// A near miss as a sentence.
pub(super) fn told(miss: &NearMiss) -> String {
    match miss {
        NearMiss::Form { signature, literal, stands, wanted } => {
            let form = match wanted {
                (from, Some(to)) if from == to => format!("{from} long"),
                (from, Some(to)) => format!("{from} to {to} long"),
                (from, None) => format!("{from} long or longer"),
            };
            let stands = if *stands == literal.len() {
                "nothing follows it".to_owned()
            } else {
                format!("what begins with it is {stands} long")
            };
            format!(
                "`{}` is a sign of {signature}, whose secrets are {form}; none in that form is there, {stands}",
                printable(literal)
            )
        }
        NearMiss::Around { signature, literal, own: true } => format!(
            "a value in the form of {signature} (`{}`) is there, and a letter, digit or sign touches it: part of something longer",
            printable(literal)
        ),
        NearMiss::Around { signature, literal, own: false } => format!(
            "`{}` is a sign of {signature}, and a value in its form is on the line, but not behind that name and an operator",
            printable(literal)
        ),
        NearMiss::Refused(refused) => {
            let name = refused.name.as_deref().map(printable);
            match name {
                Some(name) => format!("`{name}` promises a credential, but {}", but(refused.why)),
                None => "no name before an operator promises a credential (such as `password`, `token`, `api_key`)".to_owned(),
            }
        }
        NearMiss::NoOperator(Some(name)) => format!(
            "`{}` promises a credential, but no operator (`=`, `:`, `=>`, an argument in quotes) and value follow it",
            printable(name)
        ),
        NearMiss::NoOperator(None) => {
            "no name promises a credential (such as `password`, `token`, `api_key`), and no operator gives it a value".to_owned()
        }
    }
}

fn but(why: Refusal) -> &'static str {
    match why {
        Refusal::NoOperator => "the sign behind it is a comparison, a scope or part of a URL",
        Refusal::NoName => "it is not the name before the operator",
        Refusal::NoValue => "nothing that can be a value follows its operator",
        Refusal::Bare => {
            "its value has no quotes, and in a file of this kind that is an expression"
        }
        Refusal::Scheme => "only the scheme of a header follows, no credentials",
        Refusal::Sentence => "its value is shorter than four bytes or part of a sentence",
        Refusal::NoPromise => "as the whole name of an argument it does not",
        Refusal::Short => {
            "its value is too short: passwords count from four bytes, keys from eight"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::matchers::Refused;

    #[test]
    fn near_misses_read_as_sentences() {
        let form = |stands, wanted| {
            let (signature, literal) = ("acme-key".to_owned(), "acme_".to_owned());
            told(&NearMiss::Form { signature, literal, stands, wanted })
        };
        assert_eq!(
            form(12, (37, Some(37))),
            "`acme_` is a sign of acme-key, whose secrets are 37 long; none in that form is there, \
             what begins with it is 12 long"
        );
        assert!(
            form(5, (20, None))
                .ends_with("20 long or longer; none in that form is there, nothing follows it")
        );
        let refused = Refused { name: Some("api_key".to_owned()), why: Refusal::Short };
        assert_eq!(
            told(&NearMiss::Refused(refused)),
            "`api_key` promises a credential, but its value is too short: passwords count from four bytes, \
             keys from eight"
        );
    }
}
