//! The pattern letters of `DateTimeFormatter`.

use super::PatternError;
use super::fields::Field;
use super::formatter::{Item, Number, OffsetForm, Part, Sign};
use super::locale::Style;

/// Optional parts within optional parts. Java has no such bound; thousands of them overflow its stack when a text is
/// formatted or parsed.
const DEEPEST: usize = 250;

/// Compiles a pattern.
pub(super) fn compile(pattern: &str) -> Result<Vec<Item>, PatternError> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut compiler = Compiler { pattern, chars: &chars, at: 0, stack: vec![Section::default()] };
    compiler.compile()?;
    let mut items = Vec::new();
    // Optional parts that are still open end with the pattern.
    while let Some(mut section) = compiler.stack.pop() {
        if !items.is_empty() || !compiler.stack.is_empty() {
            section.items.extend(std::mem::take(&mut items));
        }
        if compiler.stack.is_empty() {
            items = section.items;
        } else {
            items = vec![Item::Optional(section.items)];
        }
    }
    Ok(items)
}

/// A part of a pattern between brackets, or all of it.
#[derive(Debug, Default)]
struct Section {
    items: Vec<Item>,
    /// The number that digits next to it belong to.
    number: Option<usize>,
    pad: Option<usize>,
}

struct Compiler<'p> {
    pattern: &'p str,
    chars: &'p [char],
    at: usize,
    stack: Vec<Section>,
}

fn error<T>(text: String) -> Result<T, PatternError> {
    Err(PatternError(text))
}

fn too_many<T>(letter: char) -> Result<T, PatternError> {
    error(format!("Too many pattern letters: {letter}"))
}

