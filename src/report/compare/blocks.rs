//! Stretches of a run. Samples that follow each other are alike: a server that is slow now is slow a moment later. What is
//! far apart in time is nearly independent, so that the differences between whole stretches tell how far a figure can be
//! trusted (batch means, block bootstrap).

/// Blocks that are full are joined in pairs when there are this many: between half and all of them are kept.
const MOST_BLOCKS: usize = 128;

/// Values below are kept as they are, larger ones to one part in a thousand.
const EXACT_BELOW: u64 = 2048;

/// Rows that followed each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Response times in ms with how often they were measured, ascending.
    pub values: Vec<(u32, u32)>,
    /// How many rows.
    pub count: u64,
    /// How many of them failed.
    pub errors: u64,
    /// When the first of them began, in ms since the epoch.
    pub start: i64,
}

impl Block {
    fn join(&mut self, later: Block) {
        let mut joined = Vec::with_capacity(self.values.len() + later.values.len());
        let (mut own, mut others) = (self.values.iter().copied().peekable(), later.values.into_iter().peekable());
        loop {
            joined.push(match (own.peek(), others.peek()) {
                (Some(a), Some(b)) if a.0 == b.0 => {
                    let sum = (a.0, a.1 + b.1);
                    others.next();
                    own.next();
                    sum
                }
                (Some(a), Some(b)) if a.0 > b.0 => {
                    let b = *b;
                    others.next();
                    b
                }
                (Some(a), _) => {
                    let a = *a;
                    own.next();
                    a
                }
                (None, Some(b)) => {
                    let b = *b;
                    others.next();
                    b
                }
                (None, None) => break,
            });
        }
        self.values = joined;
        self.count += later.count;
        self.errors += later.errors;
        self.start = self.start.min(later.start);
    }
}

/// The blocks of one label, in memory for some thousand numbers each, however long the run is.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    full: Vec<Block>,
    /// Rows of a full block.
    length: usize,
    /// The response times of the block that is being filled.
    open: Vec<u32>,
    open_errors: u64,
    open_start: i64,
}

impl Default for Blocks {
    fn default() -> Self {
        Self { full: Vec::new(), length: 1, open: Vec::new(), open_errors: 0, open_start: 0 }
    }
}

impl Blocks {
    /// Takes the next row in.
    pub fn record(&mut self, elapsed_millis: u64, success: bool, start_millis: i64) {
        self.open_start = if self.open.is_empty() { start_millis } else { self.open_start.min(start_millis) };
        self.open.push(rounded(elapsed_millis));
        self.open_errors += u64::from(!success);
        if self.open.len() < self.length {
            return;
        }
        let block = self.close();
        self.full.push(block);
        if self.full.len() == MOST_BLOCKS {
            self.full = in_pairs(std::mem::take(&mut self.full));
            self.length *= 2;
        }
    }

    fn close(&mut self) -> Block {
        let mut open = std::mem::take(&mut self.open);
        open.sort_unstable();
        let mut values: Vec<(u32, u32)> = Vec::new();
        for &value in &open {
            match values.last_mut() {
                Some((last, count)) if *last == value => *count += 1,
                _ => values.push((value, 1)),
            }
        }
        let block = Block { values, count: open.len() as u64, errors: self.open_errors, start: self.open_start };
        open.clear();
        self.open = open;
        self.open_errors = 0;
        block
    }

    /// The blocks for the analysis. Each has at least the cube root of all rows, which grows with the run as the block
    /// bootstrap wants it; the rows that are left over are part of the last.
    pub fn finish(mut self) -> Vec<Block> {
        let rest = self.close();
        let rows = self.full.len() * self.length + rest.count as usize;
        while self.full.len() > 1 && self.length * self.length * self.length < rows {
            self.full = in_pairs(self.full);
            self.length *= 2;
        }
        if rest.count > 0 {
            match self.full.last_mut() {
                Some(last) => last.join(rest),
                None => self.full.push(rest),
            }
        }
        self.full
    }
}

fn in_pairs(blocks: Vec<Block>) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::with_capacity(blocks.len() / 2 + 1);
    let whole = blocks.len() / 2 * 2;
    for (index, block) in blocks.into_iter().enumerate() {
        match joined.last_mut() {
            // One that is left over goes into the last pair.
            Some(last) if index % 2 == 1 || index == whole => last.join(block),
            _ => joined.push(block),
        }
    }
    joined
}

/// The value to eleven binary digits.
fn rounded(millis: u64) -> u32 {
    let millis = millis.min(u64::from(u32::MAX));
    let cut = if millis < EXACT_BELOW { 0 } else { millis.ilog2() - (EXACT_BELOW.ilog2() - 1) };
    (millis >> cut << cut) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_the_blocks_are_few() {
        for rows in [0_u64, 1, 2, 7, 30, 127, 128, 129, 1000, 12_345, 100_000] {
            let mut blocks = Blocks::default();
            for row in 0..rows {
                blocks.record(row % 50, row % 10 != 0, row as i64);
            }
            let blocks = blocks.finish();
            assert!(blocks.len() < MOST_BLOCKS);
            assert_eq!(blocks.iter().map(|block| block.count).sum::<u64>(), rows);
            assert_eq!(blocks.iter().map(|block| block.errors).sum::<u64>(), rows.div_ceil(10));
            let values = blocks.iter().flat_map(|block| &block.values);
            assert_eq!(values.map(|(_, count)| u64::from(*count)).sum::<u64>(), rows);
            for block in &blocks {
                assert!(block.values.is_sorted_by(|a, b| a.0 < b.0));
                assert!(block.count.pow(3) >= rows, "{} of {rows}", block.count);
            }
            assert!(blocks.is_sorted_by(|a, b| a.start < b.start));
            if rows >= 1000 {
                assert!(blocks.len() > 30, "{} of {rows}", blocks.len());
            }
        }
    }

    #[test]
    fn large_values_are_kept_to_a_thousandth() {
        for value in [0, 5, 2047, 2048, 2049, 100_001, 3_600_001, u64::from(u32::MAX)] {
            let kept = u64::from(rounded(value));
            assert!(kept <= value && value - kept <= value / 1024, "{value}");
            assert!(value >= EXACT_BELOW || kept == value);
        }
        assert!(rounded(u64::MAX) > u32::MAX / 1024 * 1023);
    }
}
