//! Memory for decoded objects: counted, handed back, used again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes of decoded objects may be held at a time.
pub(super) struct Budget {
    held: AtomicU64,
    most: u64,
}

impl Budget {
    pub(super) fn new(most: u64) -> Self {
        Self { held: AtomicU64::new(0), most }
    }

    fn take(&self, bytes: u64) -> bool {
        let more = |held: u64| held.checked_add(bytes).filter(|sum| *sum <= self.most);
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }
}

/// The bytes of an object, shared by the deltas on it.
pub(super) struct Held<'b> {
    bytes: Vec<u8>,
    counted: u64,
    budget: &'b Budget,
}

impl Held<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.counted, Ordering::Relaxed);
    }
}

/// What is remembered of an object, shared by the deltas on it.
pub(super) struct Remembered<'b, M> {
    pub(super) what: M,
    counted: u64,
    budget: &'b Budget,
}

impl<'b, M> Remembered<'b, M> {
    /// Counts what takes so many bytes; `None` where the budget does not allow it now.
    pub(super) fn new((what, bytes): (M, u64), budget: &'b Budget) -> Option<Self> {
        // Not `then_some`: what is made too early gives back on its end what was never taken.
        budget.take(bytes).then(|| Self { what, counted: bytes, budget })
    }
}

impl<M> Drop for Remembered<'_, M> {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.counted, Ordering::Relaxed);
    }
}

/// How many buffers a thread keeps for the next objects, and up to which size each.
const KEPT: usize = 8;
const KEPT_BYTES: usize = 1 << 20;

/// A thread's buffers.
pub(super) struct Pool<'b> {
    budget: &'b Budget,
    free: Vec<Vec<u8>>,
}

impl<'b> Pool<'b> {
    pub(super) fn new(budget: &'b Budget) -> Self {
        Self { budget, free: Vec::new() }
    }

    /// A buffer for an object of this size; `None` where the budget does not allow it now.
    pub(super) fn buffer(&mut self, size: u64) -> Option<Held<'b>> {
        if !self.budget.take(size) {
            return None;
        }
        let bytes = self.free.pop().unwrap_or_default();
        Some(Held { bytes, counted: size, budget: self.budget })
    }

    /// Takes a buffer back, where nobody else holds it.
    pub(super) fn give_back(&mut self, held: Arc<Held<'b>>) {
        if let Ok(mut held) = Arc::try_unwrap(held) {
            let bytes = std::mem::take(&mut held.bytes);
            if self.free.len() < KEPT && bytes.capacity() <= KEPT_BYTES {
                self.free.push(bytes);
            }
        }
    }
}

/// The buffer itself, to be filled.
pub(super) fn filled<'h>(held: &'h mut Held<'_>) -> &'h mut Vec<u8> {
    &mut held.bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_had_again() {
        let budget = Budget::new(100);
        let mut pool = Pool::new(&budget);
        let first = pool.buffer(60).unwrap();
        assert!(pool.buffer(41).is_none());
        let second = pool.buffer(40).unwrap();
        drop(second);
        pool.give_back(Arc::new(first));
        assert!(pool.buffer(100).is_some());
        assert!(pool.buffer(u64::MAX).is_none());
    }

    #[test]
    fn what_is_remembered_counts_until_it_is_forgotten() {
        let budget = Budget::new(100);
        let first = Remembered::new(("first", 60), &budget);
        assert_eq!(first.as_ref().map(|first| first.what), Some("first"));
        assert!(Remembered::new(("second", 60), &budget).is_none());
        drop(first);
        assert!(Remembered::new(("second", 60), &budget).is_some());
    }
}
