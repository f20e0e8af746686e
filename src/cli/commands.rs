//! The commands around a scan: from their arguments to the app, and a sentence back.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::args::{
    BaselineArguments, BaselineCommand, ExplainArguments, SignaturesCommand, SuppressArguments,
};
use super::options;
use super::print::{eprint, print};
use crate::app::gate::Exit;
use crate::app::options::Target;
use crate::app::signatures::ListFormat;
use crate::app::{baseline, explain, signatures, suppress, suppressions};
use crate::config;
use crate::signatures as room;

pub(super) fn explain(arguments: ExplainArguments) -> anyhow::Result<Exit> {
    let place = explain::Place::parse(&arguments.place)?;
    let options = options::common(arguments.common, explain::target(&place))?;
    Ok(print(explain::explain(&place, &options)?.as_bytes()))
}

pub(super) fn baseline(command: BaselineCommand) -> anyhow::Result<Exit> {
    let (action, arguments) = match command {
        BaselineCommand::Create(arguments) => (baseline::Action::Create, arguments),
        BaselineCommand::Update(arguments) => (baseline::Action::Update, arguments),
    };
    let BaselineArguments { paths, common } = arguments;
    let named = common.baseline.clone();
    let options = options::common(common, Target::Paths(paths))?;
    let file = named.or_else(|| options.suppress.baseline.clone());
    let file = file.context("name the file with --baseline FILE")?;
    let (exit, told) = baseline::write(action, &file, &options)?;
    Ok(worse(print(format!("{told}\n").as_bytes()), exit))
}

pub(super) fn suppress(arguments: SuppressArguments) -> anyhow::Result<Exit> {
    let SuppressArguments { fingerprint, path, owner, reason, until, common } = arguments;
    let fingerprint = fingerprint.parse().map_err(anyhow::Error::msg)?;
    let until = suppressions::date(&until)?;
    let request = suppress::Request { fingerprint, owner, reason, until };
    let folders = config::upwards(&path);
    let options = options::common(common, Target::Paths(vec![path]))?;
    let file = options.suppress.file.clone().or_else(|| {
        let root = folders.last().map(PathBuf::as_path).unwrap_or(Path::new("."));
        Some(root.join(suppressions::FILE))
    });
    let file = file.context("there is no place for the suppressions")?;
    let told = suppress::command(&file, &request, &options)?;
    Ok(print(format!("{told}\n").as_bytes()))
}

pub(super) fn signatures(command: SignaturesCommand) -> anyhow::Result<Exit> {
    let set = |files: Vec<PathBuf>| {
        let options = room::Options { files, ..room::Options::default() };
        anyhow::Ok(room::open(room::builtin(), &options)?.set)
    };
    let mut text = Vec::new();
    let mut exit = Exit::Clean;
    match command {
        SignaturesCommand::List(typed) => {
            let format = if typed.format == "json" { ListFormat::Json } else { ListFormat::Text };
            signatures::list(&set(typed.signatures)?, format, &mut text)?;
        }
        SignaturesCommand::Show(typed) => {
            let samples = signatures::samples(&typed.signatures)?;
            signatures::show(&set(typed.signatures)?, &samples, &typed.id, &mut text)?;
        }
        SignaturesCommand::Check(typed) => {
            let options = signatures::CheckOptions {
                path: typed.path,
                cost: typed.cost,
                ..Default::default()
            };
            let checked = signatures::check(&options, &mut text)?;
            exit = if checked.complaints.is_empty() { Exit::Clean } else { Exit::Usage };
        }
        SignaturesCommand::Import(typed) => {
            let imported = signatures::import(&typed.file)?;
            let mut told = imported.told;
            match (imported.text, typed.output) {
                (None, _) => told.push_str("it has no rules of its own: nothing is written\n"),
                (Some(made), Some(file)) => {
                    signatures::write_new(&file, &made)?;
                    told.push_str(&format!("written to {}\n", file.display()));
                }
                (Some(made), None) => text.extend_from_slice(made.as_bytes()),
            }
            // Standard output may be the file: what was left out is told beside it.
            eprint(&told);
        }
    }
    Ok(worse(print(&text), exit))
}

fn worse(printed: Exit, exit: Exit) -> Exit {
    if printed == Exit::Clean { exit } else { printed }
}
