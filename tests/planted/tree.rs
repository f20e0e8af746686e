//! Writes the planted tree and says where in it each secret stands.

use std::io::Write;
use std::path::Path;

use base64::Engine as _;

use super::secrets::{Place, Row};

/// A secret on disk.
pub(crate) struct Planted {
    pub(crate) id: &'static str,
    pub(crate) secret: Vec<u8>,
    /// The path that a report names, members of archives with `!`.
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// Bytes of the encoded span on that line; `None` for a secret of several lines.
    pub(crate) width: Option<usize>,
    pub(crate) decoded: Option<&'static str>,
}

/// Writes the file of a row below `root`.
pub(crate) fn plant(root: &Path, number: usize, row: &Row, secret: &str) -> Planted {
    let text = wrapped(row, secret);
    let at = text.find(secret).expect("the secret stands in its text");
    let span = at..at + secret.len();
    let name = format!("{number:02}-{}", file_name(row.place));
    let mut planted = Planted {
        id: row.id,
        secret: secret.into(),
        path: name.clone(),
        line: line_of(text.as_bytes(), at),
        column: column_of(text.as_bytes(), at),
        width: (!secret.contains('\n')).then_some(secret.len()),
        decoded: None,
    };
    let bytes = match row.place {
        Place::Utf16 { big, mark } => {
            // Every character of the text is two bytes; the mark stands on the first line.
            let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let shift = if mark && line_start == 0 { 2 } else { 0 };
            planted.column = (at - line_start) * 2 + 1 + shift;
            planted.width = Some(span.len() * 2);
            planted.decoded = Some("utf16");
            utf16(&text, big, mark)
        }
        Place::Base64Yaml => {
            let encoded = base64::prelude::BASE64_STANDARD.encode(secret);
            planted.width = Some(encoded.trim_end_matches('=').len());
            planted.decoded = Some("base64");
            text.replace(secret, &encoded).into_bytes()
        }
        Place::Percent => {
            let encoded: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
            planted.width = Some(encoded.len());
            planted.decoded = Some("percent");
            text.replace(secret, &encoded).into_bytes()
        }
        Place::ZipInTar => {
            planted.path = format!("{name}!inner/app.zip!conf/app.env");
            tar("inner/app.zip", &zip("conf/app.env", text.as_bytes()))
        }
        Place::TarGz => {
            planted.path = format!("{name}!conf/ci.env");
            gzip(&tar("conf/ci.env", text.as_bytes()))
        }
        _ => text.into_bytes(),
    };
    std::fs::write(root.join(name), bytes).expect("the tree can be written");
    planted
}

fn file_name(place: Place) -> String {
    match place {
        Place::Env => "app.env".into(),
        Place::Yaml | Place::Base64Yaml => "values.yaml".into(),
        Place::Json => "config.json".into(),
        Place::Toml => "settings.toml".into(),
        Place::Ini => "credentials.ini".into(),
        Place::Xml => "web.config.xml".into(),
        Place::Hcl => "main.tf".into(),
        Place::Dockerfile => "Dockerfile".into(),
        Place::Notebook => "study.ipynb".into(),
        Place::MinifiedJs => "bundle.min.js".into(),
        Place::Python => "client.py".into(),
        Place::Go => "main.go".into(),
        Place::Java => "Main.java".into(),
        Place::Ruby => "setup.rb".into(),
        Place::Shell => "deploy.sh".into(),
        Place::Raw(name) => name.into(),
        Place::Utf16 { .. } => "export.txt".into(),
        Place::Percent => "access.log".into(),
        Place::ZipInTar => "backup.tar".into(),
        Place::TarGz => "logs.tar.gz".into(),
    }
}

/// The text of the file, before any encoding of it.
fn wrapped(row: &Row, secret: &str) -> String {
    let value = row.outer.replacen("{}", secret, 1);
    let name = row.name;
    match row.place {
        Place::Env | Place::ZipInTar | Place::TarGz => {
            format!("# settings of the shop\nAPP_ENV=production\n{name}={value}\nPORT=8080\n")
        }
        Place::Utf16 { .. } => format!("APP_ENV=production\r\n{name}={value}\r\nPORT=8080\r\n"),
        Place::Yaml => format!("service:\n  replicas: 2\n  env:\n    {name}: \"{value}\"\n"),
        Place::Base64Yaml => {
            format!("kind: Bundle\nfiles:\n  - path: a.txt\n    {name}: {value}\n")
        }
        Place::Json => format!("{{\n  \"port\": 8080,\n  \"{name}\": \"{value}\"\n}}\n"),
        Place::Toml => format!("[service]\nport = 8080\n{name} = \"{value}\"\n"),
        Place::Ini => format!("[default]\nregion = eu-west-1\n{name} = {value}\n"),
        Place::Xml => format!(
            "<?xml version=\"1.0\"?>\n<configuration>\n  <add name=\"{name}\" \
             connectionString=\"{value}\" />\n</configuration>\n"
        ),
        Place::Hcl => {
            format!("provider \"acme\" {{\n  region = \"eu\"\n  {name} = \"{value}\"\n}}\n")
        }
        Place::Dockerfile => format!("FROM debian:12\nENV {name}={value}\nCMD [\"/app\"]\n"),
        Place::Notebook => format!(
            "{{\n \"cells\": [\n  {{\n   \"cell_type\": \"code\",\n   \"source\": [\n    \
             \"import os\\n\",\n    \"os.environ['{name}'] = '{value}'\\n\"\n   ]\n  }}\n ],\n \
             \"nbformat\": 4\n}}\n"
        ),
        Place::MinifiedJs => {
            let code =
                "function a(b,c){return b?c(b):null}var d=[1,2,3],e={f:!0,g:\"h\"};".repeat(40);
            format!("!function(){{{code}var z={{{name}:\"{value}\",y:0}};{code}}}();\n")
        }
        Place::Python => {
            format!("import os\n\n\ndef client():\n    {name} = '{value}'\n    return {name}\n")
        }
        Place::Go => format!("package main\n\nconst (\n\t{name} = \"{value}\"\n)\n"),
        Place::Java => format!(
            "public class Main {{\n    private static final String {name} = \"{value}\";\n}}\n"
        ),
        Place::Ruby => format!("configure do |c|\n  c.{name} = '{value}'\nend\n"),
        Place::Shell => format!("#!/bin/sh\nset -eu\nexport {name}=\"{value}\"\nexec ./deploy\n"),
        Place::Raw(_) => value,
        Place::Percent => format!(
            "10.0.0.7 - - [01/Jan/2026:00:00:00 +0000] \"GET /v1/models?{name}={value}&alt=json HTTP/1.1\" 200 12\n"
        ),
    }
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1
}

fn column_of(bytes: &[u8], at: usize) -> usize {
    at - bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1) + 1
}

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xfeff);
    let units = mark.into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer
        .start_file(name, zip::write::SimpleFileOptions::default())
        .expect("memory takes every byte");
    writer.write_all(bytes).expect("memory takes every byte");
    writer.finish().expect("memory takes every byte").into_inner()
}

fn tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    builder.append_data(&mut header, name, bytes).expect("memory takes every byte");
    builder.into_inner().expect("memory takes every byte")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}
