//! JSON (RFC 8259), as much of it as manifests need: text in, values out, one after the other, without a tree between.
//!
//! A general reader, made for every type that it may be asked for, is a third of the player's WebAssembly. This one is made
//! once, knows no fractions but times, and is held against `serde_json` in its tests.

use std::borrow::Cow;

use crate::{Cause, Error, MediaTime};

/// Deeper than any manifest: what is skipped is skipped by recursion.
const DEEPEST: u32 = 64;

/// Why a text is not the JSON that was expected. No larger than a pointer: every value that is read may be wrong.
#[derive(Debug)]
pub(crate) struct Fault(Box<Wrong>);

#[derive(Debug)]
struct Wrong {
    /// Where, in bytes.
    at: usize,
    what: Cow<'static, str>,
}

impl Fault {
    #[cold]
    fn new(at: usize, what: Cow<'static, str>) -> Self {
        Self(Box::new(Wrong { at, what }))
    }
}

/// Reads a text from its beginning on.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

/// What reads one value.
pub(crate) type Read<'r, 'a> = &'r mut dyn FnMut(&mut Reader<'a>) -> Result<(), Fault>;

/// Reads all of a text.
///
/// # Errors
/// [`Cause::Json`] with the line and the column.
pub(crate) fn read<'a, T>(
    bytes: &'a [u8],
    value: impl FnOnce(&mut Reader<'a>) -> Result<T, Fault>,
) -> Result<T, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| describe(bytes, &Fault::new(error.valid_up_to(), "no UTF-8".into())))?;
    let mut reader = Reader { text, at: 0, depth: 0 };
    value(&mut reader).and_then(|value| reader.end().map(|()| value)).map_err(|fault| describe(bytes, &fault))
}

fn describe(bytes: &[u8], Fault(fault): &Fault) -> Error {
    let before = bytes.get(..fault.at).unwrap_or(bytes);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    Cause::Json(format!("{} at line {line} column {column}", fault.what)).into()
}

impl<'a> Reader<'a> {
    /// What is wrong here.
    pub(crate) fn fault<T>(&self, what: impl Into<Cow<'static, str>>) -> Result<T, Fault> {
        Err(Fault::new(self.at, what.into()))
    }

    /// A member that must be there, once all of an object have been read.
    pub(crate) fn need<T>(&self, member: Option<T>, name: &'static str) -> Result<T, Fault> {
        member.ok_or_else(|| self.quoting("missing field `", name))
    }

    fn quoting(&self, what: &str, name: &str) -> Fault {
        Fault::new(self.at, format!("{what}{name}`").into())
    }

