//! The commands about what works: from their arguments to the app.

use super::args::{RevokeArguments, VerifyArguments};
use super::options;
use crate::app::gate::Exit;
use crate::app::options::Target;
use crate::app::verify::{self, RevokeOptions};
use crate::app::{Options, scan};
use crate::model::Fingerprint;

/// `leakspan verify`.
pub(super) fn verify(arguments: VerifyArguments) -> anyhow::Result<Exit> {
    let VerifyArguments { from, root, ask, common } = arguments;
    let (options, configured) =
        options::with_config(common, Target::Paths(vec![root.clone()]), true)?;
    let asked = ask.options(configured)?;
    let options = Options { verify: Some(asked.clone()), ..options };
    match from {
        Some(report) => verify::reread(&report, root, options, &asked),
        None => scan::run(&options),
    }
}

/// `leakspan revoke`.
pub(super) fn revoke(arguments: RevokeArguments) -> anyhow::Result<Exit> {
    let RevokeArguments { fingerprint, path, confirm, ask, common } = arguments;
    let read = |text: &str| text.parse::<Fingerprint>().map_err(anyhow::Error::msg);
    let revoking = RevokeOptions {
        fingerprint: read(&fingerprint)?,
        confirm: confirm.as_deref().map(read).transpose()?,
    };
    let (options, configured) = options::with_config(common, Target::Paths(vec![path]), true)?;
    let asked = ask.options(configured)?;
    let options = Options { verify: Some(asked.clone()), ..options };
    verify::revoke(&revoking, &options, &asked)
}
