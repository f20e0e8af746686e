//! How fast each provider is asked at each of its hosts: a token bucket for every name.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// Requests that may be made at once after a pause.
const BURST: f64 = 3.0;

/// Buckets by name.
#[derive(Debug)]
pub struct Pace {
    /// Requests a second.
    rate: f64,
    hosts: Mutex<BTreeMap<String, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Requests that may be made at `at`.
    full: f64,
    at: Instant,
}

impl Pace {
    /// So many requests a second and name, at least one in ten minutes.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self { rate: rate.max(1.0 / 600.0), hosts: Mutex::default() }
    }

    /// Waits until the name's turn has come once more.
    pub async fn wait(&self, name: &str) {
        let due = {
            let mut hosts = self.hosts.lock().await;
            let now = Instant::now();
            let bucket = hosts.entry(name.to_owned()).or_insert(Bucket { full: BURST, at: now });
            let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
            bucket.full = (bucket.full + passed * self.rate).min(BURST) - 1.0;
            // A debt is waited for; whoever comes next waits for its own on top.
            bucket.at = bucket.at.max(now);
            now + Duration::from_secs_f64((-bucket.full).max(0.0) / self.rate)
        };
        sleep_until(due).await;
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use std::time::Duration;
    use tokio::time::Instant;

    fn run(future: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(future);
    }

    #[test]
    fn a_burst_passes_and_the_rest_is_spread() {
        run(async {
            // At one in ten seconds each that had to wait would take that long.
            let slow = Pace::new(0.1);
            let started = Instant::now();
            for name in ["a", "a", "a", "b", "b", "b"] {
                slow.wait(name).await;
            }
            assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
            let pace = Pace::new(20.0);
            let started = Instant::now();
            for _ in 0..9 {
                pace.wait("a").await;
            }
            assert!(started.elapsed() >= Duration::from_millis(290), "{:?}", started.elapsed());
        });
    }
}
