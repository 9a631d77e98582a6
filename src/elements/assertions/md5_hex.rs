//! MD5Hex Assertion: compares the MD5 sum of the response body, letters in any case.

use super::{RESPONSE_WAS_NULL, failed, passed};
use crate::elements::roles::Assertion;
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::results::{AssertionResult, SampleResult};
use crate::virtual_user::{Thrown, VirtualUser};
use md5::{Digest, Md5};
use std::fmt::Write;

const ALLOWED: &str = "MD5HexAssertion.size";

pub(super) const MD5_HEX: Definition = Definition {
    tag: "MD5HexAssertion",
    menu: "MD5Hex Assertion",
    compile: |compile| Some(Role::assertion(Md5Hex { name: compile.name(), allowed: compile.expr(ALLOWED) })),
};

struct Md5Hex {
    name: Expr,
    allowed: Expr,
}

impl Assertion for Md5Hex {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        if result.response_data.is_empty() {
            return Ok(failed(name, RESPONSE_WAS_NULL));
        }
        let allowed = self.allowed.eval(user)?;
        if allowed.is_empty() {
            return Ok(failed(name, "MD5Hex to test against is empty"));
        }
        let mut sum = String::with_capacity(32);
        for byte in Md5::digest(&result.response_data) {
            let _ = write!(sum, "{byte:02x}");
        }
        if sum.eq_ignore_ascii_case(&allowed) {
            return Ok(passed(name));
        }
        Ok(failed(name, format!("Error asserting MD5 sum : got {sum} but should have been {allowed}")))
    }
}

#[cfg(test)]
mod tests {
    use crate::elements::element_for_tests::{body, check, element};

    #[test]
    fn sums() {
        let cases = [
            ("hello", "5d41402abc4b2a76b9719d911017c592", ""),
            ("hello", "5D41402ABC4B2A76B9719D911017C592", ""),
            ("hello", "0", "Error asserting MD5 sum : got 5d41402abc4b2a76b9719d911017c592 but should have been 0"),
            ("hello", "", "MD5Hex to test against is empty"),
            ("", "d41d8cd98f00b204e9800998ecf8427e", "Response was null"),
        ];
        for (data, allowed, expected) in cases {
            let verdict = check(element("MD5HexAssertion").with(super::ALLOWED, allowed), &[], &mut body(data));
            assert_eq!(&*verdict.message.unwrap_or_default(), expected);
        }
    }
}
