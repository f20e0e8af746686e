//! The walk over all objects: each is decoded once, a delta while its base is at hand.
//!
//! ```text
//! roots (whole objects) -> threads, depth first: base in memory -> deltas on it -> deltas on those …
//! ```
//! A thread that has nothing to do takes the rest of another's oldest base, so one large tree of deltas
//! keeps all threads busy. What the budget does not allow is put off and read alone at the end.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use gix::objs::Kind;
use gix::zlib::Inflate;

use super::budget::{Budget, Held, Pool, Remembered, filled};
use super::copy::{Copy, Role};
use super::delta::{self, Fault};
use super::doubles::{lies, proves, stream_proves};
use super::inflate;
use super::limits::{
    MAX_AGAIN, MAX_HELD, MAX_OBJECT, MAX_REMEMBERED, SMALL, STREAMED, corrupt, too_large,
};
use super::pack::NONE;
use super::store::Store;
use super::visit::{Base, Bytes, Line, Object, Visit, Which};
use super::work::{Frame, Task, Work, lock};
use crate::git::objects::Unread;
use crate::model::{Copied, Reason};

/// Visits every wanted object once, each thread with a receiver of its own. The store must be loaded.
pub(crate) fn visit<V: Visit>(
    store: &Store,
    which: &Which<'_>,
    threads: usize,
    receiver: &(dyn Fn() -> V + Sync),
) {
    let budgets = Budgets::new(MAX_HELD);
    let needed = |pack| super::needed::needed(pack, which.wanted);
    let needed: Vec<Vec<bool>> = store.packs.iter().map(needed).collect();
    let work = Work::new(store, which, &needed);
    let left: Mutex<Vec<Left>> = Mutex::default();
    let shared = Shared { wanted: which.wanted, needed: &needed, owed: false };
    std::thread::scope(|scope| {
        let run = || {
            let mut hand = Hand::new(store, shared, &budgets, receiver());
            hand.run(&work);
            lock(&left).append(&mut hand.left);
        };
        for _ in 1..threads.max(1) {
            scope.spawn(run);
        }
        run();
    });
    let mut left = left.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !left.is_empty() {
        left.sort_by_key(|left| (left.number, left.further.is_some()));
        again(store, shared, &receiver, left);
    }
    // Also what has the right bytes is shown, where others were shown for it; at the latest among the blobs.
    let last = which.kinds.contains(&Kind::Blob);
    let fits = |copy| last || store.kind_of(copy).is_some_and(|kind| which.kinds.contains(&kind));
    let owed = store.doubles.owed(fits).into_iter();
    let owed = owed.map(|(number, copy)| Left { number, failed: None, further: Some(copy) });
    again(store, Shared { owed: true, ..shared }, &receiver, owed.collect());
}

/// Reads objects one by one, where there is room for large ones.
fn again<V: Visit>(store: &Store, shared: Shared<'_>, receiver: &dyn Fn() -> V, left: Vec<Left>) {
    if left.is_empty() {
        return;
    }
    let budgets = Budgets::new(3 * MAX_OBJECT);
    let mut hand = Hand::new(store, shared, &budgets, receiver());
    for left in left {
        if hand.visitor.stopped() {
            break;
        }
        match left.further {
            Some(copy) => hand.further_again(left.number, copy),
            None => hand.again(left),
        }
    }
}

/// What the threads of a walk have in common.
#[derive(Clone, Copy)]
struct Shared<'s> {
    wanted: &'s (dyn Fn(u32) -> bool + Sync),
    needed: &'s [Vec<bool>],
    /// Whether copies are shown that have the right bytes.
    owed: bool,
}

/// What may be held at a time.
struct Budgets {
    objects: Budget,
    memories: Budget,
}

impl Budgets {
    fn new(objects: u64) -> Self {
        Self { objects: Budget::new(objects), memories: Budget::new(MAX_REMEMBERED) }
    }
}

/// An object that could not be visited in the walk.
struct Left {
    number: u32,
    /// The copy that failed, and why; `None` where there was no room.
    failed: Option<(Copy, Unread)>,
    /// For another copy of an object that is shown: which.
    further: Option<Copy>,
}

