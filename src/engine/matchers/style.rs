//! How values are written in a file, told from its name.

use crate::model::BlobPath;

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Style {
    /// A programming language: what has no quotes is an expression.
    Code,
    /// Shell, environment files and container definitions: `NAME=value` without blanks.
    Shell,
    /// Configuration: bare values are data.
    Config,
    /// Prose, logs, anything unknown.
    Other,
}

const CODE: &[&str] = &[
    "py", "pyi", "pyx", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte",
    "go", "rs", "java", "kt", "kts", "scala", "groovy", "gradle", "c", "h", "cc", "cpp", "cxx",
    "hpp", "hh", "cs", "vb", "fs", "swift", "m", "mm", "php", "rb", "erb", "pl", "pm", "lua", "r",
    "dart", "ex", "exs", "erl", "hrl", "clj", "cljs", "hs", "ml", "mli", "elm", "nim", "zig", "jl",
    "css", "scss", "less", "sql", "proto", "graphql", "ipynb", "map", "json", "jsonc", "json5",
    "tf", "hcl", "toml", "lock", "coffee", "html", "htm", "xhtml", "jsp", "asp", "aspx", "cshtml",
    "ejs", "hbs", "mustache", "sol", "v", "sv", "asm", "s", "wat", "d", "pas", "f90", "lisp", "el",
    "scm", "vim", "snap", "ps1", "psm1", "tcl", "awk", "cmake", "bzl", "bazel", "nix",
];
const SHELL: &[&str] =
    &["sh", "bash", "zsh", "fish", "ksh", "env", "envrc", "bat", "cmd", "dockerfile"];
const CONFIG: &[&str] = &[
    "yaml",
    "yml",
    "ini",
    "cfg",
    "conf",
    "cnf",
    "config",
    "properties",
    "props",
    "xml",
    "plist",
    "tfvars",
    "netrc",
    "npmrc",
    "pypirc",
    "pgpass",
    "htpasswd",
    "service",
    "inf",
    "reg",
    "csv",
    "tsv",
    "j2",
    "jinja",
];

/// The extension of a name in lower case, or the name itself where a dot begins it or none is in it.
///
/// The member of an archive has the name behind the last `!`.
pub(in crate::engine) fn extension(path: &BlobPath) -> String {
    let bytes = path.as_bytes();
    let name = bytes.rsplit(|byte| matches!(byte, b'/' | b'\\' | b'!')).next().unwrap_or(bytes);
    let ending = name.rsplit(|byte| *byte == b'.').next().unwrap_or(name);
    String::from_utf8_lossy(ending).to_ascii_lowercase()
}

/// How values are written in the file of that name.
pub(in crate::engine) fn style(path: &BlobPath) -> Style {
    let name =
        path.as_bytes().rsplit(|byte| matches!(byte, b'/' | b'!')).next().unwrap_or_default();
    let lower = String::from_utf8_lossy(name).to_ascii_lowercase();
    let extension = extension(path);
    let is = |list: &[&str]| list.contains(&extension.as_str());
    if lower.starts_with(".env") || lower.starts_with("dockerfile") || is(SHELL) {
        Style::Shell
    } else if is(CODE) {
        Style::Code
    } else if is(CONFIG) {
        Style::Config
    } else {
        Style::Other
    }
}
