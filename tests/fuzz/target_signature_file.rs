//! Signature files: any text loads or is refused, and what loads makes tables.

use std::path::Path;

use leakspan::signatures::{builtin, file, load};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match file::parse(Path::new("fuzz.toml"), text) {
        Ok(entries) => {
            let again = file::parse(Path::new("fuzz.toml"), text).expect("it has loaded before");
            assert_eq!(entries.len(), again.len(), "loading twice gives the same");
            if let Ok(added) = load::add(&builtin(), entries) {
                let set = added.set;
                assert!(
                    set.signatures.is_sorted_by(|a, b| a.id < b.id),
                    "ids are sorted and unique"
                );
                for anchor in set.tables.anchors.iter() {
                    assert!((anchor.signature as usize) < set.signatures.len());
                }
            }
        }
        Err(error) => {
            let message = error.to_string();
            assert!(!message.is_empty());
            assert!(!message.contains('\u{1b}'), "a message carries no escape sequence");
        }
    }
}
