//! What becomes of a body as it arrives: decoded (`Content-Encoding`), then kept, summed or dropped.

use bytes::Bytes;
use md5::{Digest, Md5};

use super::decoders::{Decoder, decoders_for};
use super::failure::Fault;
use super::options::{BodyUse, Options};
use super::response_head::{Framing, Head};

/// Takes a body piece by piece. A piece that cannot be decoded does not end the reading: HttpClient reads such a body to
/// its end, too, and uses the connection again.
pub(super) struct Sink {
    decode: bool,
    relaxed_gzip: bool,
    relaxed_deflate: bool,
    decoders: Vec<Decoder>,
    decoded: bool,
    has_body: bool,
    expected: Option<u64>,
    fault: Option<Fault>,
    store: Store,
}

/// What is left of a body at its end.
pub(super) struct Content {
    pub bytes: Bytes,
    /// The length of the decoded body.
    pub len: u64,
    /// Whether it was decoded.
    pub decoded: bool,
    /// Whether a body could follow the head, be it of no bytes.
    pub has_body: bool,
}

impl Sink {
    pub fn new(options: &Options) -> Self {
        Self {
            decode: options.decode,
            relaxed_gzip: options.relaxed_gzip,
            relaxed_deflate: options.relaxed_deflate,
            decoders: Vec::new(),
            decoded: false,
            has_body: false,
            expected: None,
            fault: None,
            store: Store::new(options.keep_body),
        }
    }

    /// The head is known, and whether a body can follow.
    pub fn open(&mut self, head: &Head, has_body: bool) {
        self.has_body = has_body;
        if let Framing::Length(length) = head.framing() {
            self.expected = Some(length);
        }
        if self.decode && has_body && self.expected != Some(0) {
            self.decoders = decoders_for(head, self.relaxed_gzip, self.relaxed_deflate);
            self.decoded = !self.decoders.is_empty();
        }
    }

    pub fn push(&mut self, bytes: &Bytes) {
        if self.decoders.is_empty() {
            self.store.push_whole(bytes, self.expected);
        } else if self.fault.is_none() {
            self.fault = feed(&mut self.decoders, bytes, &mut self.store).err();
        }
    }

    /// How many decoded bytes have come.
    pub fn len(&self) -> u64 {
        self.store.len
    }

    /// The body has ended where it should.
    pub fn finish(mut self) -> Result<Content, Fault> {
        for at in 0..self.decoders.len() {
            if self.fault.is_some() {
                break;
            }
            let (this, next) = self.decoders.split_at_mut(at + 1);
            let store = &mut self.store;
            let result = this[at].finish(&mut |bytes: &[u8]| feed(next, bytes, store));
            self.fault = result.err();
        }
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(Content {
                len: self.store.len,
                bytes: self.store.finish(),
                decoded: self.decoded,
                has_body: self.has_body,
            }),
        }
    }
}

/// Sends bytes through all the decoders into the store.
fn feed(decoders: &mut [Decoder], bytes: &[u8], store: &mut Store) -> Result<(), Fault> {
    match decoders.split_first_mut() {
        None => {
            store.push(bytes);
            Ok(())
        }
        Some((first, rest)) => first.push(bytes, &mut |bytes: &[u8]| feed(rest, bytes, store)),
    }
}

/// This much is set aside at once for a body that is said to be as long.
const TRUSTED: usize = 1 << 20;

/// By how much the room for a long body grows. Memory that nothing was written to costs nothing, and every growth copies
/// what is there: a factor of two has a body of 500 MB twice in memory for a moment, and room for half of another after.
const GROWTH: usize = 64;

/// No body is kept beyond this, as in JMeter: Java's arrays end there. Compressed bodies come to it quickly.
const LARGEST: u64 = i32::MAX as u64 - 8;

/// Makes room for `more` bytes.
fn make_room(pieces: &mut Vec<u8>, more: usize) {
    let needed = pieces.len().saturating_add(more);
    if needed > pieces.capacity() && needed > TRUSTED {
        let whole = pieces.len().max(TRUSTED).saturating_mul(GROWTH).min(LARGEST as usize).max(needed);
        // Where address space is short the vector grows as vectors do.
        let _ = pieces.try_reserve_exact(whole - pieces.len());
    }
}

struct Store {
    len: u64,
    kept: Kept,
}

enum Kept {
    All { whole: Bytes, pieces: Vec<u8>, max: u64 },
    Md5(Box<Md5>),
    Nothing,
}

impl Store {
    fn new(body_use: BodyUse) -> Self {
        let kept = match body_use {
            BodyUse::Keep { max } => Kept::All {
                whole: Bytes::new(),
                pieces: Vec::new(),
                max: max.filter(|&max| max > 0).map_or(LARGEST, |max| max.min(LARGEST)),
            },
            BodyUse::Md5 => Kept::Md5(Box::default()),
            BodyUse::Discard => Kept::Nothing,
        };
        Self { len: 0, kept }
    }

    /// Takes a piece of an encoded-as-is body; one that is the whole of it is not copied.
    fn push_whole(&mut self, bytes: &Bytes, expected: Option<u64>) {
        let length = bytes.len() as u64;
        match &mut self.kept {
            Kept::All { whole, max, .. } if self.len == 0 && expected == Some(length) && length <= *max => {
                *whole = bytes.clone();
                self.len = length;
            }
            Kept::All { pieces, max, .. } => {
                if self.len == 0 {
                    // The length is the server's word: no more than this is set aside on its strength.
                    pieces.reserve(expected.unwrap_or(0).min(*max).min(TRUSTED as u64) as usize);
                }
                self.push(bytes);
            }
            _ => self.push(bytes),
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        match &mut self.kept {
            Kept::All { pieces, max, .. } => {
                let room = max.saturating_sub(self.len);
                let take = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
                make_room(pieces, take);
                pieces.extend_from_slice(&bytes[..take]);
            }
            Kept::Md5(md5) => md5.update(bytes),
            Kept::Nothing => {}
        }
        self.len += bytes.len() as u64;
    }

    fn finish(self) -> Bytes {
        match self.kept {
            Kept::All { whole, pieces, .. } => {
                if whole.is_empty() {
                    pieces.into()
                } else {
                    whole
                }
            }
            Kept::Md5(_) if self.len == 0 => Bytes::new(),
            Kept::Md5(md5) => super::auth::hex(&md5.finalize()).into(),
            Kept::Nothing => Bytes::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(body_use: BodyUse, pieces: &[&str]) -> (String, u64) {
        let options = Options { keep_body: body_use, ..Options::default() };
        let mut sink = Sink::new(&options);
        for piece in pieces {
            sink.push(&Bytes::copy_from_slice(piece.as_bytes()));
        }
        let content = sink.finish().unwrap();
        (String::from_utf8(content.bytes.to_vec()).unwrap(), content.len)
    }

    #[test]
    fn bodies_are_kept_cut_summed_or_dropped() {
        assert_eq!(kept(BodyUse::Keep { max: None }, &["ab", "c"]), ("abc".into(), 3));
        assert_eq!(kept(BodyUse::Keep { max: Some(2) }, &["a", "bc"]), ("ab".into(), 3));
        assert_eq!(kept(BodyUse::Keep { max: Some(0) }, &["abc"]), ("abc".into(), 3));
        assert_eq!(kept(BodyUse::Md5, &["a", "bc"]), ("900150983cd24fb0d6963f7d28e17f72".into(), 3));
        assert_eq!(kept(BodyUse::Md5, &[]), (String::new(), 0));
        assert_eq!(kept(BodyUse::Discard, &["abc"]), (String::new(), 3));
    }
}
