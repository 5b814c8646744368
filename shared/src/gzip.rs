//! Compression with gzip, for long responses and stored plans.

use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};
use std::io::{Read as _, Result, Write as _};

/// Compresses bytes with gzip.
pub(crate) fn pack(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The text that was compressed.
pub(crate) fn unpack(bytes: &[u8]) -> Result<String> {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text)?;
    Ok(text)
}
