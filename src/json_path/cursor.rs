//! Jayway's `CharacterIndex`: a position in a text, within bounds that blanks at the ends do not count in.

/// Why a path does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fail {
    /// An `InvalidPathException` and its message, which parsers may catch and try something else.
    Invalid(String),
    /// Any other exception as its `toString` shows it.
    Other(String),
}

pub(super) fn invalid<T>(text: impl Into<String>) -> Result<T, Fail> {
    Err(Fail::Invalid(text.into()))
}

/// A text and a position in it, in characters.
#[derive(Debug, Clone)]
pub(super) struct Cursor {
    chars: Vec<char>,
    pub(super) position: usize,
    /// One after the last position in bounds.
    end: usize,
}

impl Cursor {
    pub(super) fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let end = chars.len();
        Self { chars, position: 0, end }
    }

    pub(super) fn text(&self) -> String {
        self.chars.iter().collect()
    }

    pub(super) fn len(&self) -> usize {
        self.end
    }

    pub(super) fn shorten(&mut self) {
        self.end = self.end.saturating_sub(1);
    }

    /// `String.charAt`.
    pub(super) fn char_at(&self, at: usize) -> Result<char, Fail> {
        self.chars.get(at).copied().ok_or_else(|| {
            Fail::Other(format!("java.lang.StringIndexOutOfBoundsException: String index out of range: {at}"))
        })
    }

    pub(super) fn current(&self) -> Result<char, Fail> {
        self.char_at(self.position)
    }

    pub(super) fn current_is(&self, c: char) -> Result<bool, Fail> {
        Ok(self.current()? == c)
    }

    pub(super) fn last_is(&self, c: char) -> Result<bool, Fail> {
        match self.end.checked_sub(1) {
            Some(last) => Ok(self.char_at(last)? == c),
            None => {
                Err(Fail::Other("java.lang.StringIndexOutOfBoundsException: String index out of range: -1".to_owned()))
            }
        }
    }

    pub(super) fn next_is(&self, c: char) -> bool {
        self.has(self.position + 1) && self.chars.get(self.position + 1) == Some(&c)
    }

    pub(super) fn has(&self, at: usize) -> bool {
        at < self.end
    }

    pub(super) fn has_current(&self) -> bool {
        self.has(self.position)
    }

    /// Whether nothing comes after the current position.
    pub(super) fn at_tail(&self) -> bool {
        self.position + 1 >= self.end
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> String {
        let to = to.min(self.chars.len());
        self.chars[from.min(to)..to].iter().collect()
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.position + 1 < self.end && self.chars.get(self.position) == Some(&' ') {
            self.position += 1;
        }
    }

    pub(super) fn trim(&mut self) {
        self.skip_blanks();
        while self.position + 1 < self.end && self.chars.get(self.end - 1) == Some(&' ') {
            self.end -= 1;
        }
    }

    fn after_blanks(&self, start: usize) -> usize {
        let mut at = start + 1;
        while self.has(at) && self.chars.get(at) == Some(&' ') {
            at += 1;
        }
        at
    }

    /// Where the next character that is no blank stands, if it is `c`.
    pub(super) fn significant_at(&self, start: usize, c: char) -> Result<Option<usize>, Fail> {
        let at = self.after_blanks(start);
        Ok((self.char_at(at)? == c).then_some(at))
    }

    pub(super) fn significant_is(&self, start: usize, c: char) -> bool {
        let at = self.after_blanks(start);
        self.has(at) && self.chars.get(at) == Some(&c)
    }

    /// The next character that is no blank; a blank when there is none.
    pub(super) fn significant(&self, start: usize) -> char {
        let at = self.after_blanks(start);
        if self.has(at) { self.chars.get(at).copied().unwrap_or(' ') } else { ' ' }
    }

    pub(super) fn previous_significant(&self, start: usize) -> Option<usize> {
        let mut at = start.checked_sub(1)?;
        while self.has(at) && self.chars.get(at) == Some(&' ') {
            at = at.checked_sub(1)?;
        }
        self.has(at).then_some(at)
    }

    pub(super) fn index_of(&self, start: usize, c: char) -> Option<usize> {
        (start..self.end).find(|&at| self.chars.get(at) == Some(&c))
    }

    pub(super) fn index_of_unescaped(&self, start: usize, c: char) -> Option<usize> {
        let mut escaped = false;
        for at in start + 1..self.end {
            let value = *self.chars.get(at)?;
            if escaped {
                escaped = false;
            } else if value == '\\' {
                escaped = true;
            } else if value == c {
                return Some(at);
            }
        }
        None
    }

    /// Where the bracket at `start` is closed, brackets in quotes (and in `/…/`) not counted.
    pub(super) fn index_of_closing(
        &self,
        start: usize,
        open: char,
        close: char,
        skip_regex: bool,
    ) -> Result<Option<usize>, Fail> {
        let found = self.char_at(start)?;
        if found != open {
            return invalid(format!("Expected {open} but found {found}"));
        }
        let mut opened = 1_usize;
        let mut at = start + 1;
        while self.has(at) {
            let quote = self.char_at(at)?;
            if quote == '\'' || quote == '"' {
                match self.index_of_unescaped(at, quote) {
                    Some(end) => at = end + 1,
                    None => {
                        return invalid(format!(
                            "Could not find matching close quote for {quote} when parsing : {}",
                            self.text()
                        ));
                    }
                }
            }
            if skip_regex && self.char_at(at)? == '/' {
                match self.index_of_unescaped(at, '/') {
                    Some(end) => at = end + 1,
                    None => {
                        return invalid(format!(
                            "Could not find matching close for / when parsing regex in : {}",
                            self.text()
                        ));
                    }
                }
            }
            let value = self.char_at(at)?;
            if value == open {
                opened += 1;
            }
            if value == close {
                opened -= 1;
                if opened == 0 {
                    return Ok(Some(at));
                }
            }
            at += 1;
        }
        Ok(None)
    }

    /// Takes the blanks and `text`, if that follows.
    pub(super) fn takes(&mut self, text: &str) -> bool {
        self.skip_blanks();
        let len = text.chars().count();
        if self.position + len > self.end || self.slice(self.position, self.position + len) != text {
            return false;
        }
        self.position += len;
        true
    }

    pub(super) fn expect(&mut self, c: char) -> Result<(), Fail> {
        self.skip_blanks();
        if self.current()? != c {
            return invalid(format!("Expected character: {c}"));
        }
        self.position += 1;
        Ok(())
    }
}
