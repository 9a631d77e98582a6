//! Where the bytes of a result file go: into it as they are, or compressed as its name's ending says.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// A result file is written once and read now and then: little time is spent on making it small.
const ZSTD_LEVEL: i32 = 1;

/// What a file's name says about its compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
}

impl Compression {
    pub(super) fn of(path: &Path) -> Compression {
        match path.extension() {
            Some(ending) if ending.eq_ignore_ascii_case("gz") => Compression::Gzip,
            Some(ending) if ending.eq_ignore_ascii_case("zst") => Compression::Zstd,
            _ => Compression::None,
        }
    }

    /// Whether a file can be gone on with: its last part must be complete, or nothing behind it could be read. One
    /// that a killed run left is not.
    pub(super) fn check_complete(self, path: &Path) -> io::Result<()> {
        let file = io::BufReader::new(File::open(path)?);
        let mut bytes: Box<dyn Read> = match self {
            Compression::None => return Ok(()),
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
            Compression::Zstd => Box::new(zstd::Decoder::with_buffer(file)?),
        };
        match io::copy(&mut bytes, &mut io::sink()) {
            Ok(_) => Ok(()),
            Err(error) => Err(io::Error::new(
                error.kind(),
                format!("it is there already and not complete ({error}); -f deletes it, another name keeps it"),
            )),
        }
    }
}

/// An open file.
pub(super) enum Sink {
    Plain(File),
    Gzip(flate2::write::GzEncoder<File>),
    Zstd(Box<zstd::Encoder<'static, File>>),
}

impl Sink {
    pub(super) fn new(file: File, compression: Compression) -> io::Result<Sink> {
        Ok(match compression {
            Compression::None => Sink::Plain(file),
            Compression::Gzip => Sink::Gzip(flate2::write::GzEncoder::new(file, flate2::Compression::fast())),
            Compression::Zstd => Sink::Zstd(Box::new(zstd::Encoder::new(file, ZSTD_LEVEL)?)),
        })
    }

    /// Whether bytes may wait in it for [`Write::flush`].
    pub(super) fn keeps(&self) -> bool {
        !matches!(self, Sink::Plain(_))
    }

    /// Writes the end of what is compressed.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        match self {
            Sink::Plain(_) => Ok(()),
            Sink::Gzip(encoder) => encoder.try_finish(),
            Sink::Zstd(encoder) => encoder.do_finish(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Plain(file) => file.write(bytes),
            Sink::Gzip(encoder) => encoder.write(bytes),
            Sink::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Plain(_) => Ok(()),
            Sink::Gzip(encoder) => encoder.flush(),
            Sink::Zstd(encoder) => encoder.flush(),
        }
    }
}
