//! The text of a page as the lexer leaves it. Tokens share it: what follows a tag is written over the tag's name, as in
//! JTidy, where some of what lies behind the end is still looked at.

pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// Where the next character goes.
    pub size: usize,
}

impl Buffer {
    pub fn new() -> Self {
        Buffer { bytes: Vec::new(), size: 0 }
    }

    /// How long JTidy's array is, which doubles when it is full.
    pub fn java_length(&self) -> usize {
        self.bytes.len().next_power_of_two().max(8192)
    }

    pub fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub fn slice(&self, at: usize, length: usize) -> &[u8] {
        let at = at.min(self.bytes.len());
        &self.bytes[at..(at + length).min(self.bytes.len())]
    }

    pub fn text(&self, start: usize, end: usize) -> String {
        String::from_utf8_lossy(self.slice(start, end.saturating_sub(start))).into_owned()
    }

    pub fn set(&mut self, at: usize, byte: u8) {
        if at >= self.bytes.len() {
            self.bytes.resize(at + 1, 0);
        }
        self.bytes[at] = byte;
    }

    pub fn overwrite(&mut self, at: usize, with: &[u8]) {
        for (place, byte) in with.iter().enumerate() {
            self.set(at + place, *byte);
        }
    }

    pub fn push(&mut self, byte: u8) {
        self.set(self.size + 1, 0);
        self.set(self.size, byte);
        self.size += 1;
    }

    /// Moves what is from `at` on by one place to make room for a byte.
    pub fn insert(&mut self, at: usize, byte: u8) {
        self.set(self.size + 1, 0);
        self.bytes.copy_within(at..self.size, at + 1);
        self.set(at, byte);
        self.size += 1;
    }

    /// Marks the end, as JTidy does.
    pub fn terminate(&mut self) {
        self.set(self.size, 0);
    }

    /// Adds a character; one that UTF-8 has no bytes for becomes the replacement character.
    pub fn push_character(&mut self, c: i32) {
        // Bytes that were given back come as negative numbers.
        if c <= 0x7f {
            return self.push(c.to_le_bytes()[0]);
        }
        let known = u32::try_from(c).ok().filter(|c| !matches!(c, 0xfffe | 0xffff)).and_then(char::from_u32);
        for byte in known.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut [0; 4]).bytes() {
            self.push(byte);
        }
    }
}
