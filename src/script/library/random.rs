//! `java.util.Random`, `ThreadLocalRandom` and `SecureRandom`.

use super::{Answer, Class, Fault, Method, arguments, groovy, java, object, takes};
use crate::java::random::Random as Sequence;
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{Array, ClassRef, Object, Thrown, Value, exceptions};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// `java.util.Random`.
pub static RANDOM: Class = Class {
    constructor: takes(0, 1, |_, _, args| {
        let sequence = if args.is_empty() { Sequence::unseeded() } else { Sequence::new(arguments::long(args, 0)?) };
        Ok(Value::object(Random { class: &RANDOM, sequence: Mutex::new(sequence) }))
    }),
    methods: METHODS,
    ..Class::named("java.util.Random", &[&object::OBJECT])
};

/// `java.util.concurrent.ThreadLocalRandom`.
pub static THREAD_LOCAL_RANDOM: Class = Class {
    statics: &[java("current", 0, 0, |_, _, _| Ok(unseeded(&THREAD_LOCAL_RANDOM)))],
    ..Class::named("java.util.concurrent.ThreadLocalRandom", &[&RANDOM])
};

/// `java.security.SecureRandom`: what it draws comes from the operating system.
pub static SECURE_RANDOM: Class = Class {
    constructor: takes(0, 1, |_, _, _| Ok(unseeded(&SECURE_RANDOM))),
    statics: &[
        java("getInstance", 1, 2, |_, _, _| Ok(unseeded(&SECURE_RANDOM))),
        java("getInstanceStrong", 0, 0, |_, _, _| Ok(unseeded(&SECURE_RANDOM))),
    ],
    methods: &[
        java("generateSeed", 1, 1, |_, _, args| {
            let count = arguments::int(args, 0)?.clamp(0, 1 << 20) as usize;
            Ok(Value::Array(Arc::new(Array::bytes(&secure_bytes(count)?))))
        }),
        java("getAlgorithm", 0, 0, |_, _, _| Ok("NativePRNG".into())),
        java("nextBytes", 1, 1, |_, _, args| {
            let Value::Array(array) = &args[0] else { return Err(Fault::Mismatch) };
            fill(array, &secure_bytes(array.len())?);
            Ok(Value::Null)
        }),
        java("setSeed", 1, 1, |_, _, _| Ok(Value::Null)),
    ],
    ..Class::named("java.security.SecureRandom", &[&RANDOM])
};

/// A generator with the sequence of Java's.
#[derive(Debug)]
pub struct Random {
    class: &'static Class,
    sequence: Mutex<Sequence>,
}

impl Random {
    /// The sequence, to draw from.
    pub fn sequence(&self) -> MutexGuard<'_, Sequence> {
        self.sequence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Object for Random {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }
}

/// Bytes that nobody can foresee.
pub(crate) fn secure_bytes(count: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; count];
    let failed = |_| Thrown::new("java.security.ProviderException", "the system has no random bytes");
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn unseeded(class: &'static Class) -> Value {
    let seed = secure_bytes(8).ok().and_then(|bytes| bytes.try_into().ok()).map(i64::from_le_bytes);
    let sequence = seed.map_or_else(Sequence::unseeded, Sequence::new);
    Value::object(Random { class, sequence: Mutex::new(sequence) })
}

fn fill(array: &Array, bytes: &[u8]) {
    array.change(|items| {
        for (item, byte) in items.iter_mut().zip(bytes) {
            *item = Value::Byte(*byte as i8);
        }
    });
}

fn of(this: &Value) -> Result<MutexGuard<'_, Sequence>, Fault> {
    Ok(arguments::object::<Random>(this)?.sequence())
}

fn illegal(message: &str) -> Fault {
    Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into()
}

const NOT_POSITIVE: &str = "bound must be positive";
const NOT_GREATER: &str = "bound must be greater than origin";

