//! What a script may use before it ends in an error of Java's. All bounds of the languages and of their library are here.
//!
//! - **Time.** Whoever repeats something spends work: a pass of a loop, a call, an item of a walk, a match of a pattern.
//!   After some work the machine looks whether the run is over ([`Machine::spend`](super::machine::Machine::spend)), so
//!   that no script goes on for ever, whatever it is at.
//! - **Memory.** One text, collection or number may be so large and no larger; and now and then the machine looks at what
//!   the process holds. Both end in an `OutOfMemoryError`.
//! - **Depth.** Calls within calls end in a `StackOverflowError`; so do values that are asked for their text, their hash or
//!   their likeness by themselves ([`Visits`]).
//! - **Sharing.** A list may hold another twice, which holds a third twice, and so on: what prints, compares or hashes it
//!   would visit it 2ⁿ times. [`visit`] counts; who has visited too much stops, and the script gets an `OutOfMemoryError`.

use super::value::{Thrown, Value, exceptions};
use std::cell::Cell;

/// Bytes that one text, buffer or file in memory may have.
pub(crate) const TEXT: usize = if cfg!(test) { 1 << 24 } else { 1 << 28 };
/// Items that one collection, array or spread-out range may have.
pub(crate) const ITEMS: usize = if cfg!(test) { 2_000_000 } else { 50_000_000 };
/// Bits that one whole number may have.
pub(crate) const BITS: u64 = 1 << 22;
/// Loops and calls of an expression of JEXL or JavaScript, which holds up the other users of its worker meanwhile.
const EXPRESSION: u64 = 100_000_000;
/// Values that printing, comparing or hashing one value may visit.
const VISITS: usize = if cfg!(test) { 1_000_000 } else { 64_000_000 };

/// `java.lang.OutOfMemoryError: Java heap space`.
pub(crate) fn out_of_memory() -> Thrown {
    Thrown::new(exceptions::OUT_OF_MEMORY, "Java heap space")
}

fn within(wanted: usize, most: usize) -> Result<(), Thrown> {
    if wanted > most { Err(out_of_memory()) } else { Ok(()) }
}

/// Whether a text of so many bytes may be.
pub(crate) fn text(bytes: usize) -> Result<(), Thrown> {
    within(bytes, TEXT)
}

/// Whether a collection of so many items may be.
pub(crate) fn items(count: usize) -> Result<(), Thrown> {
    within(count, ITEMS)
}

/// Whether a whole number of so many bits may be.
pub(crate) fn bits(count: u64) -> Result<(), Thrown> {
    if count > BITS { Err(out_of_memory()) } else { Ok(()) }
}

/// Whether an expression may go on after so many passes and calls. That it may not is the end of it, as the run's end is.
pub(crate) fn expression(steps: u64) -> Result<(), Thrown> {
    if steps > EXPRESSION { Err(Thrown::new(exceptions::THREAD_DEATH, "the script does not end")) } else { Ok(()) }
}

/// The work of a run, and what it may have made, since somebody last looked.
#[derive(Debug, Default)]
pub(super) struct Budget {
    work: usize,
    made: usize,
}

impl Budget {
    /// Work between two looks: a few hundred microseconds.
    const LOOK: usize = 1024;
    /// Bytes that a unit of work is taken to have made.
    const EACH: usize = 256;
    /// Bytes after which the heap is looked at.
    const HEAP: usize = 64 << 20;

    /// Counts work; true when it is time to look whether the run is over.
    pub(super) fn spend(&mut self, work: usize) -> bool {
        self.work = self.work.saturating_add(work);
        if self.work < Self::LOOK {
            return false;
        }
        self.made = self.made.saturating_add(Self::LOOK * Self::EACH);
        self.work = 0;
        true
    }

    /// Counts bytes of one large value.
    pub(super) fn made(&mut self, bytes: usize) {
        self.made = self.made.saturating_add(bytes);
    }

    /// Whether it is time to look at the heap. It stays time until [`heap_is_fine`](Self::heap_is_fine) says otherwise.
    pub(super) fn heap_is_due(&self) -> bool {
        self.made >= Self::HEAP
    }

    pub(super) fn heap_is_fine(&mut self) {
        self.made = 0;
    }
}

/// Whether the process holds more than three quarters of the memory that it may have, of the machine or its container:
/// scripts then get an `OutOfMemoryError`, before the system ends the whole run. Told on Linux only.
pub(crate) fn heap_is_full() -> bool {
    use std::sync::LazyLock;
    const PAGE: u64 = 4096;
    static MOST: LazyLock<Option<u64>> = LazyLock::new(|| {
        let read = |path| std::fs::read_to_string(path).ok();
        let total = read("/proc/meminfo")?
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok())?
            * 1024;
        let container = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse::<u64>().ok());
        Some(container.map_or(total, |most| most.min(total)) / 4 * 3)
    });
    let Some(most) = *MOST else { return false };
    let resident =
        std::fs::read_to_string("/proc/self/statm").ok().and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    resident.is_some_and(|pages| pages.saturating_mul(PAGE) > most)
}

thread_local! {
    /// Values visited since the outermost [`Visits`] began, how many of these there are, and what was too much.
    static VISITED: Cell<usize> = const { Cell::new(0) };
    static WITHIN: Cell<usize> = const { Cell::new(0) };
    static TOO_MUCH: Cell<Option<Excess>> = const { Cell::new(None) };
}

/// What there was too much of.
#[derive(Debug, Clone, Copy)]
enum Excess {
    Memory,
    Depth,
}

/// While it lives, visits are counted as those of one operation.
struct Visits(());

impl Visits {
    /// `None` when an object of the library has led here too often from within itself: a reference to itself, say.
    fn begin() -> Option<Self> {
        /// Operations within operations.
        const DEEPEST: usize = 256;
        match WITHIN.get() {
            0 => VISITED.set(0),
            DEEPEST => {
                TOO_MUCH.set(Some(Excess::Depth));
                return None;
            }
            _ => {}
        }
        WITHIN.set(WITHIN.get() + 1);
        Some(Self(()))
    }
}

/// Runs `work`, whose visits count as those of one operation; its default when operations are too deep within each other.
pub(crate) fn measured<R: Default>(work: impl FnOnce() -> R) -> R {
    let Some(visits) = Visits::begin() else { return R::default() };
    let result = super::machine::with_stack(work);
    drop(visits);
    result
}

impl Drop for Visits {
    fn drop(&mut self) {
        WITHIN.set(WITHIN.get().saturating_sub(1));
    }
}

/// Counts the visit of a value within others; false when it is to be left out, since there were too many.
pub(crate) fn visit() -> bool {
    VISITED.set(VISITED.get() + 1);
    if VISITED.get() > VISITS {
        TOO_MUCH.set(Some(Excess::Memory));
    }
    TOO_MUCH.get().is_none()
}

/// Whether a text that has grown to so many bytes may grow further; if not, what comes is left out.
pub(crate) fn may_grow(bytes: usize) -> bool {
    if bytes > TEXT {
        TOO_MUCH.set(Some(Excess::Memory));
    }
    TOO_MUCH.get().is_none()
}

/// The error of an operation that had to leave something out.
pub(crate) fn settle() -> Result<(), Thrown> {
    match TOO_MUCH.take() {
        None => Ok(()),
        Some(Excess::Memory) => Err(out_of_memory()),
        Some(Excess::Depth) => Err(Thrown::with_cause(exceptions::STACK_OVERFLOW, None, Value::Null)),
    }
}
