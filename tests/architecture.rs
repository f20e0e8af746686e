//! The layers of the house, read from the imports: an arrow that goes up, from room to room, or from a
//! child to its door fails, with the line that draws it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const MODEL: &[&str] = &["model"];
const TOOLS: &[&str] = &["text", "decode", "git", "foreign", "probes", "net"];
const ROOMS: &[&str] = &["signatures", "engine", "sources", "report", "hooks", "verify"];
const APP: &[&str] = &["app", "config"];
const CLI: &[&str] = &["cli", "main", "lib"];

/// Foreign crates and the places that may name them.
const HOMES: &[(&str, &[&str])] = &[
    ("gix", &["git"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("aho_corasick", &["engine", "signatures"]),
    ("regex_automata", &["engine", "signatures", "foreign", "probes", "verify"]),
    ("regex_syntax", &["engine", "signatures"]),
    ("anyhow", &["app", "config", "cli"]),
    ("tiktoken_rs", &["engine"]),
    ("zip", &["sources"]),
    ("tar", &["sources"]),
    ("csv", &["report"]),
    ("quick_xml", &["report", "probes"]),
    ("reqwest", &["net"]),
    ("rustls", &["net", "verify"]),
    ("tokio", &["net", "verify"]),
    ("tokio_rustls", &["net"]),
    ("postgres_protocol", &["verify"]),
    ("stringprep", &["verify"]),
    ("data_encoding", &["verify"]),
    ("ring", &["verify"]),
    ("aws_sigv4", &["verify"]),
];

/// The doors to a secret's bytes: who calls `reveal()`.
const REVEALERS: &[&str] = &["model", "engine", "report", "app", "probes", "net", "verify"];

fn layer(room: &str) -> usize {
    [MODEL, TOOLS, ROOMS, APP, CLI]
        .iter()
        .position(|names| names.contains(&room))
        .unwrap_or_else(|| panic!("src/{room} stands in no layer: add it to tests/architecture.rs"))
}

struct File {
    path: PathBuf,
    /// Module path below the crate: `["engine", "proofs", "jwt"]`.
    module: Vec<String>,
    text: String,
}

fn files() -> Vec<File> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("src is readable") {
            let path = entry.expect("src is readable").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    // Unit tests that have a file of their own join rooms as the ones at the foot of a file do.
    paths.retain(|path| !path.ends_with("tests.rs"));
    paths.sort();
    assert!(paths.len() > 20, "the walk sees the sources");
    paths
        .into_iter()
        .map(|path| {
            let below = path.strip_prefix(&root).expect("below src").with_extension("");
            let mut module: Vec<String> =
                below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            if module.last().is_some_and(|last| last == "mod") {
                module.pop();
            }
            File { text: std::fs::read_to_string(&path).expect("a source is UTF-8"), module, path }
        })
        .collect()
}

/// The code of a file, without comment lines and without its unit tests, with line numbers.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.text
        .lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line))
}

/// The rooms that a line names by `crate::room`.
fn named_rooms(line: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for piece in line.split("crate::").skip(1) {
        let names = piece.strip_prefix('{').map_or_else(
            || vec![piece],
            |group| group.split([',', '}']).map(str::trim).collect::<Vec<_>>(),
        );
        for name in names {
            let name: String =
                name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() && name.chars().all(|c| c.is_lowercase() || c == '_') {
                rooms.push(name);
            }
        }
    }
    rooms
}

