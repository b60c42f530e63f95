//! Whole numbers as JSON has them.
//!
//! JSON knows one kind of number. A browser reads all of them as floats: it cannot tell `1.0` from `1`, nor every whole
//! number beyond 2^53 from its neighbours. So that a manifest means the same everywhere, a number that is whole counts as
//! whole however it is written, and one beyond 2^53 - 1 is refused (RFC 8259 section 6).

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, SeqAccess, Unexpected, Visitor};

/// `Number.MAX_SAFE_INTEGER`.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// A whole number that fits its type.
struct Whole<T>(T);

struct Integer;

impl Visitor<'_> for Integer {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of no more than 2^53 - 1")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        let is_safe = (-MAX_SAFE..=MAX_SAFE).contains(&number);
        if is_safe { Ok(number) } else { Err(E::invalid_value(Unexpected::Signed(number), &self)) }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        // What is compared is beyond rounding: every float up to there is itself.
        let is_whole = number.trunc() == number && number.abs() <= MAX_SAFE as f64;
        if is_whole { Ok(number as i64) } else { Err(E::invalid_type(Unexpected::Float(number), &self)) }
    }
}

impl<'de, T: TryFrom<i64>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = deserializer.deserialize_i64(Integer)?;
        T::try_from(number).map(Self).map_err(|_| D::Error::custom("the number is too large, or below zero"))
    }
}

/// Two whole numbers and nothing behind them, which not every deserializer looks for by itself.
struct Pair(u64, u32);

struct TwoNumbers;

impl<'de> Visitor<'de> for TwoNumbers {
    type Value = Pair;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("two whole numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Pair, A::Error> {
        let none = |count| A::Error::invalid_length(count, &self);
        let Whole(first) = numbers.next_element()?.ok_or_else(|| none(0))?;
        let Whole(second) = numbers.next_element()?.ok_or_else(|| none(1))?;
        match numbers.next_element::<IgnoredAny>()? {
            None => Ok(Pair(first, second)),
            Some(_) => Err(none(3)),
        }
    }
}

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(TwoNumbers)
    }
}

pub(crate) fn whole<'de, T: TryFrom<i64>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Whole::deserialize(deserializer).map(|Whole(number)| number)
}

pub(crate) fn whole_option<'de, T: TryFrom<i64>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer).map(|number| number.map(|Whole(number)| number))
}

pub(crate) fn whole_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    let numbers = Vec::deserialize(deserializer)?;
    Ok(numbers.into_iter().map(|Whole(number)| number).collect())
}

pub(crate) fn whole_pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(u64, u32)>, D::Error> {
    let pairs = Vec::deserialize(deserializer)?;
    Ok(pairs.into_iter().map(|Pair(first, second)| (first, second)).collect())
}
