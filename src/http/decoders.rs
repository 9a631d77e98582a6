//! `gzip`, `deflate` and `br`, with the failures of the Java streams that HttpClient and JMeter use for them.

use brotli::enc::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};
use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::failure::{EOF, Fault, IO, ZIP};
use super::response_head::Head;

/// Where a decoder's output goes.
type Output<'a> = dyn FnMut(&[u8]) -> Result<(), Fault> + 'a;

/// One decoder in the chain of a body.
pub(super) enum Decoder {
    Gzip(Gzip),
    Deflate(Deflate),
    Brotli(Box<Brotli>),
}

/// The decoders for a body, the first to be applied first: HttpClient takes the first `Content-Encoding` header and
/// wraps one stream around the other in the order of its elements; unknown ones it leaves alone.
pub(super) fn decoders_for(head: &Head, relaxed_gzip: bool, relaxed_deflate: bool) -> Vec<Decoder> {
    let value = if head.is_encoded() { head.first("Content-Encoding") } else { None };
    let Some(value) = value else { return Vec::new() };
    value
        .split(',')
        .filter_map(|element| {
            let name = element.split([';', '=']).next().unwrap_or_default().trim();
            if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
                Some(Decoder::Gzip(Gzip::new(relaxed_gzip)))
            } else if name.eq_ignore_ascii_case("deflate") {
                Some(Decoder::Deflate(Deflate::new(relaxed_deflate)))
            } else if name.eq_ignore_ascii_case("br") {
                Some(Decoder::Brotli(Box::new(Brotli::new())))
            } else {
                None
            }
        })
        .collect()
}

impl Decoder {
    pub fn push(&mut self, bytes: &[u8], output: &mut Output<'_>) -> Result<(), Fault> {
        match self {
            Decoder::Gzip(gzip) => gzip.push(bytes, output),
            Decoder::Deflate(deflate) => deflate.push(bytes, output),
            Decoder::Brotli(brotli) => brotli.push(bytes, output),
        }
    }

    pub fn finish(&mut self, output: &mut Output<'_>) -> Result<(), Fault> {
        match self {
            Decoder::Gzip(gzip) => gzip.finish(),
            Decoder::Deflate(deflate) => deflate.finish(),
            Decoder::Brotli(brotli) => brotli.finish(output),
        }
    }
}

fn early_end() -> Fault {
    Fault::new(EOF, "Unexpected end of ZLIB input stream")
}

/// A run of deflate blocks, with or without zlib's frame.
struct Inflate {
    state: Decompress,
    /// The first bytes, from which a failure is named.
    first: Vec<u8>,
    zlib: bool,
}

impl Inflate {
    fn new(zlib: bool) -> Self {
        Self { state: Decompress::new(zlib), first: Vec::new(), zlib }
    }

    /// Decodes, and returns how many bytes were taken and whether the run has ended.
    fn push(&mut self, bytes: &[u8], output: &mut Output<'_>) -> Result<(usize, bool), Fault> {
        if self.state.total_in() < 8 {
            self.first.extend_from_slice(&bytes[..bytes.len().min(8)]);
        }
        let mut buffer = vec![0; 16 * 1024];
        let mut taken = 0;
        loop {
            let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(&bytes[taken..], &mut buffer, FlushDecompress::None);
            taken += (self.state.total_in() - before_in) as usize;
            let produced = (self.state.total_out() - before_out) as usize;
            if produced > 0 {
                output(&buffer[..produced])?;
            }
            match status {
                Ok(Status::StreamEnd) => return Ok((taken, true)),
                Ok(_) if produced == 0 && taken == bytes.len() => return Ok((taken, false)),
                Ok(_) if produced == 0 && self.state.total_in() == before_in => return Ok((taken, false)),
                Ok(_) => {}
                Err(_) => return Err(Fault::new(ZIP, self.flaw())),
            }
        }
    }

