//! `java.text.DecimalFormat` for whole numbers, as `__StringFromFile` uses it to number files.
//!
//! A pattern is a prefix, a number of `#`, `0`, `,` and `.`, and a suffix. Scientific notation is refused.

use crate::virtual_user::Thrown;

/// A pattern that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct DecimalFormat {
    positive: Affixes,
    negative: Option<Affixes>,
    least_digits: usize,
    least_fraction: usize,
    group: usize,
    point_always: bool,
    multiplier: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Affixes {
    prefix: String,
    suffix: String,
}

/// One of the pattern's two halves.
#[derive(Default)]
struct Half {
    affixes: Affixes,
    in_suffix: bool,
    left: usize,
    zeros: usize,
    right: usize,
    group: Option<usize>,
    point: Option<usize>,
    multiplier: Option<i64>,
}

impl DecimalFormat {
    /// `new DecimalFormat(pattern)` and what it throws.
    pub(crate) fn compile(pattern: &str) -> Result<Self, Thrown> {
        let mut chars = pattern.chars().peekable();
        let positive = half(pattern, &mut chars, true)?;
        let negative = if chars.peek().is_some() { Some(half(pattern, &mut chars, false)?.affixes) } else { None };
        let total = positive.left + positive.zeros + positive.right;
        let point = positive.point.unwrap_or(total);
        Ok(DecimalFormat {
            negative: negative.filter(|negative| *negative != positive.affixes),
            positive: positive.affixes,
            least_digits: point - positive.left,
            least_fraction: positive.point.map_or(0, |point| positive.left + positive.zeros - point),
            group: positive.group.unwrap_or(0),
            point_always: positive.point.is_some_and(|point| point == 0 || point == total),
            multiplier: positive.multiplier.unwrap_or(1),
        })
    }

    /// `format(long)`
    pub(crate) fn format(&self, number: i64) -> String {
        let number = i128::from(number) * i128::from(self.multiplier);
        let mut digits = number.unsigned_abs().to_string();
        if digits == "0" {
            digits.clear();
        }
        while digits.len() < self.least_digits {
            digits.insert(0, '0');
        }
        if digits.is_empty() && self.least_fraction == 0 {
            digits.push('0');
        }
        let (minus, affixes) = match (&self.negative, number < 0) {
            (Some(negative), true) => ("", negative),
            (None, true) => ("-", &self.positive),
            _ => ("", &self.positive),
        };
        let mut text = format!("{minus}{}", affixes.prefix);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && self.group > 0 && (digits.len() - index) % self.group == 0 {
                text.push(',');
            }
            text.push(digit);
        }
        if self.point_always || self.least_fraction > 0 {
            text.push('.');
        }
        text.extend(std::iter::repeat_n('0', self.least_fraction));
        text.push_str(&affixes.suffix);
        text
    }
}

fn refuse(message: &str, pattern: &str) -> Thrown {
    Thrown::new("java.lang.IllegalArgumentException", format!("{message} pattern \"{pattern}\""))
}

/// Reads up to the semicolon or the end (`DecimalFormat.applyPattern`, whose counts these are).
fn half(pattern: &str, chars: &mut std::iter::Peekable<std::str::Chars<'_>>, is_first: bool) -> Result<Half, Thrown> {
    let mut half = Half::default();
    let mut in_number = false;
    let mut in_quote = false;
    while let Some(c) = chars.next() {
        if !in_quote && matches!(c, '#' | '0' | ',' | '.') {
            in_number = true;
            if is_first {
                half.number(c, pattern)?;
            }
            continue;
        }
        if in_number {
            in_number = false;
            half.in_suffix = true;
            if c == 'E' {
                return Err(refuse("Malformed exponential", pattern));
            }
        }
        let affix = if half.in_suffix { &mut half.affixes.suffix } else { &mut half.affixes.prefix };
        match c {
            '\'' if chars.peek() == Some(&'\'') => {
                chars.next();
                affix.push('\'');
            }
            '\'' => in_quote = !in_quote,
            _ if in_quote => affix.push(c),
            ';' if is_first && half.in_suffix => break,
            ';' => return Err(refuse("Unquoted special character ';' in", pattern)),
            '%' | '\u{2030}' => {
                if half.multiplier.is_some() {
                    return Err(refuse("Too many percent/per mille characters in", pattern));
                }
                half.multiplier = Some(if c == '%' { 100 } else { 1000 });
                affix.push(c);
            }
            _ => affix.push(c),
        }
    }
    half.finish(pattern, in_quote)?;
    Ok(half)
}

