//! The bytes of a result file: decompressed, with lines counted, and with a cut-off end told apart from an error.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

const CHUNK: usize = 256 * 1024;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// A buffer over a file.
pub(super) struct Source {
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    /// Lines that were consumed.
    lines: u64,
    ended: bool,
    /// The compressed file ends in the middle of something, as that of a run that was killed.
    cut_off: bool,
}

impl Source {
    pub(super) fn open(path: &Path) -> io::Result<Source> {
        Source::new(File::open(path)?)
    }

    /// What the bytes are compressed with is told by their beginning, so that a file may have any name.
    pub(super) fn new(input: impl Read + Send + 'static) -> io::Result<Source> {
        let mut input = BufReader::with_capacity(CHUNK, input);
        let start = loop {
            match input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        let input: Box<dyn Read + Send> = if start.starts_with(GZIP) {
            Box::new(flate2::bufread::MultiGzDecoder::new(input))
        } else if start.starts_with(ZSTD) {
            Box::new(zstd::Decoder::with_buffer(input)?)
        } else {
            Box::new(input)
        };
        let mut source =
            Source { input, buffer: vec![0; CHUNK], from: 0, to: 0, lines: 0, ended: false, cut_off: false };
        while source.buffered().len() < BYTE_ORDER_MARK.len() && source.more()? {}
        if source.buffered().starts_with(BYTE_ORDER_MARK) {
            source.from += BYTE_ORDER_MARK.len();
        }
        Ok(source)
    }

    /// What was read and not consumed.
    pub(super) fn buffered(&self) -> &[u8] {
        &self.buffer[self.from..self.to]
    }

    /// Reads more behind what is buffered; false at the end.
    pub(super) fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.to == self.buffer.len() {
            // What is left is moved to the front; a record that fills the buffer makes it larger.
            if self.from > 0 {
                self.buffer.copy_within(self.from..self.to, 0);
                self.to -= self.from;
                self.from = 0;
            } else {
                self.buffer.resize(2 * self.buffer.len(), 0);
            }
        }
        let count = loop {
            match self.input.read(&mut self.buffer[self.to..]) {
                Ok(count) => break count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.cut_off = true;
                    break 0;
                }
                Err(error) => return Err(error),
            }
        };
        self.to += count;
        self.ended = count == 0;
        Ok(count > 0)
    }

    /// Goes on behind `count` bytes of what is buffered.
    pub(super) fn skip(&mut self, count: usize) {
        let until = self.to.min(self.from + count);
        self.lines += memchr::memchr_iter(b'\n', &self.buffer[self.from..until]).count() as u64;
        self.from = until;
    }

    /// The line that comes next, from 1.
    pub(super) fn line(&self) -> u64 {
        self.lines + 1
    }

    pub(super) fn is_cut_off(&self) -> bool {
        self.cut_off
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.from == self.to {
            self.more()?;
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, count: usize) {
        self.skip(count);
    }
}
