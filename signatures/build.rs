//! Bakes the signature files and their prefilter tables into the binary.

fn main() {
    println!("cargo::rerun-if-changed=signatures");
}
