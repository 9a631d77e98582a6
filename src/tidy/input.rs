//! The characters of a page, with the line and the column of the next one.
//!
//! Characters are UTF-16 units, as Java reads them; [`END`] stands for the end. What was read can be given back, sixteen
//! characters at most: what is given back beyond that overwrites what lies on top, as it does in JTidy.

use std::str::EncodeUtf16;

/// The end of the page.
pub(super) const END: i32 = -1;

const LINE_FEED: i32 = b'\n' as i32;
const TAB_STOP: i32 = 8;
const MOST_GIVEN_BACK: usize = 16;

pub(super) struct Input<'a> {
    units: EncodeUtf16<'a>,
    given_back: [i32; MOST_GIVEN_BACK],
    count: usize,
    /// Blanks of a tab that are still to come.
    blanks: i32,
    column_before: i32,
    pub ended: bool,
    pub line: i32,
    pub column: i32,
}

impl<'a> Input<'a> {
    pub fn new(text: &'a str) -> Self {
        Input {
            units: text.encode_utf16(),
            given_back: [0; MOST_GIVEN_BACK],
            count: 0,
            blanks: 0,
            column_before: 0,
            ended: false,
            line: 1,
            column: 1,
        }
    }

    fn unit(&mut self) -> i32 {
        let unit = self.units.next().map_or(END, i32::from);
        self.ended |= unit == END;
        unit
    }

    pub fn read(&mut self) -> i32 {
        if let Some(last) = self.count.checked_sub(1) {
            self.count = last;
            let c = self.given_back[last];
            if c == LINE_FEED {
                self.line_begins();
            } else {
                self.column += 1;
            }
            return c;
        }
        self.column_before = self.column;
        if self.blanks > 0 {
            self.column += 1;
            self.blanks -= 1;
            return i32::from(b' ');
        }
        let c = self.unit();
        match u8::try_from(c) {
            _ if c == END => return END,
            Ok(b'\n') => self.line_begins(),
            Ok(b'\r') => {
                let next = self.unit();
                if next != LINE_FEED && next != END {
                    self.give_back(next);
                }
                self.line_begins();
                return LINE_FEED;
            }
            Ok(b'\t') => {
                self.blanks = TAB_STOP - (self.column - 1) % TAB_STOP - 1;
                self.column += 1;
                return i32::from(b' ');
            }
            _ => self.column += 1,
        }
        c
    }

    fn line_begins(&mut self) {
        self.column = 1;
        self.line += 1;
    }

    pub fn give_back(&mut self, c: i32) {
        if self.count == MOST_GIVEN_BACK {
            self.given_back.copy_within(..MOST_GIVEN_BACK - 1, 1);
            self.count -= 1;
        }
        self.given_back[self.count] = c;
        self.count += 1;
        if c == LINE_FEED {
            self.line -= 1;
        }
        self.column = self.column_before;
    }
}

/// JTidy's classes of characters; none for what is not ASCII.
pub(super) fn ascii(c: i32) -> u8 {
    u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(0)
}

pub(super) fn is_white(c: i32) -> bool {
    matches!(ascii(c), b'\r' | b'\n' | b'\x0c' | b' ' | b'\t')
}

pub(super) fn is_letter(c: i32) -> bool {
    ascii(c).is_ascii_alphabetic()
}

pub(super) fn is_name_character(c: i32) -> bool {
    ascii(c).is_ascii_alphanumeric() || matches!(ascii(c), b'-' | b'.' | b':' | b'_')
}

pub(super) fn is(c: i32, byte: u8) -> bool {
    c == i32::from(byte)
}

pub(super) fn lower(c: i32) -> i32 {
    if ascii(c).is_ascii_uppercase() { i32::from(ascii(c).to_ascii_lowercase()) } else { c }
}
