//! Loose objects: files of any bytes under any ids are read, or told as a problem.

use std::io::Write;

use sha1::{Digest, Sha1};

use super::input::Input;
use super::store;

/// Files one behind the other: a byte says whether the bytes are deflated first, and whether the id is theirs.
pub(crate) fn run(bytes: &[u8]) {
    let folder = store::repository();
    let mut input = Input::new(bytes);
    let mut count = 0_u8;
    while !input.is_empty() && count < 40 {
        let how = input.byte();
        let body = input.bytes();
        let packed = match how & 1 {
            0 => body.to_vec(),
            _ => {
                let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), Default::default());
                packed.write_all(body).expect("memory takes all");
                packed.finish().expect("memory takes all")
            }
        };
        let id: [u8; 20] = if how & 2 == 0 { Sha1::digest(body).into() } else { [count; 20] };
        let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let place = folder.path().join(".git/objects").join(&hex[..2]);
        std::fs::create_dir_all(&place).expect("a folder can be made");
        std::fs::write(place.join(&hex[2..]), packed).expect("a file can be written");
        count += 1;
    }
    store::visited(folder.path());
}
