//! Public parts of credentials, and of the text beside them: who, where, which environment.
//!
//! These prove nothing: they only tell a reader whose credential it is.

use super::encodings::{all_digits, from_base64, moment, nearby, note, number, to_base64url};
use super::proof::{Outcome, Proof};
use crate::engine::candidate::{Candidate, Text};
use crate::model::Facts;

/// Reads public parts into facts.
pub(super) struct Public {
    /// The name in signature files.
    name: &'static str,
    /// Reads the value and the text near it; `None` for another form.
    read: fn(value: &[u8], near: &[u8], facts: &mut Facts) -> Option<()>,
}

impl Proof for Public {
    fn name(&self) -> &'static str {
        self.name
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let mut facts = Facts::new();
        let read = (self.read)(candidate.value(text), nearby(candidate, text), &mut facts);
        if read.is_none() || facts.is_empty() {
            return Outcome::Silent;
        }
        Outcome::Holds { certain: false, facts }
    }

    fn seal(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

/// Bots, users and apps of Slack by their numbers; team and hook of a webhook.
pub(super) const SLACK: Public = Public {
    name: "slack",
    read: |value, _, facts| {
        if let Some(at) = memchr::memmem::find(value, b"/services/") {
            let mut parts = value[at + 10..].split(|&byte| byte == b'/');
            note(facts, "team", parts.next()?);
            note(facts, "hook", parts.next()?);
            return Some(());
        }
        let parts: Vec<&[u8]> = value.split(|&byte| byte == b'-').collect();
        match parts[..] {
            [b"xapp", _, app, ..] => note(facts, "app", app),
            [kind, team, member, _, ..]
                if kind.starts_with(b"xox")
                    && all_digits(team, 9..=14)
                    && all_digits(member, 9..=14) =>
            {
                note(facts, "team_number", team);
                note(facts, "member_number", member);
            }
            _ => {}
        }
        Some(())
    },
};

/// The number of a Telegram bot.
pub(super) const TELEGRAM: Public = Public {
    name: "telegram-bot",
    read: |value, _, facts| {
        let bot = value.split(|&byte| byte == b':').next()?;
        if all_digits(bot, 8..=10) {
            note(facts, "bot", bot);
        }
        Some(())
    },
};

/// Live or test mode of a Stripe key, restricted or not.
pub(super) const STRIPE: Public = Public {
    name: "stripe",
    read: |value, _, facts| {
        let mut parts = value.splitn(3, |&byte| byte == b'_');
        let (kind, mode) = (parts.next()?, parts.next()?);
        if matches!(mode, b"live" | b"test") {
            note(facts, "environment", mode);
        }
        match kind {
            b"rk" => note(facts, "rights", b"restricted"),
            b"sk" => note(facts, "rights", b"full"),
            _ => {}
        }
        Some(())
    },
};

/// The data centre that a Mailchimp key ends in.
pub(super) const MAILCHIMP: Public = Public {
    name: "mailchimp",
    read: |value, _, facts| {
        let center = value.rsplit(|&byte| byte == b'-').next()?;
        if center.starts_with(b"us") && all_digits(&center[2..], 1..=2) {
            note(facts, "data_center", center);
        }
        Some(())
    },
};

/// The account that stands beside a Twilio token.
pub(super) const TWILIO: Public = Public {
    name: "twilio",
    read: |_, near, facts| {
        let sid = memchr::memmem::find_iter(near, b"AC").find_map(|at| {
            let sid = near.get(at..at + 34)?;
            sid[2..].iter().all(|byte| HEX.contains(byte)).then_some(sid)
        })?;
        note(facts, "account", sid);
        Some(())
    },
};
const HEX: &[u8] = b"0123456789abcdef";

/// The public id of a SendGrid key.
pub(super) const SENDGRID: Public = Public {
    name: "sendgrid",
    read: |value, _, facts| {
        note(facts, "key_id", value.strip_prefix(b"SG.")?.split(|&byte| byte == b'.').next()?);
        Some(())
    },
};

/// The workspace beside a Databricks token.
pub(super) const DATABRICKS: Public = Public {
    name: "databricks",
    read: |_, near, facts| {
        const HOSTS: [&[u8]; 3] =
            [b".azuredatabricks.net", b".cloud.databricks.com", b".gcp.databricks.com"];
        note(facts, "workspace", HOSTS.iter().find_map(|suffix| host_that_ends_in(near, suffix))?);
        Some(())
    },
};

/// The host that a Terraform token is configured for.
pub(super) const TERRAFORM: Public = Public {
    name: "terraform-cloud",
    read: |_, near, facts| {
        const BLOCK: &[u8] = b"credentials \"";
        let start = memchr::memmem::find(near, BLOCK)? + BLOCK.len();
        let end = memchr::memchr(b'"', &near[start..])?;
        note(facts, "host", &near[start..start + end]);
        Some(())
    },
};

/// What kind of Doppler token it is, and its configuration.
pub(super) const DOPPLER: Public = Public {
    name: "doppler",
    read: |value, _, facts| {
        let parts: Vec<&[u8]> = value.split(|&byte| byte == b'.').collect();
        let [b"dp", kind, rest @ ..] = &parts[..] else { return None };
        let kind: &[u8] = match *kind {
            b"st" => b"service",
            b"pt" => b"personal",
            b"ct" => b"cli",
            b"sa" => b"service-account",
            _ => return None,
        };
        note(facts, "token_kind", kind);
        if let [config, _] = rest {
            note(facts, "config", config);
        }
        Some(())
    },
};

/// What kind of Vault token it is.
pub(super) const VAULT: Public = Public {
    name: "vault",
    read: |value, _, facts| {
        let kind: &[u8] = match value.get(..4)? {
            b"hvs." => b"service",
            b"hvb." => b"batch",
            b"hvr." => b"recovery",
            _ => return None,
        };
        note(facts, "token_kind", kind);
        Some(())
    },
};

/// Project, e-mail and key id of a Google service account, from the members beside its key.
pub(super) const GCP: Public = Public {
    name: "gcp-service-account",
    read: |_, near, facts| {
        for (member, fact) in [
            (&b"project_id"[..], "project"),
            (b"client_email", "email"),
            (b"private_key_id", "key_id"),
        ] {
            if let Some(content) = json_member(near, member) {
                note(facts, fact, content);
            }
        }
        Some(())
    },
};

/// The text of a JSON member, quoted plainly or inside another text.
fn json_member<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    memchr::memmem::find_iter(text, name).find_map(|at| {
        let rest = &text[at + name.len()..];
        let quoted = at > 0 && text[at - 1] == b'"';
        let between =
            rest.iter().take(16).take_while(|byte| b"\\\": \t\r\n".contains(byte)).count();
        let colon = rest[..between].contains(&b':');
        let content = &rest[between..];
        let end = content.iter().position(|byte| b"\\\"\r\n".contains(byte))?;
        (quoted && colon && end > 0).then_some(&content[..end])
    })
}

