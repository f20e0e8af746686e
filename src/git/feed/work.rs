//! What the threads of a walk have to do, and how they share it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::budget::{Held, Remembered};
use super::copy::{Copy, Role};
use super::store::Store;
use super::visit::Which;

/// How many roots a thread takes at a time.
const CHUNK: usize = 16;

/// Something to do.
pub(super) enum Task<'b, M> {
    Roots(Vec<Copy>),
    /// The deltas on a base, from this one on.
    Rest(Frame<'b, M>),
}

/// A base in memory and the next delta on it.
pub(super) struct Frame<'b, M> {
    pub(super) pack: u32,
    pub(super) data: Arc<Held<'b>>,
    pub(super) memory: Option<Arc<Remembered<'b, M>>>,
    pub(super) next: u32,
}

/// What the threads share.
pub(super) struct Work<'b, M> {
    roots: Vec<Copy>,
    taken: AtomicUsize,
    /// Bases given away, and how many threads are at work.
    shared: Mutex<(Vec<Frame<'b, M>>, usize)>,
    changed: Condvar,
    /// Whether somebody waits for work.
    pub(super) hungry: AtomicBool,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'b, M> Work<'b, M> {
    pub(super) fn new(store: &Store, which: &Which<'_>, needed: &[Vec<bool>]) -> Self {
        let Which { kinds, wanted } = which;
        let mut roots = Vec::new();
        for (pack, opened) in store.packs.iter().enumerate() {
            let kind = |at: &u32| opened.entries[*at as usize].kind;
            let of_kind = |at: &u32| kind(at).is_some_and(|kind| kinds.contains(&kind));
            let chosen = opened.roots().filter(|at| needed[pack][*at as usize]).filter(of_kind);
            roots.extend(chosen.map(|at| Copy::Packed(pack as u32, at)));
        }
        let loose = store.loose.iter().zip(&store.loose_roles).enumerate();
        let loose = loose.filter(|(_, (loose, role))| {
            let number = || store.ids.number(loose.id.as_bytes());
            **role != Role::None && kinds.contains(&loose.kind) && number().is_some_and(wanted)
        });
        roots.extend(loose.map(|(at, _)| Copy::Loose(at as u32)));
        Self {
            roots,
            taken: AtomicUsize::new(0),
            shared: Mutex::new((Vec::new(), 0)),
            changed: Condvar::new(),
            hungry: AtomicBool::new(false),
        }
    }

    /// The next thing to do. Waits while others may give something away; `None` when all is done.
    pub(super) fn next(&self) -> Option<(Task<'b, M>, Busy<'_, 'b, M>)> {
        let mut shared = lock(&self.shared);
        loop {
            if let Some(frame) = shared.0.pop() {
                shared.1 += 1;
                return Some((Task::Rest(frame), Busy(self)));
            }
            let from = self.taken.fetch_add(CHUNK, Ordering::Relaxed).min(self.roots.len());
            let roots = &self.roots[from..(from + CHUNK).min(self.roots.len())];
            if !roots.is_empty() {
                shared.1 += 1;
                return Some((Task::Roots(roots.to_vec()), Busy(self)));
            }
            self.taken.store(self.roots.len(), Ordering::Relaxed);
            if shared.1 == 0 {
                self.changed.notify_all();
                return None;
            }
            self.hungry.store(true, Ordering::Relaxed);
            shared = self.changed.wait(shared).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn give(&self, frame: Frame<'b, M>) {
        lock(&self.shared).0.push(frame);
        self.hungry.store(false, Ordering::Relaxed);
        self.changed.notify_one();
    }
}

/// A thread at work; also one that panics must not be waited for.
pub(super) struct Busy<'w, 'b, M>(&'w Work<'b, M>);

impl<M> Drop for Busy<'_, '_, M> {
    fn drop(&mut self) {
        lock(&self.0.shared).1 -= 1;
        self.0.changed.notify_all();
    }
}