    /// What zlib calls the flaw. Our decoder does not say; the first block's beginning tells the common cases, which
    /// are those of a body that is not compressed at all.
    fn flaw(&self) -> &'static str {
        let blocks = self.first.get(if self.zlib { 2 } else { 0 }..).unwrap_or_default();
        let [head, rest @ ..] = blocks else { return "invalid distance too far back" };
        let block_type = head >> 1 & 3;
        match block_type {
            _ if self.state.total_out() > 0 => "invalid distance too far back",
            0 => "invalid stored block lengths",
            3 => "invalid block type",
            2 if head >> 3 > 29 || rest.first().is_some_and(|next| next & 31 > 29) => {
                "too many length or distance symbols"
            }
            2 => "invalid code lengths set",
            _ => "invalid distance too far back",
        }
    }
}

/// `java.util.zip.GZIPInputStream`.
pub(super) struct Gzip {
    relaxed: bool,
    state: GzipState,
    /// Bytes of a header or trailer that has not come whole.
    partial: Vec<u8>,
    inflate: Inflate,
    crc: Crc,
    members: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GzipState {
    Header,
    Blocks,
    Trailer,
    /// What follows the last member is no header, and is left unread.
    Done,
}

impl Gzip {
    fn new(relaxed: bool) -> Self {
        Self {
            relaxed,
            state: GzipState::Header,
            partial: Vec::new(),
            inflate: Inflate::new(false),
            crc: Crc::new(),
            members: 0,
        }
    }

