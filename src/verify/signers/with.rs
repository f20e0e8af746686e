//! The parameters of a signer.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

/// Filled in, by name.
pub(in crate::verify) type With = BTreeMap<String, Zeroizing<String>>;

/// One that must be there.
pub(super) fn need<'w>(with: &'w With, name: &str) -> Result<&'w str, &'static str> {
    with.get(name).map(|text| text.as_str()).ok_or("a parameter of the signer is missing")
}
