//! What stores answer, and addresses of them.

use store::{Address, Scheme, look_through};

/// Reads bytes as answers of a store, and as the address of one.
pub fn store(bytes: &[u8]) {
    look_through(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // The path of a directory may have characters that an address writes in another way.
    let Some(address) = text.parse::<Address>().ok().filter(|address| address.scheme != Scheme::File) else { return };
    assert_eq!(address.to_string().parse().as_ref(), Ok(&address), "what is written is read the same");
}
