//! `java.lang.Math`.

use super::{Answer, Class, Fault, Method, arguments, java, object};
use crate::script::value::{Thrown, Value, exceptions};

/// `java.lang.Math`.
pub static MATH: Class = Class {
    statics: STATICS,
    constants: &[("E", || std::f64::consts::E.into()), ("PI", || std::f64::consts::PI.into())],
    ..Class::named("java.lang.Math", &[&object::OBJECT])
};

static STATICS: &[Method] = &[
    java("abs", 1, 1, |_, _, args| {
        Ok(match &args[0] {
            Value::Long(n) => n.wrapping_abs().into(),
            Value::Float(n) => Value::Float(n.abs()),
            Value::Double(n) => n.abs().into(),
            Value::BigDecimal(_) | Value::BigInteger(_) => arguments::double(args, 0)?.abs().into(),
            _ => arguments::int(args, 0)?.wrapping_abs().into(),
        })
    }),
    java("acos", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.acos().into())),
    java("addExact", 2, 2, |_, _, args| exact(args, i32::checked_add, i64::checked_add)),
    java("asin", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.asin().into())),
    java("atan", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.atan().into())),
    java("atan2", 2, 2, |_, _, args| Ok(arguments::double(args, 0)?.atan2(arguments::double(args, 1)?).into())),
    java("cbrt", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.cbrt().into())),
    java("ceil", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.ceil().into())),
    java("cos", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.cos().into())),
    java("exp", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.exp().into())),
    java("floor", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.floor().into())),
    java("floorDiv", 2, 2, |_, _, args| {
        by_floor(args, |a, b| {
            let inexact = a.wrapping_rem(b) != 0;
            a.wrapping_div(b) - i64::from(inexact && (a < 0) != (b < 0))
        })
    }),
    java("floorMod", 2, 2, |_, _, args| {
        by_floor(args, |a, b| {
            let rest = a.wrapping_rem(b);
            if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
        })
    }),
    java("hypot", 2, 2, |_, _, args| Ok(arguments::double(args, 0)?.hypot(arguments::double(args, 1)?).into())),
    java("log", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.ln().into())),
    java("log10", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.log10().into())),
    java("max", 2, 2, |_, _, args| widest(args, i32::max, i64::max, f64::max)),
    java("min", 2, 2, |_, _, args| widest(args, i32::min, i64::min, f64::min)),
    java("multiplyExact", 2, 2, |_, _, args| exact(args, i32::checked_mul, i64::checked_mul)),
    java("pow", 2, 2, |_, _, args| Ok(arguments::double(args, 0)?.powf(arguments::double(args, 1)?).into())),
    java("random", 0, 0, |_, _, _| Ok(fastrand::f64().into())),
    java("rint", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.round_ties_even().into())),
    java("round", 1, 1, |_, _, args| {
        Ok(match &args[0] {
            Value::Float(n) => (round(f64::from(*n)) as i32).into(),
            _ => (round(arguments::double(args, 0)?) as i64).into(),
        })
    }),
    java("signum", 1, 1, |_, _, args| {
        let n = arguments::double(args, 0)?;
        Ok((if n == 0.0 || n.is_nan() { n } else { n.signum() }).into())
    }),
    java("sin", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.sin().into())),
    java("sqrt", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.sqrt().into())),
    java("subtractExact", 2, 2, |_, _, args| exact(args, i32::checked_sub, i64::checked_sub)),
    java("tan", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.tan().into())),
    java("toDegrees", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.to_degrees().into())),
    java("toIntExact", 1, 1, |_, _, args| {
        let overflow = || Thrown::new(exceptions::ARITHMETIC, "integer overflow");
        Ok(i32::try_from(arguments::long(args, 0)?).map_err(|_| overflow())?.into())
    }),
    java("toRadians", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.to_radians().into())),
];

/// `Math.round`: half of one goes up, also below zero.
pub(crate) fn round(number: f64) -> f64 {
    let floor = number.floor();
    if number - floor >= 0.5 { floor + 1.0 } else { floor }
}

fn widest(args: &[Value], int: fn(i32, i32) -> i32, long: fn(i64, i64) -> i64, double: fn(f64, f64) -> f64) -> Answer {
    if let (Ok(a), Ok(b)) = (arguments::int(args, 0), arguments::int(args, 1)) {
        return Ok(int(a, b).into());
    }
    if let (Ok(a), Ok(b)) = (arguments::long(args, 0), arguments::long(args, 1)) {
        return Ok(long(a, b).into());
    }
    let (a, b) = (arguments::double(args, 0)?, arguments::double(args, 1)?);
    let result = if a.is_nan() || b.is_nan() { f64::NAN } else { double(a, b) };
    let float = |value: &Value| matches!(value, Value::Float(_)) || value.is_integral();
    Ok(if args.iter().all(float) { Value::Float(result as f32) } else { result.into() })
}

fn by_floor(args: &[Value], compute: fn(i64, i64) -> i64) -> Answer {
    let (a, b) = (arguments::long(args, 0)?, arguments::long(args, 1)?);
    if b == 0 {
        return Err(Thrown::new(exceptions::ARITHMETIC, "/ by zero").into());
    }
    let result = compute(a, b);
    let long = matches!(args[0], Value::Long(_)) || (matches!(args[1], Value::Long(_)));
    Ok(if long { result.into() } else { (result as i32).into() })
}

fn exact(args: &[Value], int: fn(i32, i32) -> Option<i32>, long: fn(i64, i64) -> Option<i64>) -> Answer {
    let overflow = |kind| Fault::from(Thrown::new(exceptions::ARITHMETIC, format!("{kind} overflow")));
    if let (Ok(a), Ok(b)) = (arguments::int(args, 0), arguments::int(args, 1)) {
        return int(a, b).map(Value::from).ok_or_else(|| overflow("integer"));
    }
    let (a, b) = (arguments::long(args, 0)?, arguments::long(args, 1)?);
    long(a, b).map(Value::from).ok_or_else(|| overflow("long"))
}
