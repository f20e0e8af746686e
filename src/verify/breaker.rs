//! When a provider is left alone for the rest of a run.

use std::time::Duration;

use crate::model::{Force, Status, Verdict};
use crate::net::Failure;

/// Throttled so often, a provider is not asked again.
const MOST_THROTTLES: u32 = 3;
/// Providers punish long series of refused logins by refusing everybody at our address.
const MOST_DENIALS: u32 = 20;
/// So many failures of the connection in a row, and the host is down.
const MOST_FAILURES: u32 = 3;
/// Seconds that a run waits for one provider, all in all.
const LONGEST_PAUSE: u64 = 10;
/// So many credentials that worked before are refused at once, and none works: the provider is not itself.
const FLIPS: usize = 3;

/// What a run has seen of one provider.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    throttles: u32,
    paused: u64,
    denials: u32,
    failures: u32,
    closed: Option<&'static str>,
    /// Seconds that the provider asked for when it was closed.
    pub(super) retry_after: Option<u64>,
}

impl Breaker {
    /// Why the provider is asked no more.
    pub(super) fn closed(&self) -> Option<&'static str> {
        self.closed
    }

    /// Takes note of a throttled request; how long to wait before the next try, `None`: give up.
    pub(super) fn throttled(&mut self, retry_after: Option<u64>) -> Option<Duration> {
        self.throttles += 1;
        let pause = retry_after.unwrap_or(1 << (self.throttles - 1).min(8));
        self.paused = self.paused.saturating_add(pause);
        if self.throttles > MOST_THROTTLES || self.paused > LONGEST_PAUSE {
            self.closed = Some("rate-limited");
            self.retry_after = retry_after;
            return None;
        }
        Some(Duration::from_secs(pause))
    }

    /// Takes note of an answer.
    pub(super) fn answered(&mut self, status: Status, force: Option<Force>) {
        self.failures = 0;
        match status {
            Status::Revoked if force != Some(Force::Proof) => self.denials += 1,
            Status::Live | Status::LiveLimited => self.denials = 0,
            _ => {}
        }
        if self.denials >= MOST_DENIALS {
            self.closed = Some("many-refusals");
        }
    }

    /// Takes note of a request without an answer.
    pub(super) fn failed(&mut self, failure: Failure) {
        if matches!(failure, Failure::Unsendable) {
            return;
        }
        self.failures += 1;
        if self.failures >= MOST_FAILURES {
            self.closed = Some(failure.name());
        }
    }
}

/// Whether the verdicts of one provider are believed: (before, now) for each credential that was known.
/// A provider that refuses everything that worked before is more likely broken than emptied.
pub(super) fn flips_together(pairs: &[(&Verdict, &Verdict)]) -> bool {
    let refused = |verdict: &Verdict| {
        verdict.status == Status::Revoked && verdict.force != Some(Force::Proof)
    };
    let flipped =
        pairs.iter().filter(|(before, now)| before.status.works() && refused(now)).count();
    flipped >= FLIPS && !pairs.iter().any(|(_, now)| now.status.works())
}

#[cfg(test)]
mod tests {
    use super::{Breaker, flips_together};
    use crate::model::{Force, Status, Verdict};
    use crate::net::Failure;
    use std::time::Duration;

    #[test]
    fn a_throttled_provider_is_given_time_three_times() {
        let mut breaker = Breaker::default();
        let pauses: Vec<_> = (0..4).map(|_| breaker.throttled(None)).collect();
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(pauses, [seconds(1), seconds(2), seconds(4), None]);
        assert_eq!(breaker.closed(), Some("rate-limited"));
        let mut breaker = Breaker::default();
        assert_eq!(breaker.throttled(Some(7)), seconds(7));
        assert_eq!(breaker.throttled(Some(3600)), None);
        assert_eq!(breaker.retry_after, Some(3600));
    }

    #[test]
    fn series_of_refusals_and_failures_end_the_questions() {
        let mut breaker = Breaker::default();
        for _ in 0..19 {
            breaker.answered(Status::Revoked, Some(Force::Strong));
        }
        breaker.answered(Status::Live, None);
        for _ in 0..19 {
            breaker.answered(Status::Revoked, Some(Force::Strong));
        }
        assert_eq!(breaker.closed(), None);
        breaker.answered(Status::Revoked, Some(Force::Strong));
        assert_eq!(breaker.closed(), Some("many-refusals"));
        let mut breaker = Breaker::default();
        breaker.failed(Failure::Timeout);
        breaker.failed(Failure::Timeout);
        breaker.answered(Status::Unknown, None);
        breaker.failed(Failure::Timeout);
        assert_eq!(breaker.closed(), None);
    }

    #[test]
    fn a_provider_that_refuses_all_that_worked_is_not_believed() {
        let live = Verdict::of(Status::Live, None);
        let revoked = Verdict { force: Some(Force::Strong), ..Verdict::of(Status::Revoked, None) };
        assert!(flips_together(&[(&live, &revoked); 3]));
        assert!(!flips_together(&[(&live, &revoked); 2]));
        assert!(!flips_together(&[
            (&live, &revoked),
            (&live, &revoked),
            (&live, &revoked),
            (&live, &live)
        ]));
        let expired = Verdict { force: Some(Force::Proof), ..revoked };
        assert!(!flips_together(&[(&live, &expired); 5]));
    }
}
