//! `__RandomString(length, characters, variable)`: characters drawn from the given ones, or from Unicode's first 65,536.
//!
//! JMeter draws from all of Unicode then, and counts UTF-16 units; without the characters that are two of them the length is
//! the same for everything that looks at the text.

use super::{Definition, Function, Store, not_a_number, take, text_of_units, trim};
use crate::expr::Expr;
use crate::java::number::parse_int;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use regex::Regex;
use std::sync::LazyLock;

pub(super) const RANDOM_STRING: Definition = Definition {
    name: "__RandomString",
    arguments: (1, Some(3)),
    compile: |arguments, scope| {
        let [length, characters, store] = take(arguments);
        let length = length.unwrap_or_default();
        let fixed_length = length.as_literal().and_then(|literal| parse_length(literal).ok());
        let characters = match characters {
            None => Characters::Fixed(Alphabet::All),
            Some(characters) => match characters.as_literal() {
                Some(literal) => Characters::Fixed(Alphabet::of(literal)),
                None => Characters::Computed(characters),
            },
        };
        Ok(Box::new(Call { length, fixed_length, characters, store: Store::new(store, scope) }))
    },
    summary: "A random text of a given length, of given characters",
};

struct Call {
    length: Expr,
    fixed_length: Option<usize>,
    characters: Characters,
    store: Store,
}

enum Characters {
    Fixed(Alphabet),
    Computed(Expr),
}

/// What is drawn from.
enum Alphabet {
    All,
    /// One byte, one character.
    Ascii(Box<[u8]>),
    /// UTF-16 units: Java draws half characters too.
    Units(Box<[u16]>),
}

impl Alphabet {
    fn of(text: &str) -> Self {
        match trim(text) {
            "" => Alphabet::All,
            ascii if ascii.is_ascii() => Alphabet::Ascii(ascii.as_bytes().into()),
            other => Alphabet::Units(other.encode_utf16().collect()),
        }
    }

    fn draw(&self, length: usize, random: &mut fastrand::Rng) -> String {
        match self {
            Alphabet::All => any(length, random),
            Alphabet::Ascii(bytes) => (0..length).map(|_| char::from(bytes[random.usize(..bytes.len())])).collect(),
            Alphabet::Units(units) => {
                let drawn: Vec<u16> = (0..length).map(|_| units[random.usize(..units.len())]).collect();
                text_of_units(&drawn)
            }
        }
    }
}

/// The characters of Unicode 13, which is what Java 17 knows, without those for private use and those that are none.
static KNOWN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\A[\p{Age:13.0}--\x{E000}-\x{F8FF}\x{FDD0}-\x{FDEF}\x{FFFE}\x{FFFF}]\z").ok());

/// `RandomStringUtils.random(length)`, but for characters beyond U+FFFF.
fn any(length: usize, random: &mut fastrand::Rng) -> String {
    let mut text = String::with_capacity(length * 3);
    let mut left = length;
    let mut buffer = [0; 4];
    while left > 0 {
        let Some(drawn) = char::from_u32(u32::from(random.u16(..))) else { continue };
        let known = KNOWN.as_ref().is_none_or(|known| known.is_match(drawn.encode_utf8(&mut buffer)));
        if known {
            text.push(drawn);
            left -= 1;
        }
    }
    text
}

fn parse_length(text: &str) -> Result<usize, Thrown> {
    let length = parse_int(text).map_err(not_a_number)?;
    usize::try_from(length).map_err(|_| {
        let message = format!("Requested random string length {length} is less than 0.");
        Thrown::new("java.lang.IllegalArgumentException", message)
    })
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let length = match self.fixed_length {
            Some(length) => length,
            None => parse_length(&self.length.eval(user)?)?,
        };
        let drawn = match &self.characters {
            Characters::Fixed(alphabet) => alphabet.draw(length, &mut user.random),
            Characters::Computed(characters) => Alphabet::of(&characters.eval(user)?).draw(length, &mut user.random),
        };
        let text = Text::from(drawn);
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{Bench, check};

    #[test]
    fn lengths_and_characters() {
        check(&[
            ("${__RandomString(3,a, v )}|${v}", "aaa|aaa"),
            ("${__RandomString(2, é )}", "éé"),
            ("${__RandomString(0)}", ""),
            (
                "${__RandomString(-1)}",
                "!java.lang.IllegalArgumentException: Requested random string length -1 is less than 0.",
            ),
            ("${__RandomString(x)}", "!java.lang.NumberFormatException: For input string: \"x\""),
            ("${__RandomString( 1)}", "!java.lang.NumberFormatException: For input string: \" 1\""),
        ]);
    }

    #[test]
    fn without_characters_all_of_unicode_is_drawn_from() {
        let (mut user, exprs) = Bench::default().variable("n", "500").user(&["${__RandomString(${n}, )}"]);
        let text = exprs[0].eval(&mut user).unwrap();
        assert_eq!(text.chars().count(), 500);
        assert_eq!(text.encode_utf16().count(), 500);
        assert!(!text.is_ascii());
        let known = super::KNOWN.as_ref().unwrap();
        let expected = [("é", true), ("\u{e000}", false), ("\u{fdd0}", false), ("\u{ffff}", false), ("\u{378}", false)];
        for (text, is_known) in expected {
            assert_eq!(known.is_match(text), is_known, "{text:?}");
        }
    }
}
