//! `java.lang.System`, `Thread`, `java.net.InetAddress` and `java.util.UUID`.

use super::{Answer, Class, Fault, Method, arguments, digest, io, java, object, random, takes};
use crate::clock;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Map, MapKind, Object, Thrown, Value, exceptions, hash_code, java_text};
use crate::text::Text;
use std::sync::Arc;

/// `java.lang.System`.
pub static SYSTEM: Class = Class {
    statics: SYSTEM_STATICS,
    constants: &[("err", io::console), ("out", io::console)],
    ..Class::named("java.lang.System", &[&object::OBJECT])
};

/// The names of the properties that `System.getProperties()` has.
const PROPERTIES: &[&str] = &[
    "file.encoding",
    "file.separator",
    "java.io.tmpdir",
    "java.specification.version",
    "java.version",
    "line.separator",
    "os.arch",
    "os.name",
    "path.separator",
    "user.dir",
    "user.home",
    "user.language",
    "user.name",
    "user.timezone",
];

/// The properties that a script may rely on wherever it runs.
fn property(machine: &Machine<'_>, name: &str) -> Option<String> {
    if let Some(value) = machine.host.system_property(name) {
        return Some(value.to_string());
    }
    let text = |text: &str| Some(text.to_owned());
    match name {
        "file.encoding" => text("UTF-8"),
        "file.separator" => text("/"),
        "java.io.tmpdir" => Some(std::env::temp_dir().to_string_lossy().into_owned()),
        "java.specification.version" => text("17"),
        "java.version" => text("17.0.0"),
        "line.separator" => text("\n"),
        "os.arch" => text(if cfg!(target_arch = "x86_64") { "amd64" } else { std::env::consts::ARCH }),
        "os.name" => text(match std::env::consts::OS {
            "linux" => "Linux",
            "macos" => "Mac OS X",
            other => other,
        }),
        "path.separator" => text(":"),
        "user.dir" => Some(std::env::current_dir().ok()?.to_string_lossy().into_owned()),
        "user.home" => std::env::var("HOME").ok(),
        "user.name" => std::env::var("USER").ok(),
        _ => None,
    }
}

static SYSTEM_STATICS: &[Method] = &[
    java("arraycopy", 5, 5, |_, _, args| {
        let (Value::Array(from), Value::Array(to)) = (&args[0], &args[2]) else { return Err(Fault::Mismatch) };
        let (start, target, count) = (arguments::int(args, 1)?, arguments::int(args, 3)?, arguments::int(args, 4)?);
        let items = from.items();
        let inside = |at: i32, length: usize| at >= 0 && i64::from(at) + i64::from(count) <= length as i64;
        if count < 0 || !inside(start, items.len()) || !inside(target, to.len()) {
            let message =
                format!("arraycopy: last source index {} out of bounds for length {}", start + count, items.len());
            return Err(Thrown::new(exceptions::ARRAY_INDEX, message).into());
        }
        for offset in 0..count as usize {
            to.set(target as usize + offset, items[start as usize + offset].clone());
        }
        Ok(Value::Null)
    }),
    java("currentTimeMillis", 0, 0, |_, _, _| Ok(clock::now().millis().into())),
    java("exit", 1, 1, |_, _, _| {
        Err(Thrown::new("java.lang.SecurityException", "scripts may not end the program: use ctx.engine.stopTest()")
            .into())
    }),
    java("gc", 0, 0, |_, _, _| Ok(Value::Null)),
    java("getProperties", 0, 0, |machine, _, _| {
        let all = Map::new(MapKind::Properties);
        for name in PROPERTIES {
            if let Some(value) = property(machine, name) {
                all.put((*name).into(), value.into());
            }
        }
        Ok(Value::Map(Arc::new(all)))
    }),
    java("getProperty", 1, 2, |machine, _, args| {
        let found = property(machine, &arguments::text(args, 0)?);
        Ok(found.map_or_else(|| arguments::any(args, 1), Value::from))
    }),
    java("getenv", 0, 1, |_, _, args| {
        if args.is_empty() {
            let pairs = std::env::vars_os().map(|(name, value)| {
                (name.to_string_lossy().into_owned().into(), value.to_string_lossy().into_owned().into())
            });
            return Ok(Value::map(pairs));
        }
        Ok(std::env::var(&*arguments::text(args, 0)?).ok().into())
    }),
    java("identityHashCode", 1, 1, |_, _, args| Ok(hash_code(&args[0]).into())),
    java("lineSeparator", 0, 0, |_, _, _| Ok("\n".into())),
    java("nanoTime", 0, 0, |_, _, _| Ok(clock::now().micros().saturating_mul(1000).into())),
];