    /// An object: `member` is called with each name and must read its value. Of equal names the last one counts.
    pub(crate) fn object(
        &mut self,
        member: &mut dyn FnMut(&str, &mut Reader<'a>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.list(b'{', b'}', &mut |json| {
            let name = json.text()?;
            json.expect(b':')?;
            member(&name, json)
        })
    }

    /// An array: `item` is called for each and must read it.
    pub(crate) fn array(&mut self, item: Read<'_, 'a>) -> Result<(), Fault> {
        self.list(b'[', b']', item)
    }

    fn list(&mut self, open: u8, close: u8, item: Read<'_, 'a>) -> Result<(), Fault> {
        self.expect(open)?;
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fault("too many brackets in each other");
        }
        if self.peek() != Some(close) {
            loop {
                item(self)?;
                if self.peek() != Some(b',') {
                    break;
                }
                self.at += 1;
            }
        }
        self.depth -= 1;
        self.expect(close)
    }

    /// Whether a `null` was here; nothing else is read.
    pub(crate) fn null(&mut self) -> bool {
        self.peek() == Some(b'n') && self.word("null")
    }

    pub(crate) fn bool(&mut self) -> Result<bool, Fault> {
        self.peek();
        match () {
            () if self.word("true") => Ok(true),
            () if self.word("false") => Ok(false),
            () => self.fault("expected true or false"),
        }
    }

    /// A string.
    pub(crate) fn text(&mut self) -> Result<String, Fault> {
        self.expect(b'"')?;
        let mut text = String::new();
        loop {
            let is_plain = |byte: &&u8| !matches!(byte, b'"' | b'\\' | ..0x20);
            let end = self.at + self.text.as_bytes()[self.at..].iter().take_while(is_plain).count();
            // Neither end is inside a character; `get` takes less code to say so than slicing.
            text.push_str(self.text.get(self.at..end).unwrap_or_default());
            self.at = end;
            match self.byte() {
                Some(b'"') => return Ok(text),
                Some(b'\\') => text.push(self.escaped()?),
                _ => return self.fault("a string does not end, or holds a control character"),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Fault> {
        Ok(match self.byte() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return self.fault("an escape that JSON does not know"),
        })
    }

    /// What stands behind `\u`: one unit of UTF-16, or the first of two.
    fn unicode(&mut self) -> Result<char, Fault> {
        let first = self.unit()?;
        let second = if (0xd800..0xdc00).contains(&first) && self.word("\\u") { Some(self.unit()?) } else { None };
        let mut chars = char::decode_utf16(std::iter::once(first).chain(second));
        match (chars.next(), chars.next()) {
            (Some(Ok(char)), None) => Ok(char),
            _ => self.fault("half a character of UTF-16"),
        }
    }

    fn unit(&mut self) -> Result<u16, Fault> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).unwrap_or_default();
        let digit =
            |unit: Option<u16>, byte: &u8| Some(unit? << 4 | u16::try_from(char::from(*byte).to_digit(16)?).ok()?);
        match digits.iter().fold(Some(0), digit) {
            Some(unit) if digits.len() == 4 => {
                self.at += 4;
                Ok(unit)
            }
            _ => self.fault("expected four hexadecimal digits"),
        }
    }

    /// A whole number from 0 on.
    pub(crate) fn unsigned(&mut self) -> Result<u64, Fault> {
        let (is_negative, digits) = self.integer()?;
        if is_negative && digits > 0 { self.fault("expected no number below zero") } else { Ok(digits) }
    }

    /// The same in fewer bits.
    pub(crate) fn small<T: TryFrom<u64>>(&mut self) -> Result<T, Fault> {
        let number = self.unsigned()?;
        T::try_from(number).or_else(|_| self.fault("the number is too large"))
    }

    /// A whole number.
    pub(crate) fn signed(&mut self) -> Result<i64, Fault> {
        let (is_negative, digits) = self.integer()?;
        let number = if is_negative { 0_i64.checked_sub_unsigned(digits) } else { i64::try_from(digits).ok() };
        number.map_or_else(|| self.fault("the number is too large"), Ok)
    }

    fn integer(&mut self) -> Result<(bool, u64), Fault> {
        let number = self.number()?;
        if !number.is_whole {
            return self.fault("expected a whole number");
        }
        match u64::try_from(number.digits) {
            Ok(digits) if number.exponent == 0 => Ok((number.is_negative, digits)),
            _ => self.fault("the number is too large"),
        }
    }

    /// A number of seconds, rounded to the microsecond.
    pub(crate) fn seconds(&mut self) -> Result<MediaTime, Fault> {
        const MICROS: i32 = 6;
        let number = self.number()?;
        let mut micros = number.digits;
        let exponent = number.exponent.saturating_add(MICROS);
        for _ in 0..exponent.clamp(0, 40) {
            micros = micros.saturating_mul(10);
        }
        for digit in (exponent..0).take(40) {
            // Only the last division rounds.
            micros = if digit == -1 { (micros + 5) / 10 } else { micros / 10 };
        }
        let micros = i64::try_from(micros).unwrap_or(i64::MAX);
        Ok(MediaTime::from_micros(if number.is_negative { -micros } else { micros }))
    }

    fn number(&mut self) -> Result<Number, Fault> {
        self.peek();
        let mut number = Number { is_negative: self.word("-"), digits: 0, exponent: 0, is_whole: true };
        let starts_with_zero = self.text.as_bytes().get(self.at) == Some(&b'0');
        let count = self.digits(&mut number, 0);
        if count == 0 || (starts_with_zero && count > 1) {
            return self.fault("expected a number");
        }
        if self.word(".") {
            number.is_whole = false;
            if self.digits(&mut number, -1) == 0 {
                return self.fault("expected digits behind the point");
            }
        }
        if self.word("e") || self.word("E") {
            number.is_whole = false;
            let is_negative = self.word("-");
            if !is_negative {
                self.word("+");
            }
            let mut exponent = Number { is_negative, digits: 0, exponent: 0, is_whole: true };
            if self.digits(&mut exponent, 0) == 0 {
                return self.fault("expected an exponent");
            }
            let value = i32::try_from(exponent.digits).unwrap_or(i32::MAX / 2).min(i32::MAX / 2);
            number.exponent = number.exponent.saturating_add(if is_negative { -value } else { value });
        }
        Ok(number)
    }

    /// Reads digits, each of which moves the point by `step`; says how many there were.
    fn digits(&mut self, number: &mut Number, step: i32) -> usize {
        /// More than a `u64` has. What comes behind them only moves the point.
        const MOST: u128 = 10_u128.pow(24);
        let begin = self.at;
        while let Some(byte @ b'0'..=b'9') = self.text.as_bytes().get(self.at) {
            self.at += 1;
            if number.digits < MOST {
                number.digits = number.digits * 10 + u128::from(byte - b'0');
                number.exponent += step;
            } else {
                number.exponent += step + 1;
            }
        }
        self.at - begin
    }

    /// Any value, which is not wanted.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'{') => self.object(&mut |_, json| json.skip()),
            Some(b'[') => self.array(&mut Self::skip),
            Some(b'"') => self.text().map(drop),
            Some(b't' | b'f') => self.bool().map(drop),
            Some(b'n') if self.word("null") => Ok(()),
            _ => self.number().map(drop),
        }
    }

    fn end(&mut self) -> Result<(), Fault> {
        if self.peek().is_some() { self.fault("more than one value") } else { Ok(()) }
    }

    /// The next byte that is no space, which is not taken.
    fn peek(&mut self) -> Option<u8> {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += self.text.as_bytes()[self.at..].iter().take_while(|byte| is_space(byte)).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.text.as_bytes().get(self.at).copied();
        self.at += usize::from(byte.is_some());
        byte
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(self.quoting("expected `", char::from(byte).encode_utf8(&mut [0; 4])));
        }
        self.at += 1;
        Ok(())
    }

    /// Takes a word, if it stands exactly here.
    fn word(&mut self, word: &str) -> bool {
        let is_here = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += if is_here { word.len() } else { 0 };
        is_here
    }
}

/// `digits` × 10^`exponent`.
struct Number {
    is_negative: bool,
    digits: u128,
    exponent: i32,
    /// Whether it is written without a fraction and an exponent.
    is_whole: bool,
}

#[cfg(test)]
mod tests;
