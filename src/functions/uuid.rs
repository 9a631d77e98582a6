//! `__UUID()`: a random (type 4) UUID.

use super::{Definition, Function};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const UUID: Definition = Definition {
    name: "__UUID",
    arguments: (0, Some(0)),
    compile: |_, _| Ok(Box::new(Call)),
    summary: "A random UUID",
};

struct Call;

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        Ok(write(user.random.u128(..), &mut [0; 36]))
    }
}

/// The text of a UUID of these bits, but for version and variant.
fn write(bits: u128, out: &mut [u8; 36]) -> Text {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let mut shift = 128;
    for (at, place) in out.iter_mut().enumerate() {
        *place = if matches!(at, 8 | 13 | 18 | 23) {
            b'-'
        } else {
            shift -= 4;
            DIGITS[(bits >> shift & 0xf) as usize]
        };
    }
    // The bytes are ASCII, so the text is never empty.
    Text::from(std::str::from_utf8(out).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::functions::testing::Bench;

    #[test]
    fn version_and_variant_are_set() {
        assert_eq!(&*write(0, &mut [0; 36]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(&*write(u128::MAX, &mut [0; 36]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(
            &*write(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef, &mut [0; 36]),
            "01234567-89ab-4def-8123-456789abcdef"
        );
    }

    #[test]
    fn two_calls_differ() {
        let (mut user, exprs) = Bench::default().user(&["${__UUID}", "${__UUID()}"]);
        assert_ne!(exprs[0].eval(&mut user).unwrap(), exprs[1].eval(&mut user).unwrap());
    }
}
