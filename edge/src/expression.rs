//! The part of Cloudflare's Rules language that the rules are written in, parsed and evaluated.
//!
//! ```text
//! or      = and { "or" and }
//! and     = not { "and" not }
//! not     = "not" not | "(" or ")" | "starts_with" "(" field "," string ")" | "ends_with" "(" … ")" | test
//! test    = field ( "eq" string | "ne" string | "contains" string | "in" "{" string … "}" )
//! field   = "http.request.uri.path" | "http.request.uri.path.extension" | "http.request.uri.query" | "lower" "(" field ")"
//! ```

use std::fmt;

/// Which requests a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression(Node);

/// A text that is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at} of the expression {text:?}")]
pub struct Malformed {
    what: String,
    at: usize,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Or(Vec<Node>),
    And(Vec<Node>),
    Not(Box<Node>),
    Test(Field, Test),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Path,
    Extension,
    Query,
    Lower(Box<Field>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Equals(String),
    Differs(String),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    In(Vec<String>),
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`Malformed`], with the place.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut parser = Parser { text, at: 0 };
        let node = parser.or()?;
        if parser.skip_space().is_empty() { Ok(Self(node)) } else { parser.fail("something behind the end") }
    }

    /// Whether a request for that path, which begins with a slash and may have a query behind it, matches.
    #[must_use]
    pub fn matches(&self, target: &str) -> bool {
        self.0.matches(target)
    }
}

impl Node {
    fn matches(&self, target: &str) -> bool {
        match self {
            Self::Or(nodes) => nodes.iter().any(|node| node.matches(target)),
            Self::And(nodes) => nodes.iter().all(|node| node.matches(target)),
            Self::Not(node) => !node.matches(target),
            Self::Test(field, test) => test.holds(&field.of(target)),
        }
    }
}

impl Field {
    fn of(&self, target: &str) -> String {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        match self {
            Self::Path => path.to_owned(),
            Self::Query => query.to_owned(),
            Self::Extension => {
                let name = path.rsplit('/').next().unwrap_or(path);
                name.rsplit_once('.').map_or("", |(_, extension)| extension).to_lowercase()
            }
            Self::Lower(field) => field.of(target).to_lowercase(),
        }
    }
}