/// The first host name in `text` that ends in `suffix`.
fn host_that_ends_in<'a>(text: &'a [u8], suffix: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(text, suffix)?;
    let label = text[..at].iter().rev();
    let length =
        label.take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte)).count();
    (length > 0).then_some(&text[at - length..at + suffix.len()])
}

/// Discord bots: the first part is the bot's number, and a number tells when it was made.
pub(super) struct Discord;

impl Proof for Discord {
    fn name(&self) -> &'static str {
        "discord-bot"
    }

    fn check(&self, candidate: &Candidate, text: &Text<'_>) -> Outcome {
        let Some(first) = candidate.value(text).split(|&byte| byte == b'.').next() else {
            return Outcome::Silent;
        };
        let bot = from_base64(first).filter(|bot| all_digits(bot, 17..=20));
        let Some(bot) = bot else { return Outcome::Fails("structure") };
        let mut facts = Facts::new();
        note(&mut facts, "bot", &bot);
        // A snowflake counts milliseconds since 2015 above its lower 22 bits.
        let made = number(&bot, 10).map(|id| (id >> 22) / 1000 + 1_420_070_400);
        if let Some(moment) = made.and_then(|seconds| moment(seconds as i64)) {
            facts.insert("bot_created_at".to_owned(), moment);
        }
        Outcome::Holds { certain: true, facts }
    }

    fn seal(&self, sample: &[u8]) -> Option<Vec<u8>> {
        let end = sample.iter().position(|&byte| byte == b'.')?;
        let digits = if end > 24 { 19 } else { 18 };
        let mut noise = super::encodings::Noise::of(sample);
        let bot = ["1", &noise.text(b"0123456789", digits - 1)].concat();
        Some([to_base64url(bot.as_bytes()).as_bytes(), &sample[end..]].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, check_in};
    use super::*;

    fn fact(proof: &dyn Proof, before: &str, value: &str, name: &str) -> Option<String> {
        let text = [before, value].concat();
        match check_in(proof, text.as_bytes(), before.len()..text.len()) {
            Outcome::Holds { facts, .. } => {
                facts.get(name).and_then(|fact| fact.as_str()).map(str::to_owned)
            }
            _ => None,
        }
    }

    #[test]
    fn public_parts_are_read_from_the_value() {
        let cases: &[(&dyn Proof, String, &str, &str)] = &[
            (&SLACK, ["xox", "b-1234567890-0987654321-abc"].concat(), "team_number", "1234567890"),
            (&SLACK, ["xap", "p-1-A0123456789-1-abc"].concat(), "app", "A0123456789"),
            (&TELEGRAM, ["123456789", ":AAabc"].concat(), "bot", "123456789"),
            (&STRIPE, ["rk_li", "ve_abc"].concat(), "rights", "restricted"),
            (&MAILCHIMP, ["abc", "-us12"].concat(), "data_center", "us12"),
            (&SENDGRID, ["SG", ".key.secret"].concat(), "key_id", "key"),
            (&DOPPLER, ["dp.st", ".prd.secret"].concat(), "config", "prd"),
            (&VAULT, ["hvb", ".abc"].concat(), "token_kind", "batch"),
        ];
        for (proof, value, name, expected) in cases {
            assert_eq!(fact(*proof, "", value, name).as_deref(), Some(*expected), "{name}");
        }
    }

    #[test]
    fn public_parts_are_read_from_the_text_beside_the_value() {
        let sid = ["AC", &"0af1".repeat(8)].concat();
        assert_eq!(fact(&TWILIO, &format!("{sid} "), "x", "account"), Some(sid));
        let host = "https://adb-12.3.azuredatabricks.net/ ";
        assert_eq!(
            fact(&DATABRICKS, host, "x", "workspace").as_deref(),
            Some("adb-12.3.azuredatabricks.net")
        );
        let block = "credentials \"tf.example\" { token = \"";
        assert_eq!(fact(&TERRAFORM, block, "x", "host").as_deref(), Some("tf.example"));
        for json in ["{\"project_id\": \"acme\", ", "{\\\"project_id\\\":\\\"acme\\\","] {
            assert_eq!(fact(&GCP, json, "x", "project").as_deref(), Some("acme"), "{json}");
        }
        assert_eq!(fact(&GCP, "project_id acme ", "x", "project"), None);
    }

    #[test]
    fn the_number_of_a_discord_bot_is_a_structure() {
        let sealed = Discord.seal(b"MTAxMTAxMTAxMTAxMTAxMTAx.abcdef.xyz").expect("a dot");
        let Outcome::Holds { certain: true, facts } = check(&Discord, &sealed) else {
            panic!("it must hold")
        };
        assert!(facts.contains_key("bot_created_at"));
        assert_eq!(check(&Discord, b"TWFyeSBoYWQ.abcdef.x"), Outcome::Fails("structure"));
    }
}
