//! `java.util.zip`: check sums, packed streams, `Deflater` and `Inflater`. What is packed is packed when the stream is
//! closed or finished; what comes out can be unpacked anywhere, but is not byte for byte what zlib makes of it.

use super::io;
use super::{Answer, Class, Fault, Method, arguments, java, object, takes};
use crate::script::budget;
use crate::script::value::{ClassRef, Object, Thrown, Value};
use flate2::Compression;
use std::io::{Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// With gzip's head and check sum.
    Gzip,
    /// With zlib's.
    Zlib(u32),
    /// Without any.
    Raw(u32),
}

/// The level that Java takes when none is given.
const LEVEL: u32 = 6;

impl Form {
    /// Packs bytes.
    pub(crate) fn pack(self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let into = Vec::new();
        Ok(match self {
            Self::Gzip => {
                let mut writer = flate2::GzBuilder::new().operating_system(0).write(into, Compression::new(LEVEL));
                writer.write_all(bytes)?;
                writer.finish()?
            }
            Self::Zlib(level) => {
                let mut writer = flate2::write::ZlibEncoder::new(into, Compression::new(level));
                writer.write_all(bytes)?;
                writer.finish()?
            }
            Self::Raw(level) => {
                let mut writer = flate2::write::DeflateEncoder::new(into, Compression::new(level));
                writer.write_all(bytes)?;
                writer.finish()?
            }
        })
    }

    /// Unpacks bytes, within the bound that one file has.
    fn unpack(self, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        let reader: Box<dyn Read + '_> = match self {
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
            Self::Zlib(_) => Box::new(flate2::read::ZlibDecoder::new(bytes)),
            Self::Raw(_) => Box::new(flate2::read::DeflateDecoder::new(bytes)),
        };
        reader.take(io::MOST + 1).read_to_end(&mut out).map_err(|error| self.wrong(bytes, &error))?;
        if out.len() as u64 > io::MOST {
            return Err(budget::out_of_memory().into());
        }
        Ok(out)
    }

    fn wrong(self, bytes: &[u8], error: &std::io::Error) -> Fault {
        let is_packed = self != Self::Gzip || bytes.starts_with(&[0x1f, 0x8b]);
        if is_packed && error.kind() == std::io::ErrorKind::UnexpectedEof {
            return Thrown::new("java.io.EOFException", "Unexpected end of ZLIB input stream").into();
        }
        let message = match self {
            Self::Gzip if !is_packed => "Not in GZIP format",
            Self::Gzip => "Corrupt GZIP trailer",
            Self::Zlib(_) => "incorrect header check",
            Self::Raw(_) => "invalid stored block lengths",
        };
        Thrown::new("java.util.zip.ZipException", message).into()
    }
}

/// The form that a stream's second argument, a `Deflater` or `Inflater`, asks for.
fn form_of(args: &[Value]) -> Form {
    match args.get(1).and_then(|packer| arguments::object::<Packer>(packer).ok()) {
        Some(packer) => packer.form,
        None => Form::Zlib(LEVEL),
    }
}

/// `java.util.zip.GZIPOutputStream`.
pub static GZIP_OUTPUT_STREAM: Class = Class {
    constructor: takes(1, 3, |_, _, args| {
        io::packing("java.util.zip.GZIPOutputStream", Form::Gzip, arguments::first(args)?)
    }),
    ..Class::named("java.util.zip.GZIPOutputStream", &[&io::WRITER])
};

/// `java.util.zip.DeflaterOutputStream`.
pub static DEFLATER_OUTPUT_STREAM: Class = Class {
    constructor: takes(1, 4, |_, _, args| {
        io::packing("java.util.zip.DeflaterOutputStream", form_of(args), arguments::first(args)?)
    }),
    ..Class::named("java.util.zip.DeflaterOutputStream", &[&io::WRITER])
};

/// `java.util.zip.GZIPInputStream`.
pub static GZIP_INPUT_STREAM: Class = Class {
    constructor: takes(1, 2, |machine, _, args| {
        let packed = io::bytes_from(machine, arguments::first(args)?)?;
        if packed.is_empty() {
            return Err(Thrown::with_cause("java.io.EOFException", None, Value::Null).into());
        }
        Ok(io::byte_stream("java.util.zip.GZIPInputStream", Form::Gzip.unpack(&packed)?))
    }),
    ..Class::named("java.util.zip.GZIPInputStream", &[&io::INPUT_STREAM])
};

