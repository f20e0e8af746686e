//! Rule files of other scanners: any text loads or is refused, what loads is scanned with, and written as a
//! file of ours that loads to the same.

use std::path::Path;
use std::sync::Arc;

use leakspan::engine::{Options, Scanner};
use leakspan::model::{Blob, BlobPath, Content, Origin, OriginKind};
use leakspan::signatures::{import, load};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // Nothing is read from disk here.
    if text.to_ascii_lowercase().contains("extend") {
        return;
    }
    let path = Path::new("fuzz.toml");
    let loaded = match import::parse(path, text) {
        Ok(loaded) if loaded.foreign => loaded,
        Ok(_) => return,
        Err(error) => {
            assert!(error.to_string().contains("fuzz.toml"), "an error names the file");
            return;
        }
    };
    let ours =
        import::to_file(&loaded.entries, &loaded.notes).expect("what is read can be written");
    let again = import::parse(path, &ours).expect("what is written loads");
    assert_eq!(again.entries.len(), loaded.entries.len());
    for (one, other) in loaded.entries.iter().zip(&again.entries) {
        assert_eq!(one.signature.matcher, other.signature.matcher);
    }
    let Ok((set, _)) = load::assemble(loaded.entries) else { return };
    let scanner = Scanner::new(Arc::new(set), Options::default());
    let origin = Arc::new(Origin::of(OriginKind::File));
    let found =
        scanner.thread().scan(&Blob { path: BlobPath::new("a"), origin }, Content::Bytes(bytes));
    for finding in found.findings {
        assert!(finding.span.end <= bytes.len() as u64, "spans stay inside");
    }
}