static METHODS: &[Method] = &[
    java("doubles", 1, 3, |machine, this, args| {
        let stream = |draw: &mut Sequence| Value::from(draw.next_double());
        drawn(machine, this, args, "java.util.stream.DoubleStream", "double", stream)
    }),
    java("ints", 1, 3, ints),
    java("longs", 1, 3, |machine, this, args| {
        let stream = |draw: &mut Sequence| Value::from(draw.next_long());
        drawn(machine, this, args, "java.util.stream.LongStream", "long", stream)
    }),
    java("nextBoolean", 0, 0, |_, this, _| Ok(of(this)?.next_boolean().into())),
    java("nextBytes", 1, 1, |_, this, args| {
        let Value::Array(array) = &args[0] else { return Err(Fault::Mismatch) };
        let mut bytes = vec![0; array.len()];
        of(this)?.next_bytes(&mut bytes);
        fill(array, &bytes);
        Ok(Value::Null)
    }),
    java("nextDouble", 0, 2, |_, this, args| {
        let drawn = of(this)?.next_double();
        let (origin, bound) = match args.len() {
            0 => return Ok(drawn.into()),
            1 => (0.0, arguments::double(args, 0)?),
            _ => (arguments::double(args, 0)?, arguments::double(args, 1)?),
        };
        if origin >= bound {
            return Err(illegal(if args.len() == 1 { NOT_POSITIVE } else { NOT_GREATER }));
        }
        let value = drawn * (bound - origin) + origin;
        Ok((if value >= bound { f64::from_bits(bound.to_bits() - 1) } else { value }).into())
    }),
    java("nextFloat", 0, 0, |_, this, _| Ok(Value::Float(of(this)?.next_float()))),
    java("nextGaussian", 0, 0, |_, this, _| Ok(of(this)?.next_gaussian().into())),
    java("nextInt", 0, 2, |_, this, args| {
        Ok(match args.len() {
            0 => of(this)?.next_int(),
            1 => {
                let bound = arguments::int(args, 0)?;
                if bound <= 0 {
                    return Err(illegal(NOT_POSITIVE));
                }
                of(this)?.next_int_bound(bound)
            }
            _ => {
                let (origin, bound) = (arguments::int(args, 0)?, arguments::int(args, 1)?);
                if origin >= bound {
                    return Err(illegal(NOT_GREATER));
                }
                of(this)?.next_int_range(origin, bound)
            }
        }
        .into())
    }),
    java("nextLong", 0, 2, |_, this, args| {
        Ok(match args.len() {
            0 => of(this)?.next_long(),
            1 => {
                let bound = arguments::long(args, 0)?;
                if bound <= 0 {
                    return Err(illegal(NOT_POSITIVE));
                }
                of(this)?.next_long_bound(bound)
            }
            _ => {
                let (origin, bound) = (arguments::long(args, 0)?, arguments::long(args, 1)?);
                if origin >= bound {
                    return Err(illegal(NOT_GREATER));
                }
                of(this)?.next_long_range(origin, bound)
            }
        }
        .into())
    }),
    java("setSeed", 1, 1, |_, this, args| {
        of(this)?.set_seed(arguments::long(args, 0)?);
        Ok(Value::Null)
    }),
    groovy("asBoolean", 0, 0, |_, _, _| Ok(true.into())),
];

/// Numbers that one stream of random numbers may have.
const MOST: i64 = 10_000_000;

fn count_of(args: &[Value]) -> Result<i64, Fault> {
    let count = arguments::long(args, 0)?;
    if count < 0 {
        return Err(illegal("size must be non-negative"));
    }
    if count > MOST {
        return Err(budget::out_of_memory().into());
    }
    Ok(count)
}

fn drawn(
    machine: &mut Machine<'_>,
    this: &Value,
    args: &[Value],
    class: &str,
    element: &str,
    draw: fn(&mut Sequence) -> Value,
) -> Answer {
    let [_] = args else { return Err(Fault::Mismatch) };
    let items = {
        let mut sequence = of(this)?;
        (0..count_of(args)?).map(|_| draw(&mut sequence)).collect()
    };
    let class = machine.find_class(class).ok_or(Fault::Mismatch)?;
    Ok(machine.call_static(&class, "of", &[Value::Array(Arc::new(Array::new(element, items)))])?)
}

/// `ints(count)`, `ints(count, origin, bound)`.
fn ints(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    if args.len() == 1 {
        return drawn(machine, this, args, "java.util.stream.IntStream", "int", |draw| draw.next_int().into());
    }
    let (origin, bound) = (arguments::int(args, 1)?, arguments::int(args, 2)?);
    if origin >= bound {
        return Err(illegal(NOT_GREATER));
    }
    let items = {
        let mut sequence = of(this)?;
        // A stream draws by `nextInt(bound - origin)`, not by the range.
        let draw = |sequence: &mut Sequence| match bound.checked_sub(origin) {
            Some(count) => sequence.next_int_bound(count) + origin,
            None => sequence.next_int_range(origin, bound),
        };
        (0..count_of(args)?).map(|_| draw(&mut sequence).into()).collect()
    };
    let class = machine.find_class("java.util.stream.IntStream").ok_or(Fault::Mismatch)?;
    Ok(machine.call_static(&class, "of", &[Value::Array(Arc::new(Array::new("int", items)))])?)
}
