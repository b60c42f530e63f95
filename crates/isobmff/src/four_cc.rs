//! Four-character codes.

use std::fmt;

/// The type of a box, of a handler, of a brand (ISO/IEC 14496-12 section 4.2).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FourCc(pub [u8; 4]);

impl FourCc {
    /// From a literal such as `b"moov"`.
    #[must_use]
    pub const fn new(code: &[u8; 4]) -> Self {
        Self(*code)
    }

    /// Whether all four bytes are printable Latin-1, as every registered code's are.
    #[must_use]
    pub fn is_printable(self) -> bool {
        self.0.iter().all(|&byte| matches!(byte, 0x20..=0x7e | 0xa9))
    }
}

impl PartialEq<&[u8; 4]> for FourCc {
    fn eq(&self, code: &&[u8; 4]) -> bool {
        self.0 == **code
    }
}

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&byte| match byte {
            0x20..=0x7e => write!(f, "{}", char::from(byte)),
            // QuickTime's copyright sign.
            0xa9 => f.write_str("©"),
            _ => write!(f, "\\x{byte:02x}"),
        })
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{self}'")
    }
}
