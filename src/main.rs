//! The leakspan command.

fn main() -> std::process::ExitCode {
    leakspan::cli::main()
}