impl Test {
    fn holds(&self, value: &str) -> bool {
        match self {
            Self::Equals(text) => value == text,
            Self::Differs(text) => value != text,
            Self::Contains(text) => value.contains(text.as_str()),
            Self::StartsWith(text) => value.starts_with(text.as_str()),
            Self::EndsWith(text) => value.ends_with(text.as_str()),
            Self::In(texts) => texts.iter().any(|text| value == text),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn or(&mut self) -> Result<Node, Malformed> {
        let mut nodes = vec![self.and()?];
        while self.word("or") {
            nodes.push(self.and()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Or(nodes) })
    }

    fn and(&mut self) -> Result<Node, Malformed> {
        let mut nodes = vec![self.not()?];
        while self.word("and") {
            nodes.push(self.not()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::And(nodes) })
    }

    fn not(&mut self) -> Result<Node, Malformed> {
        if self.word("not") {
            return Ok(Node::Not(Box::new(self.not()?)));
        }
        if self.sign('(') {
            let node = self.or()?;
            self.expect(')')?;
            return Ok(node);
        }
        for (name, test) in [("starts_with", Test::StartsWith as fn(_) -> _), ("ends_with", Test::EndsWith)] {
            if self.word(name) {
                self.expect('(')?;
                let field = self.field()?;
                self.expect(',')?;
                let text = self.string()?;
                self.expect(')')?;
                return Ok(Node::Test(field, test(text)));
            }
        }
        let field = self.field()?;
        Ok(Node::Test(field, self.test()?))
    }

    fn test(&mut self) -> Result<Test, Malformed> {
        for (name, test) in [("eq", Test::Equals as fn(_) -> _), ("ne", Test::Differs), ("contains", Test::Contains)] {
            if self.word(name) {
                return self.string().map(test);
            }
        }
        if !self.word("in") {
            return self.fail("no operator");
        }
        self.expect('{')?;
        let mut texts = vec![self.string()?];
        while !self.sign('}') {
            texts.push(self.string()?);
        }
        Ok(Test::In(texts))
    }

    fn field(&mut self) -> Result<Field, Malformed> {
        if self.word("lower") {
            self.expect('(')?;
            let field = self.field()?;
            self.expect(')')?;
            return Ok(Field::Lower(Box::new(field)));
        }
        if self.word("http.request.uri.path.extension") {
            Ok(Field::Extension)
        } else if self.word("http.request.uri.path") {
            Ok(Field::Path)
        } else if self.word("http.request.uri.query") {
            Ok(Field::Query)
        } else {
            self.fail("no known field")
        }
    }

    /// In double quotes; a backslash takes the next quote or backslash as it is.
    fn string(&mut self) -> Result<String, Malformed> {
        self.expect('"')?;
        let mut string = String::new();
        let mut chars = self.text[self.at..].char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += offset + 1;
                    return Ok(string);
                }
                '\\' => string.extend(chars.next().map(|(_, c)| c)),
                c => string.push(c),
            }
        }
        self.fail("a string without an end")
    }

    /// Takes `word` if it comes next and is not the beginning of a longer one.
    fn word(&mut self, word: &str) -> bool {
        let Some(rest) = self.skip_space().strip_prefix(word) else { return false };
        let is_whole = !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.'));
        if is_whole {
            self.at += word.len();
        }
        is_whole
    }

    fn sign(&mut self, sign: char) -> bool {
        let is_next = self.skip_space().starts_with(sign);
        if is_next {
            self.at += sign.len_utf8();
        }
        is_next
    }

    fn expect(&mut self, sign: char) -> Result<(), Malformed> {
        if self.sign(sign) { Ok(()) } else { self.fail(format_args!("no `{sign}`")) }
    }

    fn skip_space(&mut self) -> &'a str {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        rest
    }

    fn fail<T>(&self, what: impl fmt::Display) -> Result<T, Malformed> {
        Err(Malformed { what: what.to_string(), at: self.at, text: self.text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(expression: &str, path: &str) -> bool {
        Expression::parse(expression).expect("an expression").matches(path)
    }

    #[test]
    fn each_operator_does_what_its_name_says() {
        for (expression, yes, no) in [
            ("http.request.uri.path eq \"/a\"", "/a", "/A"),
            ("http.request.uri.path ne \"/a\"", "/b", "/a"),
            ("http.request.uri.path contains \"b\"", "/abc", "/aBc"),
            ("starts_with(http.request.uri.path, \"/a/\")", "/a/b", "/b/a/"),
            ("ends_with(http.request.uri.path, \".mp4\")", "/a.mp4", "/a.mp4/b"),
            ("http.request.uri.path.extension in {\"mp4\" \"ts\"}", "/a.b/c.MP4", "/mp4"),
            ("starts_with(lower(http.request.uri.path), \"/api/\")", "/API/x", "/apis/x"),
            ("not http.request.uri.path eq \"/a\"", "/b", "/a"),
            ("http.request.uri.path eq \"/a\"", "/a?b", "/b?/a"),
            ("http.request.uri.path.extension in {\"mp4\"}", "/a.mp4?b.c", "/a?b.mp4"),
            ("starts_with(http.request.uri.query, \"b=\")", "/a?b=1", "/b=1?c"),
            ("http.request.uri.path eq \"/\\\"\"", "/\"", "/"),
        ] {
            assert!(matches(expression, yes), "{expression} {yes}");
            assert!(!matches(expression, no), "{expression} {no}");
        }
    }

    #[test]
    fn and_binds_before_or_and_brackets_before_both() {
        let (a, b, c) = (
            "http.request.uri.path contains \"a\"",
            "http.request.uri.path contains \"b\"",
            "http.request.uri.path contains \"c\"",
        );
        assert!(matches(&format!("{a} or {b} and {c}"), "/a"));
        assert!(!matches(&format!("({a} or {b}) and {c}"), "/a"));
        assert!(matches(&format!("({a} or {b}) and {c}"), "/bc"));
    }

    #[test]
    fn what_is_no_expression_is_named_with_its_place() {
        for (text, what) in [
            ("", "no known field at byte 0"),
            ("http.request.uri.path", "no operator at byte 21"),
            ("http.request.uri.paths eq \"a\"", "no known field at byte 0"),
            ("http.request.uri.path eq \"a", "a string without an end"),
            ("http.request.uri.path in {}", "no `\"`"),
            ("(http.request.uri.path eq \"a\"", "no `)`"),
            ("http.request.uri.path eq \"a\" b", "something behind the end"),
        ] {
            let message = Expression::parse(text).expect_err("malformed").to_string();
            assert!(message.starts_with(what), "{message}");
        }
    }
}
