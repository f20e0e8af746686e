//! All questions: those of one provider one after the other, the providers side by side.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use super::ask::{Shared, Told, ask, unanswered};
use super::breaker::{Breaker, flips_together};
use super::cache::Cache;
use super::journal::Journal;
use super::options::Options;
use super::plan::{Key, Question};
use crate::model::{Status, Verdict};
use crate::net::{Client, Pace};

/// How often a run looks whether it is to stop.
const TICK: Duration = Duration::from_millis(50);

/// What a run needs from outside.
pub struct Context<'r> {
    /// The way out.
    pub client: &'r Client,
    /// What the user allows.
    pub options: &'r Options,
    /// Told of every request.
    pub journal: &'r mut dyn Journal,
    /// What the time is.
    pub clock: &'r dyn Fn() -> jiff::Timestamp,
    /// Whether to stop; what was learnt until then stays.
    pub stop: &'r dyn Fn() -> bool,
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The verdict of every question.
    pub verdicts: BTreeMap<Key, Verdict>,
    /// Requests that were sent.
    pub requests: u64,
}

/// Asks all questions. Answers of the last day are taken from the cache, clear ones are put there.
///
/// Blocks until all are answered, given up, or the run is to stop: at most as long as the slowest provider
/// takes at its pace. Memory grows with the verdicts alone.
///
/// # Errors
/// The system gives no runtime.
pub fn run(
    questions: Vec<Question>,
    cache: &mut Cache,
    context: Context<'_>,
) -> std::io::Result<Outcome> {
    let Context { client, options, journal, clock, stop } = context;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let now = clock().as_second();
    let mut outcome = Outcome::default();
    let mut by_provider: BTreeMap<String, Vec<Question>> = BTreeMap::new();
    for question in questions {
        match cache.fresh(&question.key, now) {
            Some(verdict) => drop(outcome.verdicts.insert(question.key, verdict.clone())),
            None => by_provider.entry(question.provider().to_owned()).or_default().push(question),
        }
    }
    let budget = options.max_requests.unwrap_or(u64::MAX);
    let shared = Shared {
        client,
        pace: Pace::new(options.rate),
        budget: Cell::new(budget),
        journal: RefCell::new(journal),
        clock,
    };
    let learnt = RefCell::new(BTreeMap::new());
    runtime.block_on(async {
        let mut all: Vec<Pin<Box<dyn Future<Output = ()> + '_>>> = Vec::new();
        for questions in by_provider.values() {
            all.push(Box::pin(one_by_one(questions, &shared, &learnt)));
        }
        until(stop, together(all)).await;
    });
    outcome.requests = budget - shared.budget.get();
    let mut learnt = learnt.into_inner();
    for questions in by_provider.values() {
        settle(questions, &mut learnt, cache, clock());
    }
    outcome.verdicts.extend(learnt);
    Ok(outcome)
}

/// The questions of one provider.
async fn one_by_one(
    questions: &[Question],
    shared: &Shared<'_>,
    learnt: &RefCell<BTreeMap<Key, Verdict>>,
) {
    let mut breaker = Breaker::default();
    for question in questions {
        let verdict = loop {
            let now = (shared.clock)();
            let give_up = |reason, later| unanswered(reason, &question.probe, later, now);
            if let Some(reason) = breaker.closed() {
                break give_up(reason, breaker.retry_after);
            }
            match ask(question, shared).await {
                Told::Verdict(verdict) => {
                    breaker.answered(verdict.status, verdict.force);
                    break verdict;
                }
                Told::Throttled(later) => match breaker.throttled(later) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => break give_up("rate-limited", later),
                },
                Told::Failed(failure) => {
                    breaker.failed(failure);
                    break give_up(failure.name(), None);
                }
                Told::Spent => break give_up("request-budget", None),
            }
        };
        learnt.borrow_mut().insert(question.key, verdict);
    }
}

/// What was not reached is said to be so, and a provider that is not itself is not believed.
fn settle(
    questions: &[Question],
    learnt: &mut BTreeMap<Key, Verdict>,
    cache: &mut Cache,
    now: jiff::Timestamp,
) {
    for question in questions {
        let missed = || unanswered("interrupted", &question.probe, None, now);
        learnt.entry(question.key).or_insert_with(missed);
    }
    let known = |question: &Question| Some((cache.last(&question.key)?.clone(), question.key));
    let known: Vec<_> = questions.iter().filter_map(known).collect();
    let pairs: Vec<_> = known.iter().map(|(before, key)| (before, &learnt[key])).collect();
    if flips_together(&pairs) {
        for question in questions {
            if let Some(verdict) =
                learnt.get_mut(&question.key).filter(|it| it.status == Status::Revoked)
            {
                verdict.status = Status::Unknown;
                verdict.reason = Some("all-flipped".to_owned());
                verdict.force = None;
            }
        }
    }
    for question in questions {
        cache.keep(question.key, &learnt[&question.key], now.as_second());
    }
}

/// Runs futures side by side on this thread.
async fn together(mut all: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>) {
    poll_fn(|context| {
        all.retain_mut(|one| one.as_mut().poll(context).is_pending());
        if all.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Runs a future until it is done or the run is to stop.
async fn until(stop: &dyn Fn() -> bool, work: impl Future<Output = ()>) {
    let mut work = Box::pin(work);
    let mut tick = Box::pin(tokio::time::sleep(TICK));
    poll_fn(|context| {
        if work.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        while tick.as_mut().poll(context).is_ready() {
            if stop() {
                return Poll::Ready(());
            }
            tick.set(tokio::time::sleep(TICK));
        }
        Poll::Pending
    })
    .await;
}
