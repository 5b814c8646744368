//! API keys, against a second reading of the contract's words: another CRC-32, another base62.

use super::{
    fuzz,
    text::{edited, edits, odd},
};
use crate::auth::api_key::ApiKey;
use proptest::prelude::*;
use regex::Regex;

const DIGITS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// CRC-32/IEEE, bit by bit.
fn crc32(text: &str) -> u32 {
    !text.bytes().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

fn with_checksum(body: &str) -> String {
    let crc = u64::from(crc32(body));
    let digit = |place: u32| DIGITS.as_bytes()[(crc / 62_u64.pow(place) % 62) as usize];
    format!("{body}{}", (0..6).rev().map(|place| char::from(digit(place))).collect::<String>())
}

#[test]
fn a_key_is_read_exactly_if_its_checksum_is_right() {
    let shape = Regex::new("^ubk_[0-9A-Za-z]{44}$").unwrap();
    let body = "ubk_[0-9A-Za-z]{38}";
    let near = (body, edits(2)).prop_map(|(body, edits)| edited(&with_checksum(&body), &edits));
    fuzz("API key", prop_oneof![6 => near, 1 => odd()], move |raw| {
        let right = shape.is_match(&raw) && with_checksum(&raw[..42]) == raw;
        let read = ApiKey::parse(&raw);
        assert_eq!(read.is_some(), right, "{raw:?}");
        assert!(read.is_none_or(|key| key.expose() == raw));
    });
}

#[test]
fn a_generated_key_is_read_and_with_any_one_character_changed_it_is_not() {
    let change =
        (0..48_usize, prop_oneof![3 => "[0-9A-Za-z]", 1 => any::<char>().prop_map(String::from)]);
    fuzz("API key, generated", change, |(at, character)| {
        let key = ApiKey::generate().expose().to_owned();
        assert_eq!(key, with_checksum(&key[..42]));
        assert!(ApiKey::parse(&key).is_some());
        let changed = format!("{}{character}{}", &key[..at], &key[at + 1..]);
        assert!(changed == key || ApiKey::parse(&changed).is_none(), "{changed:?} of {key:?}");
    });
}