/// One thread.
struct Hand<'s, 'b, V: Visit> {
    store: &'s Store,
    shared: Shared<'s>,
    visitor: V,
    inflate: Inflate,
    delta: Vec<u8>,
    /// What the object at hand copies from its base.
    copies: Vec<Copied>,
    pool: Pool<'b>,
    memories: &'b Budget,
    stack: Vec<Frame<'b, V::Memory>>,
    left: Vec<Left>,
    /// Bytes of objects made so far.
    spent: u64,
}

/// The bytes of a base, and what is remembered of it.
type Under<'a, 'b, M> = (&'a [u8], Option<&'a Remembered<'b, M>>);

/// Why an entry was not made.
enum Failure {
    NoRoom,
    Unread(Unread),
}

impl<'s, 'b, V: Visit> Hand<'s, 'b, V> {
    fn new(store: &'s Store, shared: Shared<'s>, budgets: &'b Budgets, visitor: V) -> Self {
        Self {
            store,
            shared,
            visitor,
            inflate: Inflate::default(),
            delta: Vec::new(),
            copies: Vec::new(),
            pool: Pool::new(&budgets.objects),
            memories: &budgets.memories,
            stack: Vec::new(),
            left: Vec::new(),
            spent: 0,
        }
    }

    fn run(&mut self, work: &Work<'b, V::Memory>) {
        while let Some((task, _busy)) = work.next() {
            match task {
                Task::Rest(frame) => {
                    self.stack.push(frame);
                    self.descend(work);
                }
                Task::Roots(roots) => {
                    for root in roots {
                        if self.visitor.stopped() {
                            return;
                        }
                        self.root(root);
                        self.descend(work);
                    }
                }
            }
        }
    }

    fn root(&mut self, root: Copy) {
        let (pack, at) = match root {
            Copy::Loose(at) => return self.loose(at),
            Copy::Packed(pack, at) => (pack, at),
        };
        let first = self.sibling(pack, self.store.packs[pack as usize].entries[at as usize].child);
        let entry = &self.store.packs[pack as usize].entries[at as usize];
        if first == NONE && entry.size >= STREAMED && entry.kind == Some(Kind::Blob) {
            return self.stream(pack, at);
        }
        match self.whole(pack, at) {
            Ok(data) => self.made(pack, at, data, None),
            Err(failure) => self.fail(pack, at, failure),
        }
    }

    /// Visits a large blob without holding it.
    fn stream(&mut self, pack: u32, at: u32) {
        let opened = &self.store.packs[pack as usize];
        let (entry, stream) = (&opened.entries[at as usize], opened.stream(at).unwrap_or_default());
        let number = entry.number;
        let further = entry.role == Role::Further;
        let checked = || super::streamed::Streamed::new(stream, entry.size);
        if self.store.is_doubled(number) {
            let proven = stream_proves(self.store.ids.id(number), entry.size, &mut checked());
            if !self.is_told(number, Copy::Packed(pack, at), further, proven) {
                return;
            }
        }
        let mut checked = checked();
        let bytes = Bytes::Stream(&mut checked);
        let object = Object { number, kind: Kind::Blob, bytes, further };
        drop(self.visitor.object(object, Line { base: None, heirs: false }));
    }

    fn loose(&mut self, at: u32) {
        let loose = &self.store.loose[at as usize];
        let number = self.store.ids.number(loose.id.as_bytes()).unwrap_or(NONE);
        let copy = Copy::Loose(at);
        let further = self.store.loose_roles[at as usize] == Role::Further;
        let failed = match self.read_loose(at) {
            Ok((held, header)) => {
                let line = Line { base: None, heirs: false };
                drop(self.told((number, copy, further), loose.kind, &held.bytes()[header..], line));
                return self.pool.give_back(Arc::new(held));
            }
            Err(Failure::NoRoom) => None,
            Err(Failure::Unread(unread)) => Some((copy, unread)),
        };
        self.put_off(number, copy, further, failed);
    }

    fn read_loose(&mut self, at: u32) -> Result<(Held<'b>, usize), Failure> {
        let loose = &self.store.loose[at as usize];
        if loose.size > MAX_OBJECT {
            return Err(Failure::Unread(too_large(loose.size)));
        }
        // The file is read as it is first, and may well be as large as the object.
        let mut held = self.room(2 * loose.size)?;
        let read = loose.read(&mut self.inflate, &mut self.delta, filled(&mut held));
        if self.delta.capacity() as u64 > 4 * SMALL {
            self.delta = Vec::new();
        }
        read.map(|header| (held, header)).map_err(Failure::Unread)
    }

    /// Walks down from the bases on the stack until it is empty.
    fn descend(&mut self, work: &Work<'b, V::Memory>) {
        while let Some(frame) = self.stack.last_mut() {
            let (pack, at) = (frame.pack, frame.next);
            if at == NONE || self.visitor.stopped() {
                let done = self.stack.pop().expect("it was looked at");
                self.pool.give_back(done.data);
                continue;
            }
            let after =
                self.sibling(pack, self.store.packs[pack as usize].entries[at as usize].next);
            // The last delta on a base takes the base along: a long chain holds two objects.
            let frame = self.stack.last_mut().expect("it was looked at");
            frame.next = after;
            let (base, memory) = if after == NONE {
                let last = self.stack.pop().expect("it was looked at");
                (last.data, last.memory)
            } else {
                (Arc::clone(&frame.data), frame.memory.clone())
            };
            if work.hungry.load(Ordering::Relaxed)
                && let Some(oldest) = self.stack.iter().position(|frame| frame.next != NONE)
            {
                work.give(self.stack.remove(oldest));
            }
            match self.changed(pack, at, base.bytes()) {
                Ok(data) => self.made(pack, at, data, Some((base.bytes(), memory.as_deref()))),
                Err(failure) => self.fail(pack, at, failure),
            }
            self.pool.give_back(base);
        }
    }

    /// Shows an object, and keeps it while deltas on it are to be read.
    fn made(&mut self, pack: u32, at: u32, data: Held<'b>, base: Option<Under<'_, 'b, V::Memory>>) {
        let entry = &self.store.packs[pack as usize].entries[at as usize];
        let next = self.sibling(pack, entry.child);
        let mut memory = None;
        if entry.role != Role::None && (self.shared.wanted)(entry.number) {
            let kind = entry.kind.expect("only entries with a kind are walked");
            let copies = std::mem::take(&mut self.copies);
            let base = base.filter(|_| self.is_shown(pack, entry.base)).map(|(bytes, memory)| {
                Base { bytes, copies: &copies, memory: memory.map(|memory| &memory.what) }
            });
            let further = entry.role == Role::Further;
            let line = Line { base, heirs: next != NONE && !further };
            let copy = (entry.number, Copy::Packed(pack, at), further);
            let told = self.told(copy, kind, data.bytes(), line);
            self.copies = copies;
            memory = told.and_then(|told| Remembered::new(told, self.memories)).map(Arc::new);
        }
        let data = Arc::new(data);
        if next == NONE {
            self.pool.give_back(data);
        } else {
            self.stack.push(Frame { pack, data, memory, next });
        }
    }

    /// Whether an entry's object is visited as it stands there, and not as another copy.
    fn is_shown(&self, pack: u32, at: u32) -> bool {
        let entry = self.store.packs[pack as usize].entries.get(at as usize);
        let wanted = self.shared.wanted;
        entry.is_some_and(|entry| entry.role == Role::First && wanted(entry.number))
    }

    /// Shows a copy, where it is to be shown. Loose objects, and all of which there are several, must prove
    /// their ids: a packed one alone is covered by nobody else's.
    fn told(
        &mut self,
        (number, copy, further): (u32, Copy, bool),
        kind: Kind,
        bytes: &[u8],
        line: Line<'_, V::Memory>,
    ) -> Option<(V::Memory, u64)> {
        if matches!(copy, Copy::Loose(_)) || self.store.is_doubled(number) {
            let proven = proves(self.store.ids.id(number), kind, bytes);
            if !self.is_told(number, copy, further, proven) {
                return None;
            }
        }
        self.visitor.object(Object { number, kind, bytes: Bytes::Whole(bytes), further }, line)
    }

    /// Notes what a copy has proven, and says whether it is shown.
    fn is_told(&mut self, number: u32, copy: Copy, further: bool, proven: bool) -> bool {
        let doubles = &self.store.doubles;
        match (proven, further) {
            (true, false) => true,
            (true, true) => {
                doubles.proven(number, copy);
                self.shared.owed
            }
            (false, _) => {
                self.visitor.unread(number, lies(self.store.ids.id(number)));
                if further {
                    doubles.shown(number, copy);
                } else {
                    doubles.first_lies(number);
                }
                true
            }
        }
    }

    /// Leaves a copy for the end. A further one that is broken hides nothing: nobody can read it.
    fn put_off(&mut self, number: u32, copy: Copy, further: bool, failed: Option<(Copy, Unread)>) {
        let broken = matches!(&failed, Some((_, unread)) if unread.reason == Reason::Corrupt);
        if !further || !broken {
            self.left.push(Left { number, failed, further: further.then_some(copy) });
        }
    }

    /// The first entry from here on, along the deltas on one base, that has something wanted below it.
    fn sibling(&self, pack: u32, mut at: u32) -> u32 {
        let entries = &self.store.packs[pack as usize].entries;
        while at != NONE && !self.shared.needed[pack as usize][at as usize] {
            at = entries[at as usize].next;
        }
        at
    }

    fn room(&mut self, size: u64) -> Result<Held<'b>, Failure> {
        if size > 2 * MAX_OBJECT {
            return Err(Failure::Unread(too_large(size)));
        }
        self.spent = self.spent.saturating_add(size);
        self.pool.buffer(size).ok_or(Failure::NoRoom)
    }

    /// Inflates a whole object.
    fn whole(&mut self, pack: u32, at: u32) -> Result<Held<'b>, Failure> {
        let opened = &self.store.packs[pack as usize];
        let size = opened.entries[at as usize].size;
        let stream = opened.stream(at).ok_or(Failure::Unread(corrupt()))?;
        if size > MAX_OBJECT {
            return Err(Failure::Unread(too_large(size)));
        }
        let mut held = self.room(size)?;
        match inflate::whole(&mut self.inflate, stream, size as usize, filled(&mut held)) {
            true => Ok(held),
            false => Err(Failure::Unread(corrupt())),
        }
    }

    /// Applies a delta to its base.
    fn changed(&mut self, pack: u32, at: u32, base: &[u8]) -> Result<Held<'b>, Failure> {
        let size = self.store.packs[pack as usize].entries[at as usize].size;
        if size <= SMALL {
            let mut delta = std::mem::take(&mut self.delta);
            let made = self.apply(pack, at, base, &mut delta);
            self.delta = delta;
            return made;
        }
        let mut delta = self.room(size)?;
        self.apply(pack, at, base, filled(&mut delta))
    }

    fn apply(
        &mut self,
        pack: u32,
        at: u32,
        base: &[u8],
        delta: &mut Vec<u8>,
    ) -> Result<Held<'b>, Failure> {
        let opened = &self.store.packs[pack as usize];
        let size = opened.entries[at as usize].size;
        let stream = opened.stream(at).ok_or(Failure::Unread(corrupt()))?;
        if !inflate::whole(&mut self.inflate, stream, size as usize, delta) {
            return Err(Failure::Unread(corrupt()));
        }
        let made = delta::sizes(delta).map(|(_, made, _)| made);
        let made = made.ok_or(Failure::Unread(corrupt()))?;
        if made > MAX_OBJECT {
            return Err(Failure::Unread(too_large(made)));
        }
        let mut held = self.room(made)?;
        let applied = delta::apply(base, delta, filled(&mut held), &mut self.copies, MAX_OBJECT);
        applied.map(|()| held).map_err(|fault| match fault {
            Fault::Corrupt => Failure::Unread(corrupt()),
            Fault::TooLarge(size) => Failure::Unread(too_large(size)),
        })
    }

    /// Puts an entry off, with everything that rests on it.
    fn fail(&mut self, pack: u32, at: u32, failure: Failure) {
        let entries = &self.store.packs[pack as usize].entries;
        let unread = match failure {
            Failure::NoRoom => None,
            Failure::Unread(unread) => Some(unread),
        };
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            let entry = &entries[at as usize];
            if entry.role != Role::None && (self.shared.wanted)(entry.number) {
                let copy = Copy::Packed(pack, at);
                let failed = unread.clone().map(|unread| (copy, unread));
                self.put_off(entry.number, copy, entry.role == Role::Further, failed);
            }
            let mut child = self.sibling(pack, entry.child);
            while child != NONE {
                open.push(child);
                child = self.sibling(pack, entries[child as usize].next);
            }
        }
    }

    /// Reads an object by itself: any copy of it that has not failed yet.
    fn again(&mut self, left: Left) {
        let (tried, mut why) = match left.failed {
            Some((copy, unread)) => (Some(copy), unread),
            None => (None, too_large(MAX_OBJECT)),
        };
        for copy in self.store.copies(left.number) {
            if Some(copy) == tried || self.spent > MAX_AGAIN {
                continue;
            }
            if self.store.doubles.was_shown(left.number, copy) {
                return;
            }
            match self.alone(left.number, copy, false) {
                Ok(()) => return,
                Err(unread) => why = unread,
            }
        }
        self.visitor.unread(left.number, why);
    }

    /// Reads another copy of an object by itself.
    fn further_again(&mut self, number: u32, copy: Copy) {
        let read = match self.spent > MAX_AGAIN {
            true => Err(too_large(MAX_OBJECT)),
            false => self.alone(number, copy, true),
        };
        if let Err(unread) = read {
            self.visitor.unread(number, unread);
        }
    }

    /// Reads a copy by itself, and shows it where it is to be shown.
    fn alone(&mut self, number: u32, copy: Copy, further: bool) -> Result<(), Unread> {
        let read = match copy {
            Copy::Loose(at) => self.read_loose(at).map(|(held, skip)| (held, skip, None)),
            Copy::Packed(pack, at) => self.chain(pack, at).map(|(held, base)| (held, 0, base)),
        };
        let (held, skip, under) = read.map_err(|failure| match failure {
            Failure::Unread(unread) => unread,
            Failure::NoRoom => too_large(MAX_OBJECT),
        })?;
        let copies = std::mem::take(&mut self.copies);
        let base = under.as_ref().map(|under| Base {
            bytes: under.bytes(),
            copies: &copies,
            memory: None,
        });
        let line = Line { base, heirs: false };
        let kind = self.store.kind_of(copy).expect("only what has a kind is read");
        drop(self.told((number, copy, further), kind, &held.bytes()[skip..], line));
        self.copies = copies;
        under.into_iter().for_each(|under| self.pool.give_back(Arc::new(under)));
        self.pool.give_back(Arc::new(held));
        Ok(())
    }

    /// Makes one object from its root on. Also gives what it is a change of, if that is shown there.
    fn chain(&mut self, pack: u32, at: u32) -> Result<(Held<'b>, Option<Held<'b>>), Failure> {
        let entries = &self.store.packs[pack as usize].entries;
        if entries[at as usize].kind.is_none() {
            return Err(Failure::Unread(corrupt()));
        }
        let mut line = vec![at];
        while let Some(base) = line.last().map(|at| entries[*at as usize].base)
            && base != NONE
        {
            line.push(base);
        }
        let mut data = self.whole(pack, line.pop().unwrap_or(at))?;
        while let Some(next) = line.pop() {
            let made = self.changed(pack, next, data.bytes())?;
            let base = std::mem::replace(&mut data, made);
            if line.is_empty() && self.is_shown(pack, entries[at as usize].base) {
                return Ok((data, Some(base)));
            }
            self.pool.give_back(Arc::new(base));
        }
        Ok((data, None))
    }
}

/// Reads one object, any copy of it.
pub(crate) fn read(store: &Store, number: u32) -> Option<Vec<u8>> {
    let budgets = Budgets::new(3 * MAX_OBJECT);
    let shared = Shared { wanted: &|_| true, needed: &[], owed: false };
    let mut hand = Hand::new(store, shared, &budgets, One::default());
    store.kind(number)?;
    store.copies(number).into_iter().find(|copy| hand.alone(number, *copy, false).is_ok());
    hand.visitor.0
}

/// Keeps the one object that it is shown.
#[derive(Default)]
struct One(Option<Vec<u8>>);

impl Visit for One {
    type Memory = ();

    fn object(&mut self, object: Object<'_>, _: Line<'_, ()>) -> Option<((), u64)> {
        if let Bytes::Whole(bytes) = object.bytes {
            self.0 = Some(bytes.to_vec());
        }
        None
    }

    fn unread(&mut self, _: u32, _: Unread) {}

    fn stopped(&self) -> bool {
        false
    }
}
