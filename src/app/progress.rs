//! A bar on standard error for scans that take a while.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::collect::Counters;
use super::options::Target;
use crate::sources;

/// A scan that is done by then shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(100);

/// Does the work; where somebody watches, shows how far it is.
pub fn shown_while<T>(counters: Option<&Counters>, target: &Target, work: impl FnOnce() -> T) -> T {
    let Some(counters) = counters else { return work() };
    std::thread::scope(|scope| {
        let (done, waiting) = channel::<()>();
        scope.spawn(move || show(counters, target, &waiting));
        let result = work();
        drop(done);
        result
    })
}

fn show(counters: &Counters, target: &Target, done: &Receiver<()>) {
    let started = Instant::now();
    if done.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let plain = ProgressStyle::with_template("{spinner} {msg}").expect("a template of ours");
    bar.set_style(plain);
    if let Target::Paths(paths) = target {
        // How much there is, counted while the scan goes on: only then can a rest be told.
        let total =
            sources::count(paths, &|| matches!(done.try_recv(), Err(TryRecvError::Disconnected)));
        bar.set_length(total);
        let whole = "{bar:24} {percent:>3} % {msg}, {eta} left";
        bar.set_style(ProgressStyle::with_template(whole).expect("a template of ours"));
        bar.reset_eta();
    }
    while done.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
        let files = counters.files.load(Ordering::Relaxed);
        let bytes = counters.bytes.load(Ordering::Relaxed);
        let rate = (bytes as f64 / started.elapsed().as_secs_f64()) as u64;
        bar.set_position(files);
        let told = format!("{files} files, {}, {}/s", HumanBytes(bytes), HumanBytes(rate));
        bar.set_message(told);
        bar.tick();
    }
    bar.finish_and_clear();
}