impl Half {
    fn number(&mut self, c: char, pattern: &str) -> Result<(), Thrown> {
        match c {
            '#' if self.zeros > 0 => self.right += 1,
            '#' => self.left += 1,
            '0' if self.right > 0 => return Err(refuse("Unexpected '0' in", pattern)),
            '0' => self.zeros += 1,
            ',' => {
                self.group = Some(0);
                return Ok(());
            }
            _ if self.point.is_some() => return Err(refuse("Multiple decimal separators in", pattern)),
            _ => {
                self.point = Some(self.left + self.zeros + self.right);
                return Ok(());
            }
        }
        if let (Some(group), None) = (&mut self.group, self.point) {
            *group += 1;
        }
        Ok(())
    }

    fn finish(&mut self, pattern: &str, in_quote: bool) -> Result<(), Thrown> {
        if let (0, 1.., Some(point)) = (self.zeros, self.left, self.point) {
            // "##.###" means "#0.###", and ".###" means ".0##".
            let n = point.max(1);
            self.right = self.left - n;
            self.left = n - 1;
            self.zeros = 1;
        }
        let malformed = match self.point {
            None => self.right > 0,
            Some(point) => point < self.left || point > self.left + self.zeros,
        };
        if malformed || self.group == Some(0) || in_quote {
            return Err(refuse("Malformed", pattern));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::DecimalFormat;

    /// The results are those of Java 17.
    #[test]
    fn numbers_are_written_as_in_java_17() {
        for (pattern, number, expected) in ROWS {
            let result = match DecimalFormat::compile(pattern) {
                Ok(format) => format.format(*number),
                Err(thrown) => format!("!{}", thrown.message_or_null()),
            };
            assert_eq!(result, *expected, "{pattern:?} of {number}");
        }
    }

    #[rustfmt::skip]
    const ROWS: &[(&str, i64, &str)] = &[
        ("part#.txt", 0, "part0.txt"),
        ("part#.txt", 5, "part5.txt"),
        ("part#.txt", 1234567, "part1234567.txt"),
        ("part#.txt", -3, "-part3.txt"),
        ("part000.txt", 0, "part000.txt"),
        ("part000.txt", 5, "part005.txt"),
        ("part000.txt", 1234567, "part1234567.txt"),
        ("part000.txt", -3, "-part003.txt"),
        ("#", 0, "0"),
        ("#", 5, "5"),
        ("#", 1234567, "1234567"),
        ("#", -3, "-3"),
        ("0", 0, "0"),
        ("0", 5, "5"),
        ("0", 1234567, "1234567"),
        ("0", -3, "-3"),
        ("#,##0", 0, "0"),
        ("#,##0", 5, "5"),
        ("#,##0", 1234567, "1,234,567"),
        ("#,##0", -3, "-3"),
        ("000", 0, "000"),
        ("000", 5, "005"),
        ("000", 1234567, "1234567"),
        ("000", -3, "-003"),
        ("a.b#", 0, "a.0b"),
        ("a.b#", 5, "a5.0b"),
        ("a.b#", 1234567, "a1234567.0b"),
        ("a.b#", -3, "-a3.0b"),
        ("'#'#", 0, "#0"),
        ("'#'#", 5, "#5"),
        ("'#'#", 1234567, "#1234567"),
        ("'#'#", -3, "-#3"),
        ("o''clock 0", 0, "o'clock 0"),
        ("o''clock 0", 5, "o'clock 5"),
        ("o''clock 0", 1234567, "o'clock 1234567"),
        ("o''clock 0", -3, "-o'clock 3"),
        ("d'x''y'00", 0, "dx'y00"),
        ("d'x''y'00", 5, "dx'y05"),
        ("d'x''y'00", 1234567, "dx'y1234567"),
        ("d'x''y'00", -3, "-dx'y03"),
        ("0%", 0, "0%"),
        ("0%", 5, "500%"),
        ("0%", 1234567, "123456700%"),
        ("0%", -3, "-300%"),
        ("-#", 0, "-0"),
        ("-#", 5, "-5"),
        ("-#", 1234567, "-1234567"),
        ("-#", -3, "--3"),
        ("#;(#)", 0, "0"),
        ("#;(#)", 5, "5"),
        ("#;(#)", 1234567, "1234567"),
        ("#;(#)", -3, "(3)"),
        ("#;#", 0, "0"),
        ("#;#", 5, "5"),
        ("#;#", 1234567, "1234567"),
        ("#;#", -3, "-3"),
        ("0;neg0", 0, "0"),
        ("0;neg0", 5, "5"),
        ("0;neg0", 1234567, "1234567"),
        ("0;neg0", -3, "neg3"),
        ("x#.y#", 0, "x0y"),
        ("x#.y#", 5, "x5y"),
        ("x#.y#", 1234567, "x1234567y"),
        ("x#.y#", -3, "-x3y"),
        ("#.##.#", 0, "!Multiple decimal separators in pattern \"#.##.#\""),
        ("0#", 0, "!Malformed pattern \"0#\""),
        ("#0#", 0, "!Malformed pattern \"#0#\""),
        ("a,b#", 0, "a0b"),
        ("a,b#", 5, "a5b"),
        ("a,b#", 1234567, "a1,2,3,4,5,6,7b"),
        ("a,b#", -3, "-a3b"),
        ("#,", 0, "!Malformed pattern \"#,\""),
        ("'x", 0, "!Malformed pattern \"'x\""),
        ("part#END", 0, "!Malformed exponential pattern \"part#END\""),
        ("", 0, "0"),
        ("", 5, "5"),
        ("", 1234567, "1,234,567"),
        ("", -3, "-3"),
        ("abc", 0, "abc0"),
        ("abc", 5, "abc5"),
        ("abc", 1234567, "abc1234567"),
        ("abc", -3, "-abc3"),
        ("#,###.00", 0, ".00"),
        ("#,###.00", 5, "5.00"),
        ("#,###.00", 1234567, "1,234,567.00"),
        ("#,###.00", -3, "-3.00"),
        (".00", 0, ".00"),
        (".00", 5, "5.00"),
        (".00", 1234567, "1234567.00"),
        (".00", -3, "-3.00"),
        ("0.", 0, "0."),
        ("0.", 5, "5."),
        ("0.", 1234567, "1234567."),
        ("0.", -3, "-3."),
        ("#.", 0, "0."),
        ("#.", 5, "5."),
        ("#.", 1234567, "1234567."),
        ("#.", -3, "-3."),
        ("##00", 0, "00"),
        ("##00", 5, "05"),
        ("##00", 1234567, "1234567"),
        ("##00", -3, "-03"),
        ("x;y", 0, "!Unquoted special character ';' in pattern \"x;y\""),
        ("0;1;2", 0, "!Unquoted special character ';' in pattern \"0;1;2\""),
        ("0%%", 0, "!Too many percent/per mille characters in pattern \"0%%\""),
        ("‰0", 0, "‰0"),
        ("‰0", 5, "‰5000"),
        ("‰0", 1234567, "‰1234567000"),
        ("‰0", -3, "-‰3000"),
        ("#.txt", 0, "0.txt"),
        ("#.txt", 5, "5.txt"),
        ("#.txt", 1234567, "1234567.txt"),
        ("#.txt", -3, "-3.txt"),
        ("dir/f-0000.csv", 0, "dir/f-0000.csv"),
        ("dir/f-0000.csv", 5, "dir/f-0005.csv"),
        ("dir/f-0000.csv", 1234567, "dir/f-1234567.csv"),
        ("dir/f-0000.csv", -3, "-dir/f-0003.csv"),
        ("0,000,0", 0, "0,0,0,0,0"),
        ("0,000,0", 5, "0,0,0,0,5"),
        ("0,000,0", 1234567, "1,2,3,4,5,6,7"),
        ("0,000,0", -3, "-0,0,0,0,3"),
    ];
}
