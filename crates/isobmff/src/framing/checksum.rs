//! The checksum of a FLAC frame (RFC 9639 section 9.3): CRC-16 with the polynomial x^16 + x^15 + x^2 + 1, from zero.

/// Checksum of each byte alone.
const TABLE: [u16; 256] = table();

const fn table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let (mut value, mut bit) = ((byte as u16) << 8, 0);
        while bit < 8 {
            value = if value & 0x8000 == 0 { value << 1 } else { value << 1 ^ 0x8005 };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
}

/// The checksum with more bytes in it.
pub(crate) fn add(checksum: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(checksum, |checksum, &byte| checksum << 8 ^ TABLE[usize::from(checksum >> 8 ^ u16::from(byte))])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value that catalogues of checksums give for this one (CRC-16/UMTS).
    #[test]
    fn of_the_nine_digits() {
        assert_eq!(add(0, b"123456789"), 0xfee8);
        assert_eq!(add(add(0, b"12345"), b"6789\xfe\xe8"), 0, "with itself behind it");
    }
}