impl Compiler<'_> {
    fn compile(&mut self) -> Result<(), PatternError> {
        while let Some(&c) = self.chars.get(self.at) {
            match c {
                'A'..='Z' | 'a'..='z' => self.letters(c)?,
                '\'' => self.quoted()?,
                '[' => {
                    self.at += 1;
                    if self.stack.len() > DEEPEST {
                        return error(format!("More than {DEEPEST} optional parts within each other"));
                    }
                    self.section().number = None;
                    self.stack.push(Section::default());
                }
                ']' => {
                    self.at += 1;
                    if self.stack.len() < 2 {
                        return error("Pattern invalid as it contains ] without previous [".to_owned());
                    }
                    if let Some(section) = self.stack.pop() {
                        self.append(Item::Optional(section.items));
                    }
                }
                '{' | '}' | '#' => return error(format!("Pattern includes reserved character: '{c}'")),
                _ => {
                    self.at += 1;
                    self.append(Item::Literal(c.to_string()));
                }
            }
        }
        Ok(())
    }

    fn section(&mut self) -> &mut Section {
        if self.stack.is_empty() {
            self.stack.push(Section::default());
        }
        let last = self.stack.len() - 1;
        &mut self.stack[last]
    }

    fn append(&mut self, item: Item) {
        let section = self.section();
        section.number = None;
        let item = match section.pad.take() {
            Some(width) => Item::Pad(width, Box::new(item)),
            None => item,
        };
        match (section.items.last_mut(), item) {
            (Some(Item::Literal(text)), Item::Literal(more)) => text.push_str(&more),
            (_, item) => section.items.push(item),
        }
    }

    /// A number. One that stands right after another takes its digits from the end, when it has a fixed width.
    fn append_number(&mut self, number: Number) {
        let section = self.section();
        if section.pad.is_some() {
            self.append(Item::Number(number));
            return;
        }
        let at = section.items.len();
        let is_fixed = number.min == number.max && number.sign == Sign::NotNegative;
        if let Some(base_at) = section.number
            && let Some(Item::Number(base)) = section.items.get_mut(base_at)
        {
            if is_fixed {
                base.following += number.max;
            } else {
                section.number = Some(at);
            }
        } else {
            section.number = Some(at);
        }
        section.items.push(Item::Number(number));
    }

    fn append_fraction(&mut self, width: usize) {
        let section = self.section();
        let base = section.number.filter(|_| section.pad.is_none());
        if let Some(base_at) = base
            && let Some(Item::Number(base)) = section.items.get_mut(base_at)
        {
            base.following += width;
            section.items.push(Item::Fraction(width));
            return;
        }
        self.append(Item::Fraction(width));
    }

    fn quoted(&mut self) -> Result<(), PatternError> {
        let mut text = String::new();
        let mut at = self.at + 1;
        loop {
            match self.chars.get(at) {
                None => return error(format!("Pattern ends with an incomplete string literal: {}", self.pattern)),
                Some('\'') if self.chars.get(at + 1) == Some(&'\'') => {
                    text.push('\'');
                    at += 2;
                }
                Some('\'') => break,
                Some(&c) => {
                    text.push(c);
                    at += 1;
                }
            }
        }
        let text = if at == self.at + 1 { "'".to_owned() } else { text };
        self.at = at + 1;
        self.append(Item::Literal(text));
        Ok(())
    }

    fn letters(&mut self, letter: char) -> Result<(), PatternError> {
        let run = |from: usize, letter: char| self.chars[from..].iter().take_while(|&&c| c == letter).count();
        let mut letter = letter;
        let mut count = run(self.at, letter);
        self.at += count;
        if letter == 'p' {
            let width = count;
            match self.chars.get(self.at) {
                Some(&next) if next.is_ascii_alphabetic() => {
                    letter = next;
                    count = run(self.at, letter);
                    self.at += count;
                }
                _ => {
                    return error(format!("Pad letter 'p' must be followed by valid pad pattern: {}", self.pattern));
                }
            }
            self.section().pad = Some(width);
        }
        self.field(letter, count)
    }

    fn field(&mut self, letter: char, count: usize) -> Result<(), PatternError> {
        let number = |field, min, max, sign| Number { field, min, max, sign, reduced: false, following: 0 };
        let plain = |field| number(field, 1, 19, Sign::Normal);
        let exact = |field, width| number(field, width, width, Sign::NotNegative);
        let year = |field| match count {
            2 => Number { reduced: true, ..exact(field, 2) },
            1..=3 => number(field, count, 19, Sign::Normal),
            _ => number(field, count, 19, Sign::ExceedsPad),
        };
        let up_to_two = |field| match count {
            1 => Ok(plain(field)),
            2 => Ok(exact(field, 2)),
            _ => too_many(letter),
        };
        let numeric = match letter {
            'u' => year(Field::Year),
            'y' => year(Field::YearOfEra),
            'Y' => year(Field::WeekBasedYear),
            'M' | 'L' | 'Q' | 'q' | 'e' | 'c' if count <= 2 => {
                let field = match letter {
                    'M' | 'L' => Field::MonthOfYear,
                    'Q' | 'q' => Field::QuarterOfYear,
                    _ => Field::LocalizedDayOfWeek,
                };
                match (letter, count) {
                    ('c', 2) => return error("Invalid pattern \"cc\"".to_owned()),
                    ('e' | 'c', 1) => number(field, 1, 1, Sign::NotNegative),
                    (_, 1) => plain(field),
                    _ => exact(field, 2),
                }
            }
            'd' => up_to_two(Field::DayOfMonth)?,
            'h' => up_to_two(Field::ClockHourOfAmPm)?,
            'H' => up_to_two(Field::HourOfDay)?,
            'k' => up_to_two(Field::ClockHourOfDay)?,
            'K' => up_to_two(Field::HourOfAmPm)?,
            'm' => up_to_two(Field::MinuteOfHour)?,
            's' => up_to_two(Field::SecondOfMinute)?,
            'D' => match count {
                1 => plain(Field::DayOfYear),
                2 | 3 => number(Field::DayOfYear, count, 3, Sign::NotNegative),
                _ => return too_many(letter),
            },
            'F' if count == 1 => plain(Field::AlignedDayOfWeekInMonth),
            'W' if count == 1 => number(Field::WeekOfMonth, 1, 2, Sign::NotNegative),
            'w' if count <= 2 => number(Field::WeekOfWeekBasedYear, count, 2, Sign::NotNegative),
            'F' | 'W' | 'w' => return too_many(letter),
            'n' => number(Field::NanoOfSecond, count, 19, Sign::NotNegative),
            'N' => number(Field::NanoOfDay, count, 19, Sign::NotNegative),
            'A' => number(Field::MilliOfDay, count, 19, Sign::NotNegative),
            'S' => {
                if count > 9 {
                    return error(format!("Minimum width must be from 0 to 9 inclusive but was {count}"));
                }
                self.append_fraction(count);
                return Ok(());
            }
            _ => return self.text_field(letter, count),
        };
        self.append_number(numeric);
        Ok(())
    }

    fn text_field(&mut self, letter: char, count: usize) -> Result<(), PatternError> {
        let style = |standalone: bool| match (count, standalone) {
            (5, _) => Ok(Style::Narrow),
            (4, false) => Ok(Style::Full),
            (4, true) => Ok(Style::FullStandalone),
            (1..=3, false) => Ok(Style::Short),
            (1..=3, true) => Ok(Style::ShortStandalone),
            _ => too_many(letter),
        };
        let item = match letter {
            'G' => Item::Text { field: Field::Era, style: style(false)? },
            'M' => Item::Text { field: Field::MonthOfYear, style: style(false)? },
            'L' => Item::Text { field: Field::MonthOfYear, style: style(true)? },
            'Q' => Item::Text { field: Field::QuarterOfYear, style: style(false)? },
            'q' => Item::Text { field: Field::QuarterOfYear, style: style(true)? },
            'E' | 'e' => Item::Text { field: Field::DayOfWeek, style: style(false)? },
            'c' => Item::Text { field: Field::DayOfWeek, style: style(true)? },
            'a' if count == 1 => Item::Text { field: Field::AmPmOfDay, style: Style::Short },
            'V' if count == 2 => Item::ZoneId,
            'V' => return error(format!("Pattern letter count must be 2: {letter}")),
            'v' if count == 1 || count == 4 => Item::ZoneName { long: count == 4, generic: true },
            'v' => return error(format!("Wrong number of pattern letters: {letter}")),
            'z' if count <= 4 => Item::ZoneName { long: count == 4, generic: false },
            'O' if count == 1 || count == 4 => Item::LocalizedOffset { full: count == 4 },
            'O' => return error(format!("Pattern letter count must be 1 or 4: {letter}")),
            'Z' if count == 4 => Item::LocalizedOffset { full: true },
            'Z' if count < 4 => Item::Offset { form: offset_form(3), none: "+0000" },
            'Z' if count == 5 => Item::Offset { form: offset_form(6), none: "Z" },
            'X' if count <= 5 => Item::Offset { form: offset_form(count + usize::from(count > 1)), none: "Z" },
            'x' if count <= 5 => {
                let none = match count {
                    1 => "+00",
                    2 | 4 => "+0000",
                    _ => "+00:00",
                };
                Item::Offset { form: offset_form(count + usize::from(count > 1)), none }
            }
            'a' | 'z' | 'Z' | 'X' | 'x' => return too_many(letter),
            _ => return error(format!("Unknown pattern letter: {letter}")),
        };
        self.append(item);
        Ok(())
    }
}

/// Java's table of offset patterns: `+HH`, `+HHmm`, `+HH:mm`, `+HHMM`, `+HH:MM`, `+HHMMss`, `+HH:MM:ss`.
fn offset_form(at: usize) -> OffsetForm {
    let (colon, minutes, seconds) = match at {
        0 => (false, Part::Never, Part::Never),
        1 => (false, Part::WhenNeeded, Part::Never),
        2 => (true, Part::WhenNeeded, Part::Never),
        3 => (false, Part::Always, Part::Never),
        4 => (true, Part::Always, Part::Never),
        5 => (false, Part::Always, Part::WhenNeeded),
        _ => (true, Part::Always, Part::WhenNeeded),
    };
    OffsetForm { colon, minutes, seconds }
}