    fn push(&mut self, mut bytes: &[u8], output: &mut Output<'_>) -> Result<(), Fault> {
        while !bytes.is_empty() {
            match self.state {
                GzipState::Done => return Ok(()),
                GzipState::Header => {
                    self.partial.extend_from_slice(bytes);
                    let length = match gzip_header(&self.partial) {
                        Ok(Some(length)) => length,
                        Ok(None) => return Ok(()),
                        Err(_) if self.members > 0 => {
                            self.state = GzipState::Done;
                            return Ok(());
                        }
                        Err(flaw) => return Err(Fault::new(ZIP, flaw)),
                    };
                    let header = std::mem::take(&mut self.partial);
                    self.state = GzipState::Blocks;
                    self.inflate = Inflate::new(false);
                    self.crc.reset();
                    bytes = &bytes[bytes.len() - (header.len() - length)..];
                }
                GzipState::Blocks => {
                    let crc = &mut self.crc;
                    let (taken, ended) = self.inflate.push(bytes, &mut |content: &[u8]| {
                        crc.update(content);
                        output(content)
                    })?;
                    bytes = &bytes[taken..];
                    if ended {
                        self.state = GzipState::Trailer;
                    } else if taken == 0 {
                        return Ok(());
                    }
                }
                GzipState::Trailer => {
                    let taken = bytes.len().min(8 - self.partial.len());
                    self.partial.extend_from_slice(&bytes[..taken]);
                    bytes = &bytes[taken..];
                    if self.partial.len() == 8 {
                        let expected = [self.crc.sum().to_le_bytes(), self.crc.amount().to_le_bytes()].concat();
                        if self.partial != expected {
                            return Err(Fault::new(ZIP, "Corrupt GZIP trailer"));
                        }
                        self.partial.clear();
                        self.members += 1;
                        self.state = GzipState::Header;
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Fault> {
        match self.state {
            GzipState::Done => Ok(()),
            GzipState::Header if self.members > 0 => Ok(()),
            // The first header is read before JMeter's lenience begins.
            GzipState::Header => Err(Fault::bare(EOF)),
            _ if self.relaxed => Ok(()),
            GzipState::Blocks => Err(early_end()),
            GzipState::Trailer => Err(Fault::bare(EOF)),
        }
    }
}

/// The length of a gzip header, if it is there as a whole; the flaw of one that is none.
fn gzip_header(bytes: &[u8]) -> Result<Option<usize>, &'static str> {
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const EXTRA: u8 = 4;
    const CRC: u8 = 2;
    if bytes.len() >= 2 && bytes[..2] != [0x1f, 0x8b] {
        return Err("Not in GZIP format");
    }
    if bytes.len() >= 3 && bytes[2] != 8 {
        return Err("Unsupported compression method");
    }
    let Some(&flags) = bytes.get(3) else { return Ok(None) };
    let mut at = 10;
    if flags & EXTRA != 0 {
        let Some(&[low, high]) = bytes.get(at..at + 2) else { return Ok(None) };
        at += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 {
            let Some(end) = bytes.get(at..).and_then(|rest| memchr::memchr(0, rest)) else { return Ok(None) };
            at += end + 1;
        }
    }
    if flags & CRC != 0 {
        let Some(&[low, high]) = bytes.get(at..at + 2) else { return Ok(None) };
        let mut crc = Crc::new();
        crc.update(&bytes[..at]);
        if crc.sum() & 0xffff != u32::from(u16::from_le_bytes([low, high])) {
            return Err("Corrupt GZIP header");
        }
        at += 2;
    }
    Ok((bytes.len() >= at).then_some(at))
}

/// `org.apache.http.client.entity.DeflateInputStream`: zlib's frame if the first two bytes look like one, else none.
pub(super) struct Deflate {
    relaxed: bool,
    first: Vec<u8>,
    inflate: Option<Inflate>,
    ended: bool,
}

impl Deflate {
    fn new(relaxed: bool) -> Self {
        Self { relaxed, first: Vec::new(), inflate: None, ended: false }
    }

    fn push(&mut self, bytes: &[u8], output: &mut Output<'_>) -> Result<(), Fault> {
        if self.ended {
            return Ok(());
        }
        if let Some(inflate) = &mut self.inflate {
            self.ended = inflate.push(bytes, output)?.1;
            return Ok(());
        }
        self.first.extend_from_slice(bytes);
        let [first, second, ..] = *self.first else { return Ok(()) };
        let is_zlib =
            first & 15 == 8 && first >> 4 <= 7 && (u16::from(first) << 8 | u16::from(second)).is_multiple_of(31);
        let bytes = std::mem::take(&mut self.first);
        self.ended = self.inflate.insert(Inflate::new(is_zlib)).push(&bytes, output)?.1;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Fault> {
        match &self.inflate {
            None => Err(Fault::new(ZIP, "Unexpected end of stream")),
            Some(_) if self.ended || self.relaxed => Ok(()),
            Some(_) => Err(early_end()),
        }
    }
}

/// `org.brotli.dec.BrotliInputStream`. What comes out is handed on block by block: a few bytes may become gigabytes.
pub(super) struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    any: bool,
    ended: bool,
}

impl Brotli {
    fn new() -> Self {
        let alloc = StandardAlloc::default;
        Self { state: BrotliState::new(alloc(), alloc(), alloc()), any: false, ended: false }
    }

    fn push(&mut self, bytes: &[u8], output: &mut Output<'_>) -> Result<(), Fault> {
        self.any |= !bytes.is_empty();
        if bytes.is_empty() {
            return Ok(());
        }
        match self.decode(bytes, output)? {
            BrotliResult::ResultFailure => Err(Fault::new(IO, "Brotli stream decoding failed")),
            _ => Ok(()),
        }
    }

    fn finish(&mut self, output: &mut Output<'_>) -> Result<(), Fault> {
        match self.decode(&[], output)? {
            BrotliResult::ResultSuccess => Ok(()),
            _ if self.any => Err(Fault::new(IO, "Brotli stream decoding failed")),
            _ => Err(Fault::new(IO, "Brotli decoder initialization failed")),
        }
    }

    fn decode(&mut self, bytes: &[u8], output: &mut Output<'_>) -> Result<BrotliResult, Fault> {
        let mut buffer = vec![0; 16 * 1024];
        let (mut available, mut taken, mut total) = (bytes.len(), 0, 0);
        loop {
            if self.ended {
                // Junk after the end is a failure.
                let ended = available == 0;
                return Ok(if ended { BrotliResult::ResultSuccess } else { BrotliResult::ResultFailure });
            }
            let (mut room, mut filled) = (buffer.len(), 0);
            let result = BrotliDecompressStream(
                &mut available,
                &mut taken,
                bytes,
                &mut room,
                &mut filled,
                &mut buffer,
                &mut total,
                &mut self.state,
            );
            if filled > 0 {
                output(&buffer[..filled])?;
            }
            match result {
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::ResultSuccess => self.ended = true,
                other => return Ok(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use std::io::Write;

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    /// What a body decodes to, fed byte by byte and as a whole.
    fn decode(encoding: &str, body: &[u8], relaxed: bool) -> Result<String, String> {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\n\r\n");
        let head = Head::parse(head.as_bytes()).unwrap();
        let mut results = [body.len().max(1), 1].map(|size| {
            let mut decoders = decoders_for(&head, relaxed, relaxed);
            assert_eq!(decoders.len(), 1);
            let mut content = Vec::new();
            let mut output = |bytes: &[u8]| {
                content.extend_from_slice(bytes);
                Ok(())
            };
            let mut result = body.chunks(size).try_for_each(|bytes| decoders[0].push(bytes, &mut output));
            if result.is_ok() {
                result = decoders[0].finish(&mut output);
            }
            let text = String::from_utf8(content).unwrap();
            result.map(|()| text).map_err(|fault| format!("{}: {:?}", fault.class, fault.message))
        });
        assert_eq!(results[0], results[1]);
        std::mem::replace(&mut results[0], Ok(String::new()))
    }

    #[test]
    fn bodies_are_decoded() {
        let text = "some text, some more text, and some more ".repeat(2000);
        assert_eq!(decode("gzip", &gzip(&text), false).unwrap(), text);
        assert_eq!(decode("X-GZIP", &[gzip("ab"), gzip("c"), b"junk".to_vec()].concat(), false).unwrap(), "abc");
        assert_eq!(decode("deflate", &zlib(&text), false).unwrap(), text);
        let raw = &zlib(&text)[2..];
        assert_eq!(decode("deflate", &raw[..raw.len() - 4], false).unwrap(), text);
        assert_eq!(decode("br", b"\x0b\x02\x80hello\x03", false).unwrap(), "hello");
    }

    #[test]
    fn failures_have_java_s_words() {
        let zip = |message: &str| Err(format!("java.util.zip.ZipException: Some({message:?})"));
        let eof = || Err("java.io.EOFException: None".to_owned());
        let early = || Err("java.io.EOFException: Some(\"Unexpected end of ZLIB input stream\")".to_owned());
        // The bodies of the conformance target's /header endpoint.
        assert_eq!(decode("gzip", b"headers\n", false), zip("Not in GZIP format"));
        assert_eq!(decode("deflate", b"headers\n", false), zip("invalid stored block lengths"));
        assert_eq!(decode("gzip", b"", false), eof());
        assert_eq!(decode("deflate", b"x", false), zip("Unexpected end of stream"));
        let cut = |bytes: Vec<u8>, less: usize| bytes[..bytes.len() - less].to_vec();
        assert_eq!(decode("gzip", &cut(gzip("abc"), 1), false), eof());
        assert_eq!(decode("gzip", &cut(gzip("abc"), 10), false), early());
        assert_eq!(decode("gzip", &cut(gzip("abc"), 1), true), Ok("abc".into()));
        assert_eq!(decode("deflate", &cut(zlib("abc"), 1), false), early());
        let mut flawed = gzip("abc");
        let last = flawed.len() - 1;
        flawed[last] ^= 1;
        assert_eq!(decode("gzip", &flawed, false), zip("Corrupt GZIP trailer"));
        assert_eq!(
            decode("br", b"\x0b\x02\x80he", false),
            Err("java.io.IOException: Some(\"Brotli stream decoding failed\")".into())
        );
    }
}