/// `java.util.zip.InflaterInputStream`.
pub static INFLATER_INPUT_STREAM: Class = Class {
    constructor: takes(1, 3, |machine, _, args| {
        let packed = io::bytes_from(machine, arguments::first(args)?)?;
        Ok(io::byte_stream("java.util.zip.InflaterInputStream", form_of(args).unpack(&packed)?))
    }),
    ..Class::named("java.util.zip.InflaterInputStream", &[&io::INPUT_STREAM])
};

/// `java.util.zip.CRC32`.
pub static CRC32: Class = Class {
    constructor: takes(0, 0, |_, _, _| {
        Ok(Value::object(CheckSum { class: &CRC32, sum: Mutex::new(Sum::Crc(flate2::Crc::new())) }))
    }),
    methods: SUM_METHODS,
    ..Class::named("java.util.zip.CRC32", &[&CHECKSUM])
};

/// `java.util.zip.Adler32`.
pub static ADLER32: Class = Class {
    constructor: takes(0, 0, |_, _, _| {
        Ok(Value::object(CheckSum { class: &ADLER32, sum: Mutex::new(Sum::Adler(1, 0)) }))
    }),
    methods: SUM_METHODS,
    ..Class::named("java.util.zip.Adler32", &[&CHECKSUM])
};

/// `java.util.zip.Checksum`.
pub static CHECKSUM: Class = Class::interface("java.util.zip.Checksum", &[&object::OBJECT]);

#[derive(Debug)]
enum Sum {
    Crc(flate2::Crc),
    Adler(u32, u32),
}

/// A sum of bytes.
#[derive(Debug)]
struct CheckSum {
    class: &'static Class,
    sum: Mutex<Sum>,
}

impl Object for CheckSum {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(crc) => crc.update(bytes),
            Self::Adler(a, b) => {
                for byte in bytes {
                    *a = (*a + u32::from(*byte)) % 65_521;
                    *b = (*b + *a) % 65_521;
                }
            }
        }
    }

    fn value(&self) -> u32 {
        match self {
            Self::Crc(crc) => crc.sum(),
            Self::Adler(a, b) => b << 16 | a,
        }
    }
}

const SUM_METHODS: &[Method] = &[
    java("getValue", 0, 0, |_, this, _| Ok(i64::from(lock(&arguments::object::<CheckSum>(this)?.sum).value()).into())),
    java("reset", 0, 0, |_, this, _| {
        let mut sum = lock(&arguments::object::<CheckSum>(this)?.sum);
        *sum = match *sum {
            Sum::Crc(_) => Sum::Crc(flate2::Crc::new()),
            Sum::Adler(..) => Sum::Adler(1, 0),
        };
        Ok(Value::Null)
    }),
    java("update", 1, 3, |_, this, args| {
        let bytes = match &args[0] {
            Value::Int(byte) => vec![*byte as u8],
            _ => part(args)?,
        };
        lock(&arguments::object::<CheckSum>(this)?.sum).add(&bytes);
        Ok(Value::Null)
    }),
];

/// Bytes, or the part of them that two further arguments name.
fn part(args: &[Value]) -> Result<Vec<u8>, Fault> {
    let bytes = arguments::bytes(args, 0)?;
    let (from, count) = match args {
        [_, Value::Int(from), Value::Int(count)] => ((*from).max(0) as usize, (*count).max(0) as usize),
        _ => (0, bytes.len()),
    };
    Ok(bytes.into_iter().skip(from).take(count).collect())
}

