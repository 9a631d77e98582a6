//! The dates that Java's deprecated `new Date(String)` and `Date.parse(String)` read: `Sat, 12 Aug 1995 13:30:00 GMT`,
//! `8/12/1995 1:30 PM` and what else one may write with numbers, month names and zones of the United States.

/// A date as its parts; what is left out is none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// The year as written, with a century where it had two digits.
    pub(super) year: i64,
    /// The month, from 0; a larger one than 11 runs into the next year.
    pub(super) month: i64,
    /// The day of the month.
    pub(super) day: i64,
    /// The time of day, zero where it is left out.
    pub(super) time: [i64; 3],
    /// Minutes west of UTC; none is the local zone.
    pub(super) west: Option<i64>,
}

/// What a word stands for.
#[derive(Clone, Copy)]
enum Word {
    Morning,
    Afternoon,
    Nothing,
    Month(i64),
    West(i64),
}

/// Words by their full names: any beginning of at least two letters will do, and the last that fits is meant.
const WORDS: [(&str, Word); 32] = [
    ("am", Word::Morning),
    ("pm", Word::Afternoon),
    ("monday", Word::Nothing),
    ("tuesday", Word::Nothing),
    ("wednesday", Word::Nothing),
    ("thursday", Word::Nothing),
    ("friday", Word::Nothing),
    ("saturday", Word::Nothing),
    ("sunday", Word::Nothing),
    ("january", Word::Month(0)),
    ("february", Word::Month(1)),
    ("march", Word::Month(2)),
    ("april", Word::Month(3)),
    ("may", Word::Month(4)),
    ("june", Word::Month(5)),
    ("july", Word::Month(6)),
    ("august", Word::Month(7)),
    ("september", Word::Month(8)),
    ("october", Word::Month(9)),
    ("november", Word::Month(10)),
    ("december", Word::Month(11)),
    ("gmt", Word::West(0)),
    ("ut", Word::West(0)),
    ("utc", Word::West(0)),
    ("est", Word::West(300)),
    ("edt", Word::West(240)),
    ("cst", Word::West(360)),
    ("cdt", Word::West(300)),
    ("mst", Word::West(420)),
    ("mdt", Word::West(360)),
    ("pst", Word::West(480)),
    ("pdt", Word::West(420)),
];

/// The parts of a date; `this_year` decides the century of a year of two digits. `None` for what is no date.
pub(super) fn parse(text: &str, this_year: i64) -> Option<Parts> {
    let text: Vec<char> = text.chars().collect();
    let mut reader = Reader::default();
    let mut rest = text.as_slice();
    while let [first, after @ ..] = rest {
        rest = match first {
            ' ' | ',' | '\0'..='\u{1f}' => after,
            '(' => past_note(after),
            '0'..='9' => {
                let (number, after) = number(rest)?;
                reader.number(number, after)?
            }
            '/' | ':' | '+' | '-' => {
                reader.sign = Some(*first);
                after
            }
            _ => {
                let length = rest.iter().take_while(|c| c.is_ascii_alphabetic()).count();
                let (word, after) = rest.split_at_checked(length.max(2))?;
                reader.word(&word.iter().collect::<String>())?;
                after
            }
        };
    }
    let (year, month, day) = (reader.year?, reader.month?, reader.day?);
    let year = if year < 100 {
        let oldest = this_year - 80;
        let guess = oldest.div_euclid(100) * 100 + year;
        if guess < oldest { guess + 100 } else { guess }
    } else {
        year
    };
    let time = [reader.hour, reader.minute, reader.second].map(Option::unwrap_or_default);
    Some(Parts { year, month, day, time, west: reader.west })
}

/// What follows the bracket that ends a note.
fn past_note(text: &[char]) -> &[char] {
    let mut depth = 1;
    for (index, c) in text.iter().enumerate() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[index + 1..];
        }
    }
    &[]
}

/// The number at the beginning, and what follows it.
fn number(text: &[char]) -> Option<(i64, &[char])> {
    let length = text.iter().take_while(|c| c.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    Some((digits.iter().collect::<String>().parse::<i32>().ok()?.into(), rest))
}

#[derive(Default)]
struct Reader {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    west: Option<i64>,
    /// The sign read last, before a number.
    sign: Option<char>,
}

impl Reader {
    /// Takes a number for what it stands for, by its sign, its size and what follows it.
    fn number<'t>(&mut self, number: i64, rest: &'t [char]) -> Option<&'t [char]> {
        let next = rest.first().copied();
        let mut rest = rest;
        let sign = self.sign.take();
        let place = if sign == Some('+') || sign == Some('-') && self.year.is_some() {
            let minutes = if number < 24 {
                let mut part = 0;
                if let [':', digits @ ..] = rest {
                    (part, rest) = if digits.first().is_some_and(char::is_ascii_digit) {
                        self::number(digits)?
                    } else {
                        (0, digits)
                    };
                }
                number * 60 + part
            } else {
                number % 100 + number / 100 * 60
            };
            if self.west.is_some_and(|west| west != 0) {
                return None;
            }
            self.west = Some(if sign == Some('+') { -minutes } else { minutes });
            return Some(rest);
        } else if number >= 70 {
            if !next.is_none_or(|c| c <= ' ' || c == ',' || c == '/') {
                return None;
            }
            &mut self.year
        } else if next == Some(':') {
            if self.hour.is_none() { &mut self.hour } else { &mut self.minute }
        } else if next == Some('/') {
            if self.month.is_none() {
                self.month = Some(number - 1);
                return Some(rest);
            }
            &mut self.day
        } else if next.is_some_and(|c| c != ',' && c > ' ' && c != '-') {
            return None;
        } else if self.hour.is_some() && self.minute.is_none() {
            &mut self.minute
        } else if self.minute.is_some() && self.second.is_none() {
            &mut self.second
        } else if self.day.is_none() {
            &mut self.day
        } else if self.month.is_some() {
            &mut self.year
        } else {
            return None;
        };
        if place.is_some() {
            return None;
        }
        *place = Some(number);
        Some(rest)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.sign = None;
        let word = word.to_ascii_lowercase();
        let (_, meaning) = WORDS.iter().rev().find(|known| known.0.starts_with(&word))?;
        match meaning {
            Word::Nothing => {}
            Word::West(minutes) => self.west = Some(*minutes),
            Word::Month(month) if self.month.is_none() => self.month = Some(*month),
            Word::Month(_) => return None,
            Word::Morning | Word::Afternoon => {
                let hour = self.hour.filter(|hour| (1..=12).contains(hour))?;
                let noon = if matches!(meaning, Word::Afternoon) { 12 } else { 0 };
                self.hour = Some(hour % 12 + noon);
            }
        }
        Some(())
    }
}