#[test]
fn arrows_go_down_and_never_from_room_to_room() {
    let mut wrong = Vec::new();
    for file in files() {
        let here = file.module.first().map_or("lib", String::as_str);
        for (number, line) in code(&file) {
            for there in named_rooms(line) {
                let known = [MODEL, TOOLS, ROOMS, APP, CLI].concat().contains(&there.as_str());
                if !known || there == here {
                    continue;
                }
                let up = layer(&there) > layer(here);
                let across = layer(&there) == layer(here) && layer(here) < layer("app");
                if up || across {
                    wrong.push(format!(
                        "{}:{number}: {here} -> {there}: {line}",
                        file.path.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that the house forbids:\n{}", wrong.join("\n"));
}

#[test]
fn foreign_crates_stay_in_their_homes() {
    let mut wrong = Vec::new();
    for file in files() {
        let here = file.module.first().map_or("lib", String::as_str);
        for (number, line) in code(&file) {
            for (foreign, homes) in HOMES {
                // A crate's name that is neither the end of a longer word nor a module of a path.
                let named = format!("{foreign}::");
                let part = |b: &u8| b.is_ascii_alphanumeric() || b"_:".contains(b);
                let used = line
                    .match_indices(&named)
                    .any(|(at, _)| !line.as_bytes()[..at].last().is_some_and(part));
                if used && !homes.contains(&here) {
                    wrong.push(format!("{}:{number}: {foreign} in {here}", file.path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "crates outside their home:\n{}", wrong.join("\n"));
}

#[test]
fn secrets_are_revealed_by_few() {
    let wrong: Vec<_> = files()
        .iter()
        .filter(|file| !REVEALERS.contains(&file.module.first().map_or("lib", String::as_str)))
        .flat_map(|file| {
            code(file)
                .filter(|(_, line)| line.contains(".reveal()"))
                .map(|(number, line)| format!("{}:{number}: {line}", file.path.display()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "secrets revealed outside the known doors:\n{}", wrong.join("\n"));
}

#[test]
fn files_do_not_import_one_another_in_circles() {
    let files = files();
    let modules: BTreeSet<Vec<String>> = files.iter().map(|file| file.module.clone()).collect();
    let mut arrows: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
    for file in &files {
        for (_, line) in code(file) {
            for target in imported(line, &file.module) {
                // The longest known module on the path: `crate::model::Span` is the door of model.
                let known = (1..=target.len()).rev().map(|n| &target[..n]);
                let Some(found) = known.into_iter().find(|path| modules.contains(*path)) else {
                    continue;
                };
                if found != file.module && !found.is_empty() {
                    arrows.entry(file.module.clone()).or_default().insert(found.to_vec());
                }
            }
        }
    }
    let doors: Vec<_> = arrows
        .iter()
        .flat_map(|(from, tos)| tos.iter().map(move |to| (from, to)))
        // `model` is the vocabulary: its files speak to one another through their door.
        .filter(|(from, to)| from.starts_with(to) && to.first().is_none_or(|room| room != "model"))
        .map(|(from, to)| format!("{} imports its door {}", from.join("::"), to.join("::")))
        .collect();
    assert!(doors.is_empty(), "children import their door:\n{}", doors.join("\n"));
    if let Some(circle) = circle(&arrows) {
        panic!("files import one another in a circle: {}", circle.join(" -> "));
    }
}

/// Module paths that a line imports, `super` and `self` resolved.
fn imported(line: &str, here: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let line = line.trim_start();
    let Some(path) = line.strip_prefix("use ").or_else(|| line.strip_prefix("pub use ")) else {
        return found;
    };
    let mut base: Vec<String> = Vec::new();
    for (index, part) in path.trim_end_matches(';').split("::").enumerate() {
        match part {
            "crate" if index == 0 => {}
            "super" if index == 0 => base = here[..here.len().saturating_sub(1)].to_vec(),
            "super" => {
                base.pop();
            }
            name if name.chars().all(|c| c.is_lowercase() || c == '_' || c.is_ascii_digit()) => {
                base.push(name.to_owned());
            }
            _ => break,
        }
    }
    if path.starts_with("crate::") || path.starts_with("super::") {
        found.push(base);
    }
    found
}

/// A circle among the arrows, as names; doors of `model` are left out, as they only pass names on.
fn circle(arrows: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>) -> Option<Vec<String>> {
    fn visit(
        at: &[String],
        arrows: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>,
        path: &mut Vec<Vec<String>>,
        done: &mut BTreeSet<Vec<String>>,
    ) -> bool {
        if path.iter().any(|seen| seen == at) {
            path.push(at.to_vec());
            return true;
        }
        if !done.insert(at.to_vec()) {
            return false;
        }
        path.push(at.to_vec());
        for next in arrows.get(at).into_iter().flatten() {
            if next.first().is_some_and(|room| room == "model") {
                continue;
            }
            if visit(next, arrows, path, done) {
                return true;
            }
        }
        path.pop();
        false
    }
    let mut done = BTreeSet::new();
    arrows.keys().find_map(|start| {
        let mut path = Vec::new();
        visit(start, arrows, &mut path, &mut done)
            .then(|| path.iter().map(|module| module.join("::")).collect())
    })
}