/// `java.util.zip.Deflater`.
pub static DEFLATER: Class = Class {
    constructor: takes(0, 2, |_, _, args| {
        let level = match args.first() {
            Some(Value::Int(level @ 0..=9)) => *level as u32,
            None | Some(Value::Int(_)) => LEVEL,
            _ => return Err(Fault::Mismatch),
        };
        let raw = args.len() > 1 && arguments::flag(args, 1)?;
        Ok(packer(&DEFLATER, if raw { Form::Raw(level) } else { Form::Zlib(level) }))
    }),
    constants: &[
        ("BEST_COMPRESSION", || Value::Int(9)),
        ("BEST_SPEED", || Value::Int(1)),
        ("DEFAULT_COMPRESSION", || Value::Int(-1)),
        ("DEFAULT_STRATEGY", || Value::Int(0)),
        ("DEFLATED", || Value::Int(8)),
        ("NO_COMPRESSION", || Value::Int(0)),
    ],
    methods: PACKER_METHODS,
    ..Class::named("java.util.zip.Deflater", &[&object::OBJECT])
};

/// `java.util.zip.Inflater`.
pub static INFLATER: Class = Class {
    constructor: takes(0, 1, |_, _, args| {
        let raw = !args.is_empty() && arguments::flag(args, 0)?;
        Ok(packer(&INFLATER, if raw { Form::Raw(LEVEL) } else { Form::Zlib(LEVEL) }))
    }),
    methods: PACKER_METHODS,
    ..Class::named("java.util.zip.Inflater", &[&object::OBJECT])
};

/// A `Deflater` or `Inflater`.
#[derive(Debug)]
struct Packer {
    class: &'static Class,
    form: Form,
    state: Mutex<Packing>,
}

#[derive(Debug, Default)]
struct Packing {
    input: Vec<u8>,
    /// What comes out, and how much of it was taken.
    output: Option<(Vec<u8>, usize)>,
}

impl Object for Packer {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }
}

fn packer(class: &'static Class, form: Form) -> Value {
    Value::object(Packer { class, form, state: Mutex::default() })
}

fn state(this: &Value) -> Result<MutexGuard<'_, Packing>, Fault> {
    Ok(lock(&arguments::object::<Packer>(this)?.state))
}

/// The next bytes that come out, into an array.
fn take(this: &Value, args: &[Value], work: impl FnOnce(Form, &[u8]) -> Result<Vec<u8>, Fault>) -> Answer {
    let form = arguments::object::<Packer>(this)?.form;
    let mut state = state(this)?;
    let Value::Array(array) = &args[0] else { return Err(Fault::Mismatch) };
    let (from, count) = match args {
        [_, Value::Int(from), Value::Int(count)] => ((*from).max(0) as usize, (*count).max(0) as usize),
        _ => (0, array.len()),
    };
    let mut output = match state.output.take() {
        Some(output) => output,
        None => (work(form, &state.input)?, 0),
    };
    let rest = output.0.get(output.1..).unwrap_or_default();
    let taken = rest.len().min(count).min(array.len().saturating_sub(from));
    for (at, byte) in rest.iter().take(taken).enumerate() {
        array.set(from + at, Value::Byte(*byte as i8));
    }
    output.1 += taken;
    state.output = Some(output);
    Ok((taken as i32).into())
}

const PACKER_METHODS: &[Method] = &[
    java("deflate", 1, 3, |_, this, args| {
        take(this, args, |form, input| form.pack(input).map_err(|error| io::io_error(&error)))
    }),
    java("end", 0, 0, |_, _, _| Ok(Value::Null)),
    java("finish", 0, 0, |_, _, _| Ok(Value::Null)),
    java("finished", 0, 0, |_, this, _| {
        Ok(state(this)?.output.as_ref().is_some_and(|(output, taken)| *taken >= output.len()).into())
    }),
    java("inflate", 1, 3, |_, this, args| {
        take(this, args, |form, input| {
            form.unpack(input)
                .map_err(|_| Thrown::new("java.util.zip.DataFormatException", "incorrect header check").into())
        })
    }),
    java("needsInput", 0, 0, |_, this, _| Ok(state(this)?.input.is_empty().into())),
    java("reset", 0, 0, |_, this, _| {
        *state(this)? = Packing::default();
        Ok(Value::Null)
    }),
    java("setInput", 1, 3, |_, this, args| {
        *state(this)? = Packing { input: part(args)?, output: None };
        Ok(Value::Null)
    }),
    java("setLevel", 1, 1, |_, _, _| Ok(Value::Null)),
];
