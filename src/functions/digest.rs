//! `__digest(algorithm, text, salt, upper case, variable)`, and `__MD5(text, variable)` of the plugin jpgc-functions. The
//! salt goes after the text.

use super::{Definition, Function, Store, take};
use crate::expr::{Expr, java_bool};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

pub(super) const DIGEST: Definition = Definition {
    name: "__digest",
    arguments: (2, Some(5)),
    compile: |arguments, scope| {
        let [algorithm, text, salt, upper_case, store] = take(arguments);
        Ok(Box::new(Digest {
            algorithm: algorithm.unwrap_or_default(),
            text: text.unwrap_or_default(),
            salt,
            upper_case,
            store: Store::new(store, scope),
        }))
    },
    summary: "A text's digest (MD5, SHA-256 …) in hexadecimal digits",
};

pub(super) const MD5: Definition = Definition {
    name: "__MD5",
    arguments: (1, None),
    compile: |arguments, scope| {
        let [text, store] = take(arguments);
        let (text, store) = (text.unwrap_or_default(), Store::even_empty(store, scope));
        Ok(Box::new(Digest { algorithm: Expr::literal("MD5"), text, salt: None, upper_case: None, store }))
    },
    summary: "A text's MD5 digest in hexadecimal digits (plugin jpgc-functions)",
};

struct Digest {
    algorithm: Expr,
    text: Expr,
    salt: Option<Expr>,
    upper_case: Option<Expr>,
    store: Store,
}

impl Function for Digest {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let (algorithm, text) = (self.algorithm.eval(user)?, self.text.eval(user)?);
        let salt = match &self.salt {
            Some(salt) => Some(salt.eval(user)?),
            None => None,
        };
        let Some(mut digest) = digest(&algorithm) else {
            log::error!(
                target: "org.apache.jmeter.functions.DigestEncodeFunction",
                "Error calling __digest function with value {text}, digest algorithm {algorithm}, salt {}, \
                 java.security.NoSuchAlgorithmException: {algorithm} MessageDigest not available",
                salt.as_deref().unwrap_or("null")
            );
            return Ok(Text::from("null"));
        };
        digest.update(text.as_bytes());
        digest.update(salt.as_deref().unwrap_or_default().as_bytes());
        let upper_case = match &self.upper_case {
            Some(upper_case) => java_bool(&upper_case.eval(user)?),
            None => false,
        };
        let digits =
            hexadecimal(&digest.finalize(), if upper_case { b"0123456789ABCDEF" } else { b"0123456789abcdef" });
        let digits = Text::from(digits);
        self.store.put(user, &digits)?;
        Ok(digits)
    }
}

/// `MessageDigest.getInstance(algorithm)` of Java 17.
fn digest(algorithm: &str) -> Option<Box<dyn DynDigest>> {
    Some(match algorithm.to_ascii_uppercase().as_str() {
        "MD2" => Box::new(md2::Md2::default()),
        "MD5" => Box::new(Md5::default()),
        "SHA" | "SHA1" | "SHA-1" => Box::new(Sha1::default()),
        "SHA224" | "SHA-224" => Box::new(Sha224::default()),
        "SHA256" | "SHA-256" => Box::new(Sha256::default()),
        "SHA384" | "SHA-384" => Box::new(Sha384::default()),
        "SHA512" | "SHA-512" => Box::new(Sha512::default()),
        "SHA512/224" | "SHA-512/224" => Box::new(Sha512_224::default()),
        "SHA512/256" | "SHA-512/256" => Box::new(Sha512_256::default()),
        "SHA3-224" => Box::new(sha3::Sha3_224::default()),
        "SHA3-256" => Box::new(sha3::Sha3_256::default()),
        "SHA3-384" => Box::new(sha3::Sha3_384::default()),
        "SHA3-512" => Box::new(sha3::Sha3_512::default()),
        _ => return None,
    })
}

fn hexadecimal(bytes: &[u8], digits: &[u8; 16]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(digits[usize::from(byte >> 4)]));
        text.push(char::from(digits[usize::from(byte & 0xf)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    /// As JMeter 5.6.2 on Java 17 answers.
    #[test]
    fn digests() {
        check(&[
            ("${__digest(MD5,a)}", "0cc175b9c0f1b6a831c399e269772661"),
            ("${__digest(md5,a,s,TRUE, v )}|${v}", "F970E2767D0CFE75876EA857F92E319B|F970E2767D0CFE75876EA857F92E319B"),
            ("${__digest(MD5,)}", "d41d8cd98f00b204e9800998ecf8427e"),
            ("${__digest(MD2,a)}", "32ec01ec4a6dac72c0ab96fb34c0b5d1"),
            ("${__digest(SHA,a)}", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
            ("${__digest(SHA224,a)}", "abd37534c7d9a2efb9465de931cd7055ffdb8879563ae98078d6d6d5"),
            ("${__digest(SHA-256,a)}", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
            (
                "${__digest(SHA384,a)}",
                "54a59b9f22b0b80880d8427e548b7c23abd873486e1f035dce9cd697e85175033caa88e6d57bc35efae0b5afd3145f31",
            ),
            ("${__digest(SHA-512/224,a)}", "d5cdb9ccc769a5121d4175f2bfdd13d6310e0d3d361ea75d82108327"),
            ("${__digest(SHA-512/256,a)}", "455e518824bc0601f9fb858ff5c37d417d67c2f8e0df2babe4808858aea830f8"),
            ("${__digest(SHA3-256,a)}", "80084bf2fba02475726feb2cab2d8215eab14bc6bdd8bfb2c8151257032ecd8b"),
            ("${__digest(nope,a,,, w )}|${w}", "null|${w}"),
            ("${__digest(,a)}", "null"),
            ("${__MD5(a, m )}|${m}", "0cc175b9c0f1b6a831c399e269772661|0cc175b9c0f1b6a831c399e269772661"),
        ]);
    }
}