/// `java.lang.Thread`: the running user's.
pub static THREAD: Class = Class {
    statics: &[
        java("currentThread", 0, 0, |machine, _, _| Ok(Value::object(Thread(machine.host.thread_name())))),
        java("interrupted", 0, 0, |_, _, _| Ok(false.into())),
        java("sleep", 1, 2, |machine, _, args| sleep(machine, arguments::long(args, 0)?)),
        java("yield", 0, 0, |_, _, _| Ok(Value::Null)),
    ],
    methods: &[
        java("getId", 0, 0, |_, this, _| Ok(i64::from(hash_code(&java_text(this).into()) & 0xffff).into())),
        java("getName", 0, 0, |_, this, _| Ok(arguments::object::<Thread>(this)?.0.clone().into())),
        java("getPriority", 0, 0, |_, _, _| Ok(5.into())),
        java("interrupt", 0, 0, |_, _, _| Ok(Value::Null)),
        java("isAlive", 0, 0, |_, _, _| Ok(true.into())),
        java("isInterrupted", 0, 0, |_, _, _| Ok(false.into())),
    ],
    ..Class::named("java.lang.Thread", &[&object::OBJECT])
};

#[derive(Debug)]
struct Thread(Text);

impl Object for Thread {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&THREAD)
    }

    fn to_text(&self) -> String {
        format!("Thread[{},5,main]", self.0)
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<Thread>(other).is_ok_and(|other| other.0 == self.0)
    }

    fn hash_code(&self) -> Option<i32> {
        Some(crate::java::number::string_hash_code(&self.0))
    }
}

/// `Thread.sleep(millis)`: a run that is stopped at once interrupts it.
pub(crate) fn sleep(machine: &mut Machine<'_>, millis: i64) -> Answer {
    if millis < 0 {
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "timeout value is negative").into());
    }
    Ok(machine.sleep(millis, |host| host.is_interrupted())?)
}

/// `java.net.InetAddress`.
pub static INET_ADDRESS: Class = Class {
    statics: &[
        java("getByName", 1, 1, |machine, _, args| resolve(machine, &arguments::text(args, 0)?)),
        java("getLocalHost", 0, 0, |machine, _, _| {
            let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
            let name = name.trim();
            let name = if name.is_empty() { "localhost" } else { name };
            resolve(machine, name).or_else(|_| Ok(Value::object(Address(name.to_owned(), "127.0.0.1".to_owned()))))
        }),
        java("getLoopbackAddress", 0, 0, |_, _, _| {
            Ok(Value::object(Address("localhost".to_owned(), "127.0.0.1".to_owned())))
        }),
    ],
    methods: &[
        java("getCanonicalHostName", 0, 0, |_, this, _| Ok(arguments::object::<Address>(this)?.0.as_str().into())),
        java("getHostAddress", 0, 0, |_, this, _| Ok(arguments::object::<Address>(this)?.1.as_str().into())),
        java("getHostName", 0, 0, |_, this, _| Ok(arguments::object::<Address>(this)?.0.as_str().into())),
    ],
    ..Class::named("java.net.InetAddress", &[&object::OBJECT])
};

/// A host's name and address.
#[derive(Debug)]
struct Address(String, String);

impl Object for Address {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&INET_ADDRESS)
    }

    fn to_text(&self) -> String {
        format!("{}/{}", self.0, self.1)
    }
}

