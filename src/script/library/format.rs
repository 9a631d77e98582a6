//! `java.util.Formatter`: what `String.format`, `printf` and `sprintf` write.

use super::number::ordering;
use super::{Fault, arguments, class_of, temporal};
use crate::java::date_format::Locale;
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{BigDecimal, Rounding, Thrown, Value, char_text, hash_code, slice_utf16, utf16_len};
use num_bigint::BigInt;

/// One `%…` of a format.
#[derive(Debug, Default, Clone)]
struct Spec {
    text: String,
    index: Index,
    flags: String,
    width: Option<usize>,
    precision: Option<usize>,
    /// After `t` or `T`, the letter of the date's part.
    date: Option<char>,
    conversion: char,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Index {
    #[default]
    Next,
    Previous,
    At(usize),
}

impl Spec {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn upper(&self) -> bool {
        self.conversion.is_ascii_uppercase()
    }
}

fn failure(class: &str, message: impl AsRef<str>) -> Fault {
    Thrown::new(&format!("java.util.{class}"), message).into()
}

/// The arguments of a call with variable arguments: one array of objects stands for all of them.
pub(crate) fn spread(args: &[Value]) -> Vec<Value> {
    match args {
        [Value::Array(array)] if !is_primitive(&array.element) => array.items(),
        other => other.to_vec(),
    }
}

fn is_primitive(element: &str) -> bool {
    matches!(element, "byte" | "char" | "short" | "int" | "long" | "float" | "double" | "boolean")
}

/// `String.format(template, values…)`.
pub(crate) fn format(machine: &mut Machine<'_>, template: &str, values: &[Value]) -> Result<String, Fault> {
    format_in(machine, None, template, values)
}

/// The decimal point and the grouping mark of a locale's language; those of English for languages not listed.
fn marks(locale: &str) -> (char, char) {
    match locale {
        "de_CH" | "fr_CH" | "it_CH" => ('.', '’'),
        "de_AT" => (',', '\u{a0}'),
        _ => match locale.split('_').next().unwrap_or_default() {
            "da" | "de" | "el" | "es" | "hr" | "id" | "is" | "it" | "nl" | "pt" | "ro" | "sl" | "sr" | "tr" | "vi" => {
                (',', '.')
            }
            "bg" | "cs" | "et" | "fi" | "hu" | "lt" | "lv" | "nb" | "no" | "pl" | "ru" | "sk" | "sv" | "uk" => {
                (',', '\u{a0}')
            }
            "fr" => (',', '\u{202f}'),
            _ => ('.', ','),
        },
    }
}

/// `String.format(locale, template, values…)`: numbers have the marks of the locale.
pub(crate) fn format_in(
    machine: &mut Machine<'_>,
    locale: Option<&str>,
    template: &str,
    values: &[Value],
) -> Result<String, Fault> {
    let (point, group) = locale.map_or(('.', ','), marks);
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    let (mut next, mut last) = (0, None);
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let (spec, length) = parse(&rest[at..])?;
        rest = &rest[at + length..];
        match spec.conversion {
            'n' => {
                out.push('\n');
                continue;
            }
            '%' => {
                pad(&mut out, "%", &spec);
                continue;
            }
            _ => {}
        }
        let index = match spec.index {
            Index::Next => {
                next += 1;
                next - 1
            }
            Index::Previous => last.ok_or_else(|| missing(&spec))?,
            Index::At(index) => index,
        };
        last = Some(index);
        let value = values.get(index).ok_or_else(|| missing(&spec))?;
        let start = out.len();
        budget::text(start)?;
        write(machine, &mut out, &spec, value)?;
        if point != '.' && matches!(spec.conversion, 'd' | 'f' | 'e' | 'E' | 'g' | 'G') {
            let own = |c: char| match c {
                '.' => point,
                ',' => group,
                c => c,
            };
            let written: String = out[start..].chars().map(own).collect();
            out.truncate(start);
            out.push_str(&written);
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn missing(spec: &Spec) -> Fault {
    failure("MissingFormatArgumentException", format!("Format specifier '{}'", spec.text))
}

/// Reads `%[index$][flags][width][.precision]conversion`; gives its length in bytes.
fn parse(text: &str) -> Result<(Spec, usize), Fault> {
    let mut spec = Spec::default();
    let chars: Vec<char> = text.chars().take(64).collect();
    let mut at = 1;
    let unknown = |c: char| failure("UnknownFormatConversionException", format!("Conversion = '{c}'"));
    let number = |at: &mut usize| -> Option<usize> {
        let start = *at;
        while chars.get(*at).is_some_and(char::is_ascii_digit) {
            *at += 1;
        }
        chars[start..*at].iter().collect::<String>().parse().ok()
    };
    if chars.get(at) == Some(&'<') {
        spec.index = Index::Previous;
        at += 1;
    } else if chars.get(at).is_some_and(|c| ('1'..='9').contains(c)) {
        let mut ahead = at;
        let value = number(&mut ahead);
        if chars.get(ahead) == Some(&'$') {
            spec.index = Index::At(value.unwrap_or(0).saturating_sub(1));
            at = ahead + 1;
        }
    }
    while let Some(&c) = chars.get(at)
        && "-#+ 0,(<".contains(c)
    {
        if spec.has(c) {
            return Err(failure("DuplicateFormatFlagsException", format!("Flags = '{c}'")));
        }
        if c == '<' {
            spec.index = Index::Previous;
        }
        spec.flags.push(c);
        at += 1;
    }
    if chars.get(at).is_some_and(char::is_ascii_digit) {
        spec.width = Some(number(&mut at).unwrap_or(usize::MAX));
    }
    if chars.get(at) == Some(&'.') {
        at += 1;
        if !chars.get(at).is_some_and(char::is_ascii_digit) {
            return Err(failure("IllegalFormatPrecisionException", "-1"));
        }
        spec.precision = Some(number(&mut at).unwrap_or(usize::MAX));
    }
    budget::text(spec.width.max(spec.precision).unwrap_or(0).saturating_mul(16))?;
    let conversion = *chars.get(at).ok_or_else(|| unknown(chars.get(at - 1).copied().unwrap_or('%')))?;
    at += 1;
    spec.conversion = conversion;
    if matches!(conversion, 't' | 'T') {
        let part = *chars.get(at).ok_or_else(|| unknown(conversion))?;
        if !"HIklMSLNpzZsQBbhAaCYyjmdeRTrDFc".contains(part) {
            return Err(failure("UnknownFormatConversionException", format!("Conversion = 't{part}'")));
        }
        spec.date = Some(part);
        at += 1;
    } else if !"bBhHsScCdoxXeEfgGaA%n".contains(conversion) {
        return Err(unknown(conversion));
    }
    spec.text = chars[..at].iter().collect();
    check(&spec)?;
    let length = spec.text.len();
    Ok((spec, length))
}

fn check(spec: &Spec) -> Result<(), Fault> {
    if (spec.has('-') || spec.has('0')) && spec.width.is_none() && spec.conversion != 'n' {
        return Err(failure("MissingFormatWidthException", &spec.text));
    }
    if spec.has('+') && spec.has(' ') || spec.has('-') && spec.has('0') {
        return Err(failure("IllegalFormatFlagsException", format!("Flags = '{}'", in_order(&spec.flags))));
    }
    let mismatch = |flag: char| {
        failure("FormatFlagsConversionMismatchException", format!("Conversion = {}, Flags = {flag}", spec.conversion))
    };
    let refused = match spec.conversion.to_ascii_lowercase() {
        'b' | 'h' => "#+ 0,(",
        's' => "+ 0,(",
        'c' => "#+ 0,(",
        'd' => "#",
        'o' | 'x' => ",",
        'e' => ",",
        'a' => ",(",
        'g' => "#",
        't' => "#+ 0,(",
        _ => "",
    };
    if let Some(flag) = refused.chars().find(|flag| spec.has(*flag)) {
        return Err(mismatch(flag));
    }
    let whole = matches!(spec.conversion, 'd' | 'o' | 'x' | 'X' | 'c' | 'C' | 't' | 'T');
    if let (true, Some(precision)) = (whole, spec.precision) {
        return Err(failure("IllegalFormatPrecisionException", precision.to_string()));
    }
    Ok(())
}

/// The flags in the order in which Java lists them.
fn in_order(flags: &str) -> String {
    "-#+ 0,(<".chars().filter(|flag| flags.contains(*flag)).collect()
}

fn pad(out: &mut String, text: &str, spec: &Spec) {
    let text = if spec.upper() { text.to_uppercase() } else { text.to_owned() };
    let blanks = spec.width.unwrap_or(0).saturating_sub(utf16_len(&text));
    if spec.has('-') {
        out.push_str(&text);
        out.extend(std::iter::repeat_n(' ', blanks));
    } else {
        out.extend(std::iter::repeat_n(' ', blanks));
        out.push_str(&text);
    }
}

fn write(machine: &mut Machine<'_>, out: &mut String, spec: &Spec, value: &Value) -> Result<(), Fault> {
    let wrong = || {
        let class = class_of(value).name();
        failure("IllegalFormatConversionException", format!("{} != {class}", spec.conversion.to_ascii_lowercase()))
    };
    let cut = |text: String| match spec.precision {
        Some(most) => slice_utf16(&text, 0, most),
        None => text,
    };
    let conversion = spec.conversion.to_ascii_lowercase();
    if value.is_null() && conversion != 'b' {
        pad(out, &cut("null".to_owned()), spec);
        return Ok(());
    }
    match conversion {
        'b' => {
            let text = match value {
                Value::Boolean(b) => b.to_string(),
                other => (!other.is_null()).to_string(),
            };
            pad(out, &cut(text), spec);
        }
        'h' => pad(out, &cut(format!("{:x}", hash_code(value))), spec),
        's' => {
            let text = arguments::string_of(machine, value)?;
            pad(out, &cut(text), spec);
        }
        'c' => {
            let text = match value {
                Value::Char(unit) => char_text(*unit),
                Value::Byte(_) | Value::Short(_) | Value::Int(_) => {
                    let code = value.to_i32().unwrap_or(0);
                    let c = u32::try_from(code).ok().and_then(char::from_u32);
                    c.ok_or_else(|| failure("IllegalFormatCodePointException", format!("Code point = 0x{code:x}")))?
                        .to_string()
                }
                _ => return Err(wrong()),
            };
            pad(out, &text, spec);
        }
        'd' | 'o' | 'x' => {
            if !value.is_integral() {
                return Err(wrong());
            }
            whole(out, spec, value);
        }
        'e' | 'f' | 'g' => match value {
            Value::Float(_) | Value::Double(_) => {
                let double = value.to_f64().unwrap_or(f64::NAN);
                if double.is_finite() {
                    let decimal = value.to_decimal().ok_or_else(wrong)?;
                    fractional(out, spec, &decimal, double.is_sign_negative())?;
                } else {
                    let text = if double.is_nan() {
                        "NaN".to_owned()
                    } else if double > 0.0 {
                        if spec.has('+') { "+Infinity" } else { "Infinity" }.to_owned()
                    } else if spec.has('(') {
                        "(Infinity)".to_owned()
                    } else {
                        "-Infinity".to_owned()
                    };
                    pad(out, &text, &Spec { flags: spec.flags.replace('0', ""), ..spec.clone() });
                }
            }
            Value::BigDecimal(decimal) => fractional(out, spec, decimal, decimal.signum() < 0)?,
            _ => return Err(wrong()),
        },
        'a' => {
            let (Value::Double(_) | Value::Float(_)) = value else { return Err(wrong()) };
            pad(out, &hexadecimal(value.to_f64().unwrap_or(f64::NAN)), spec);
        }
        't' => {
            let Some(part) = spec.date else { return Err(Fault::Mismatch) };
            let text = temporal::formatter_part(value, part, &Locale::english()).ok_or_else(|| {
                let class = class_of(value).name();
                failure("IllegalFormatConversionException", format!("{part} != {class}"))
            })?;
            pad(out, &text, spec);
        }
        _ => return Err(Fault::Mismatch),
    }
    Ok(())
}

/// `Double.toHexString`.
pub(crate) fn hexadecimal(value: f64) -> String {
    if !value.is_finite() {
        return crate::script::value::double_text(value);
    }
    let bits = value.to_bits();
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let (exponent, fraction) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
    if exponent == 0 && fraction == 0 {
        return format!("{sign}0x0.0p0");
    }
    let digits = format!("{fraction:013x}");
    let digits = digits.trim_end_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    if exponent == 0 {
        format!("{sign}0x0.{digits}p-1022")
    } else {
        format!("{sign}0x1.{digits}p{}", exponent as i64 - 1023)
    }
}

fn whole(out: &mut String, spec: &Spec, value: &Value) {
    let conversion = spec.conversion.to_ascii_lowercase();
    if conversion == 'd' {
        let number = value.to_big_integer().unwrap_or_default();
        let digits = number.magnitude().to_str_radix(10);
        signed(out, spec, &digits, number.sign() == num_bigint::Sign::Minus);
        return;
    }
    let radix = if conversion == 'o' { 8 } else { 16 };
    let big = matches!(value, Value::BigInteger(_));
    let number = value.to_big_integer().unwrap_or_default();
    let negative = number < BigInt::ZERO;
    let unsigned = if negative && !big {
        let bits = match value {
            Value::Byte(_) => 8,
            Value::Short(_) => 16,
            Value::Int(_) => 32,
            _ => 64,
        };
        number + (BigInt::from(1) << bits)
    } else {
        BigInt::from(number.magnitude().clone())
    };
    let mut digits = unsigned.to_str_radix(radix);
    let mark = match (spec.has('#'), radix) {
        (false, _) => "",
        (true, 8) => "0",
        (true, _) => "0x",
    };
    let sign = if negative && big { "-" } else { "" };
    if spec.has('0') {
        let room = spec.width.unwrap_or(0).saturating_sub(mark.len() + sign.len());
        digits = format!("{}{digits}", "0".repeat(room.saturating_sub(digits.len())));
    }
    pad(out, &format!("{sign}{mark}{digits}"), spec);
}

/// Puts sign, grouping and leading zeros to the digits of a number.
fn signed(out: &mut String, spec: &Spec, digits: &str, negative: bool) {
    let (before, after) = match (negative, spec.has('(')) {
        (true, true) => ("(", ")"),
        (true, false) => ("-", ""),
        (false, _) if spec.has('+') => ("+", ""),
        (false, _) if spec.has(' ') => (" ", ""),
        (false, _) => ("", ""),
    };
    let (whole, rest) = digits.find(['.', 'e']).map_or((digits, ""), |at| digits.split_at(at));
    let mut whole = if spec.has(',') { grouped(whole) } else { whole.to_owned() };
    if spec.has('0') {
        let taken = before.len() + after.len() + whole.len() + rest.len();
        whole = format!("{}{whole}", "0".repeat(spec.width.unwrap_or(0).saturating_sub(taken)));
    }
    pad(out, &format!("{before}{whole}{rest}{after}"), spec);
}

/// Digits with a comma before each three.
pub(crate) fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn fractional(out: &mut String, spec: &Spec, value: &BigDecimal, negative: bool) -> Result<(), Fault> {
    let magnitude = value.abs();
    let precision = spec.precision.unwrap_or(6);
    let text = match spec.conversion.to_ascii_lowercase() {
        'f' => plain(&magnitude, precision)?,
        'e' => scientific(&magnitude, precision)?,
        _ => {
            let precision = precision.max(1);
            let rounded = magnitude.round(precision as u32, Rounding::HalfUp)?;
            let low = BigDecimal::new(BigInt::from(1), 4);
            let high = BigDecimal::new(BigInt::from(1), -(precision as i32));
            let within = ordering(rounded.compare(&low)).to_i32() >= Some(0) && rounded.compare(&high).is_lt();
            if rounded.signum() == 0 {
                plain(&rounded, precision - 1)?
            } else if within {
                let exponent = rounded.precision() as i64 - i64::from(rounded.scale()) - 1;
                plain(&rounded, (precision as i64 - exponent - 1).max(0) as usize)?
            } else {
                scientific(&rounded, precision - 1)?
            }
        }
    };
    let text = if spec.has('#') && !text.contains('.') { format!("{text}.") } else { text };
    signed(out, spec, &text, negative);
    Ok(())
}

fn plain(value: &BigDecimal, precision: usize) -> Result<String, Fault> {
    Ok(value.set_scale(precision as i32, Rounding::HalfUp)?.to_plain_string())
}

fn scientific(value: &BigDecimal, precision: usize) -> Result<String, Fault> {
    let (digits, exponent) = if value.signum() == 0 {
        ("0".repeat(precision + 1), 0)
    } else {
        let rounded = value.round(precision as u32 + 1, Rounding::HalfUp)?;
        let mut digits = rounded.unscaled().magnitude().to_str_radix(10);
        let exponent = digits.len() as i64 - 1 - i64::from(rounded.scale());
        digits.extend(std::iter::repeat_n('0', (precision + 1).saturating_sub(digits.len())));
        (digits, exponent)
    };
    let point = if precision > 0 { "." } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    Ok(format!("{}{point}{}e{sign}{:02}", &digits[..1], &digits[1..=precision], exponent.unsigned_abs()))
}
