//! JSR223 Timer and BeanShell Timer: the value of a script is the delay in milliseconds.

use crate::elements::roles::Timer;
use crate::elements::scripting::{self, BeanShell, Given, Jsr223};
use crate::elements::{Definition, Role};
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const JSR223: Definition = Definition {
    tag: "JSR223Timer",
    menu: "JSR223 Timer",
    compile: |compile| Some(Role::timer(Jsr223Timer(Jsr223::new(compile)))),
};

pub(super) const BEAN_SHELL: Definition = Definition {
    tag: "BeanShellTimer",
    menu: "BeanShell Timer",
    compile: |compile| {
        Some(Role::timer(BeanShellTimer(BeanShell::new(compile, &scripting::BEAN, "beanshell.timer.init"))))
    },
};

const JSR223_TARGET: &str = "org.apache.jmeter.timers.JSR223Timer";
const BEAN_SHELL_TARGET: &str = "org.apache.jmeter.timers.BeanShellTimer";

struct Jsr223Timer(Jsr223);

impl Timer for Jsr223Timer {
    fn delay(&self, user: &mut VirtualUser) -> Result<i64, Thrown> {
        let pass = self.0.read(user)?;
        let outcome = self.0.run(user, &pass, Given::default());
        let trouble = match outcome {
            Ok(None) => {
                log::warn!(target: JSR223_TARGET, "Script did not return a value");
                return Ok(0);
            }
            Ok(Some(text)) => match text.parse() {
                Ok(millis) => return Ok(millis),
                Err(_) => format!("For input string: \"{text}\""),
            },
            Err(failure) => failure.caught()?.to_string(),
        };
        log::error!(target: JSR223_TARGET, "Problem in JSR223 script, {}: {trouble}", pass.label);
        Ok(0)
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }
}

struct BeanShellTimer(BeanShell);

impl Timer for BeanShellTimer {
    fn delay(&self, user: &mut VirtualUser) -> Result<i64, Thrown> {
        let Some(text) = self.0.process(user, Given::default(), BEAN_SHELL_TARGET)? else { return Ok(0) };
        Ok(decode(&text).unwrap_or_else(|| {
            log::warn!(target: BEAN_SHELL_TARGET, "Number format exception while decoding number: '{text}'");
            0
        }))
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }
}

/// `Long.decode`: decimal, `0x`, `#` or `0` before octal digits, with a sign.
fn decode(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = ["0x", "0X", "#"].iter().find_map(|prefix| digits.strip_prefix(prefix));
    let (digits, radix) = match hexadecimal {
        Some(digits) => (digits, 16),
        None if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8),
        None => (digits, 10),
    };
    if digits.starts_with(['-', '+']) {
        return None;
    }
    let number = i128::from_str_radix(digits, radix).ok()?;
    i64::try_from(if negative { -number } else { number }).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn numbers_are_decoded_as_java_decodes_them() {
        let decoded: Vec<Option<i64>> =
            ["12", "-0x1F", "#ff", "017", "0", "", "--1", "1.5", "0x", "-9223372036854775808"].map(decode).into();
        let expected = [Some(12), Some(-31), Some(255), Some(15), Some(0), None, None, None, None, Some(i64::MIN)];
        assert_eq!(decoded, expected);
    }
}