fn resolve(machine: &Machine<'_>, name: &str) -> Answer {
    use crate::script::host::Access;
    if !machine.host.allows(Access::Network) {
        return Err(Access::Network.denied().into());
    }
    let found = std::net::ToSocketAddrs::to_socket_addrs(&(name, 0)).ok().and_then(|mut all| {
        let all: Vec<_> = all.by_ref().collect();
        all.iter().find(|address| address.is_ipv4()).or(all.first()).copied()
    });
    let unknown = || Thrown::new("java.net.UnknownHostException", format!("{name}: Name or service not known"));
    Ok(Value::object(Address(name.to_owned(), found.ok_or_else(unknown)?.ip().to_string())))
}

/// `java.util.UUID`.
pub static UUID: Class = Class {
    constructor: takes(2, 2, |_, _, args| {
        let (high, low) = (arguments::long(args, 0)? as u64, arguments::long(args, 1)? as u64);
        Ok(Value::object(Uuid(u128::from(high) << 64 | u128::from(low))))
    }),
    statics: &[
        java("fromString", 1, 1, |_, _, args| {
            let text = arguments::text(args, 0)?;
            let invalid = || Thrown::new(exceptions::ILLEGAL_ARGUMENT, format!("Invalid UUID string: {text}"));
            Ok(Value::object(parse(&text).ok_or_else(invalid)?))
        }),
        java("nameUUIDFromBytes", 1, 1, |_, _, args| {
            let bytes = digest::digest("MD5", &arguments::bytes(args, 0)?)?;
            Ok(Value::object(Uuid::versioned(&bytes, 3)))
        }),
        java("randomUUID", 0, 0, |_, _, _| Ok(Value::object(Uuid::versioned(&random::secure_bytes(16)?, 4)))),
    ],
    methods: &[
        java("compareTo", 1, 1, |_, this, args| {
            let parts = |value: &Value| -> Result<(i64, i64), Fault> {
                let number = arguments::object::<Uuid>(value)?.0;
                Ok(((number >> 64) as i64, number as i64))
            };
            Ok((parts(this)?.cmp(&parts(&args[0])?) as i32).into())
        }),
        java("getLeastSignificantBits", 0, 0, |_, this, _| Ok((arguments::object::<Uuid>(this)?.0 as i64).into())),
        java("getMostSignificantBits", 0, 0, |_, this, _| {
            Ok(((arguments::object::<Uuid>(this)?.0 >> 64) as i64).into())
        }),
        java("variant", 0, 0, |_, _, _| Ok(2.into())),
        java("version", 0, 0, |_, this, _| Ok(((arguments::object::<Uuid>(this)?.0 >> 76 & 0xf) as i32).into())),
    ],
    ..Class::named("java.util.UUID", &[&object::COMPARABLE])
};

#[derive(Debug, Clone, Copy)]
struct Uuid(u128);

impl Uuid {
    fn versioned(bytes: &[u8], version: u128) -> Self {
        let number = bytes.iter().take(16).fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
        Self(number & !(0xf << 76) & !(0b11 << 62) | version << 76 | 0b10 << 62)
    }
}

impl Object for Uuid {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&UUID)
    }

    fn to_text(&self) -> String {
        let digits = format!("{:032x}", self.0);
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        parts.join("-")
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<Uuid>(other).is_ok_and(|other| other.0 == self.0)
    }

    fn hash_code(&self) -> Option<i32> {
        let folded = (self.0 >> 64) as i64 ^ self.0 as i64;
        Some((folded >> 32) as i32 ^ folded as i32)
    }
}

/// Java takes parts that are too short, and drops what is too much of them.
fn parse(text: &str) -> Option<Uuid> {
    let parts: Vec<&str> = text.split('-').collect();
    if parts.len() != 5 || text.len() > 36 {
        return None;
    }
    let mut number = 0u128;
    for (part, bits) in parts.iter().zip([32, 16, 16, 16, 48]) {
        let value = u64::from_str_radix(part, 16).ok()?;
        number = number << bits | u128::from(value & ((1u64 << bits) - 1));
    }
    Some(Uuid(number))
}
