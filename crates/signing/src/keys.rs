//! Keys as a file has them: one a line. The first signs; all of them are good for what was signed before.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The shortest key, in bytes: as many bits as a name that nobody can guess has.
const SHORTEST: usize = 16;
/// The longest key, in bytes.
const LONGEST: usize = 1_024;
/// The most keys in a file: each is tried for what none of them has signed.
const MOST: usize = 16;
/// The most bytes that are read of a file.
const LARGEST_FILE: u64 = 32 << 10;
/// What names of cuts are made of begins with it.
const CUT: &str = "cut:";

/// Keys of HMAC-SHA-256 (RFC 2104).
#[derive(Clone)]
pub struct Keys(Vec<Vec<u8>>);

/// Why a file of keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the keys in {path:?}: {fault}")]
pub struct Error {
    /// As it was given.
    pub path: PathBuf,
    /// What is wrong.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a file of keys, and what helps.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It cannot be read.
    #[error("{0}; name a file that may be read")]
    Read(#[from] io::Error),
    /// There is no line in it.
    #[error("there is none; make one by `openssl rand -hex 32`")]
    None,
    /// A key could be guessed.
    #[error("line {line} has fewer than {SHORTEST} bytes; make a key by `openssl rand -hex 32`")]
    Short {
        /// Counted from 1.
        line: usize,
    },
    /// Somebody has named another file.
    #[error("line {line} has more than {LONGEST} bytes; one key stands on a line")]
    Long {
        /// Counted from 1.
        line: usize,
    },
    /// A key that an editor would break, or that has a line end in it.
    #[error("line {line} is not printable ASCII; make a key by `openssl rand -hex 32`")]
    Unprintable {
        /// Counted from 1.
        line: usize,
    },
    /// More than anybody rotates.
    #[error("there are more than {MOST}; take out those that nothing signed is in use of any more")]
    Many,
}

impl Keys {
    /// Reads a file of at most 32 KiB.
    ///
    /// # Errors
    /// [`Error`], with what to do about it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let read = || {
            let mut bytes = Vec::new();
            File::open(path)?.take(LARGEST_FILE).read_to_end(&mut bytes)?;
            Self::parse(&bytes)
        };
        read().map_err(|fault| Error { path: path.to_owned(), fault })
    }

    /// Reads keys, one a line. Spaces around them, and lines without one, are no part of them.
    ///
    /// # Errors
    /// [`Fault`], which never holds a key.
    pub fn parse(text: &[u8]) -> Result<Self, Fault> {
        let lines = (1..).zip(text.split(|&byte| byte == b'\n')).map(|(line, key)| (line, key.trim_ascii()));
        let mut keys = Vec::new();
        for (line, key) in lines.filter(|(_, key)| !key.is_empty()) {
            match key.len() {
                ..SHORTEST => return Err(Fault::Short { line }),
                SHORTEST..=LONGEST => {}
                _ => return Err(Fault::Long { line }),
            }
            if !key.iter().all(|byte| matches!(byte, b' '..=b'~')) {
                return Err(Fault::Unprintable { line });
            }
            if keys.len() == MOST {
                return Err(Fault::Many);
            }
            keys.push(key.to_vec());
        }
        if keys.is_empty() { Err(Fault::None) } else { Ok(Self(keys)) }
    }

    /// Signs with the first key.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 32] {
        mac(&self.0[0], message).finalize().into_bytes().into()
    }

    /// Whether one of the keys has signed a message, found out in a time that does not depend on where signatures differ.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.iter().any(|key| mac(key, message).verify_slice(signature).is_ok())
    }

    /// What of a cut's name nobody can guess who has no key: 32 hexadecimal digits, of which the cut's content id and the
    /// first key make always the same.
    #[must_use]
    pub fn secret_name(&self, content_id: &str) -> String {
        let signature = self.sign(format!("{CUT}{content_id}").as_bytes());
        signature[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(message);
    mac
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[u8] = b"0123456789abcdef0123456789abcdef";
    const NEW: &[u8] = b"fedcba9876543210fedcba9876543210";

    fn keys(lines: &[&[u8]]) -> Keys {
        Keys::parse(&lines.join(&b'\n')).expect("good keys")
    }

    #[test]
    fn the_first_signs_and_all_are_good() {
        let signature = keys(&[OLD]).sign(b"message");
        assert!(keys(&[OLD]).verify(b"message", &signature));
        assert!(keys(&[NEW, OLD]).verify(b"message", &signature));
        assert!(!keys(&[NEW]).verify(b"message", &signature));
        assert_eq!(keys(&[NEW, OLD]).sign(b"message"), keys(&[NEW]).sign(b"message"));
        assert_ne!(keys(&[NEW, OLD]).sign(b"message"), signature);
    }

    #[test]
    fn whatever_differs_from_a_signature_is_none() {
        let keys = keys(&[OLD]);
        let signature = keys.sign(b"message");
        for bit in 0..256 {
            let mut other = signature;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!keys.verify(b"message", &other));
        }
        for length in [0, 1, 16, 31] {
            assert!(!keys.verify(b"message", &signature[..length]));
        }
        assert!(!keys.verify(b"message", &[&signature[..], &[0]].concat()));
    }

    /// RFC 4231, test case 6: a key that is longer than a block.
    #[test]
    fn it_is_the_hmac_of_the_standard() {
        let key = Keys(vec![vec![0xaa; 131]]);
        let signature = key.sign(b"Test Using Larger Than Block-Size Key - Hash Key First");
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn spaces_and_empty_lines_are_no_part_of_keys() {
        let plain = keys(&[NEW, OLD]);
        let spaced = Keys::parse(&[b"\r\n  ", NEW, b" \r\n\n\t", OLD, b"\n\n"].concat()).expect("good keys");
        assert_eq!((plain.0.len(), plain.0), (2, spaced.0));
    }

    #[test]
    fn what_is_no_file_of_keys_is_refused_with_its_line() {
        let fault = |text: &[u8]| Keys::parse(text).expect_err("no keys").to_string();
        assert!(fault(b"").starts_with("there is none"));
        assert!(fault(b" \n\n").starts_with("there is none"));
        assert!(fault(&[OLD, b"\n\nshort"].concat()).starts_with("line 3 has fewer than 16 bytes"));
        assert!(fault(&[b'x'; 1_025]).starts_with("line 1 has more than 1024 bytes"));
        assert!(fault(b"0123456789abcdef\0").starts_with("line 1 is not printable"));
        assert!(fault(&[OLD, b"\n"].concat().repeat(17)).starts_with("there are more than 16"));
    }

    #[test]
    fn a_secret_never_shows() {
        assert_eq!(format!("{:?}", keys(&[OLD, NEW])), "2 keys");
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), b"secret").expect("room");
        let error = Keys::read(file.path()).expect_err("a short key");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }

    #[test]
    fn a_name_depends_on_cut_and_key() {
        let name = keys(&[OLD]).secret_name("00112233445566778899aabbccddeeff");
        assert_eq!(name, keys(&[OLD, NEW]).secret_name("00112233445566778899aabbccddeeff"));
        assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        assert_ne!(name, keys(&[NEW]).secret_name("00112233445566778899aabbccddeeff"));
        assert_ne!(name, keys(&[OLD]).secret_name("00112233445566778899aabbccddeefe"));
    }
}
