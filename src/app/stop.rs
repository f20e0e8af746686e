//! Reasons to stop early: Ctrl-C and the time limit.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Set by the first Ctrl-C. The one global of the program: a signal has no other way in.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Says whether to go on.
#[derive(Debug, Default)]
pub struct Stop {
    deadline: Option<(Instant, Duration)>,
    /// Set once a deadline was seen to be over.
    late: OnceLock<()>,
}

impl Stop {
    /// Stops when the limit is over, if there is one, or at Ctrl-C.
    #[must_use]
    pub fn after(limit: Option<Duration>) -> Self {
        Self { deadline: limit.map(|limit| (Instant::now() + limit, limit)), late: OnceLock::new() }
    }

    /// Whether to stop. Costs a reading of the clock where there is a limit, else nothing.
    #[must_use]
    pub fn stopped(&self) -> bool {
        if INTERRUPTED.load(Ordering::Relaxed) {
            return true;
        }
        let Some((end, _)) = self.deadline else { return false };
        let over = self.late.get().is_some() || Instant::now() >= end;
        if over {
            self.late.get_or_init(|| ());
        }
        over
    }

    /// The limit, where it has cut the scan short.
    #[must_use]
    pub fn timed_out(&self) -> Option<Duration> {
        self.late.get().and(self.deadline).map(|(_, limit)| limit)
    }

    /// Whether Ctrl-C was pressed.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        INTERRUPTED.load(Ordering::Relaxed)
    }
}

/// Makes Ctrl-C (and a request to terminate) stop scans; the second one ends the process at once.
pub fn listen() {
    let heard = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            #[expect(clippy::exit, reason = "the user asks twice: some read does not come back")]
            std::process::exit(130);
        }
    });
    // A second handler in one process is refused: then the first one still works.
    drop(heard);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_nothing_is_over_at_once_and_no_limit_never() {
        let late = Stop::after(Some(Duration::ZERO));
        assert!(late.timed_out().is_none(), "nobody has asked yet");
        assert!(late.stopped());
        assert_eq!(late.timed_out(), Some(Duration::ZERO));
        assert!(!Stop::after(None).stopped());
        assert!(!Stop::after(Some(Duration::from_secs(3600))).stopped());
    }
}
