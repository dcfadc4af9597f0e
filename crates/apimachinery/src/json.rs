//! JSON as Go's encoding/json reads it, for its errors (encoding/json: scanner.go).

use serde_json::Value;

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A character that cannot stand where it stands.
    Syntax {
        /// Go's words.
        message: String,
        /// How many bytes were read, that character included.
        offset: usize,
    },
    /// The text ends too early.
    End,
}

/// Reads one text as `json.Unmarshal` does; the error is in Go's words.
pub fn parse(text: &str) -> Result<Value, String> {
    let end = match value_end(text.as_bytes()) {
        Ok(end) => end,
        Err(Fault::End) => return Err("unexpected end of JSON input".to_string()),
        Err(Fault::Syntax { message, .. }) => return Err(message),
    };
    match text.as_bytes()[end..].iter().find(|byte| !is_space(**byte)) {
        Some(byte) => Err(invalid(*byte, "after top-level value")),
        None => serde_json::from_str(text).map_err(|error| error.to_string()),
    }
}

/// Where the first value of a text ends. What follows it is not looked at.
///
/// # Errors
/// [`Fault::End`] also for a text without any value.
pub fn value_end(text: &[u8]) -> Result<usize, Fault> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.value()?;
    Ok(scanner.at)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn invalid(byte: u8, place: &str) -> String {
    let shown = match byte {
        b'\'' => "\\'".to_string(),
        b'"' => "\"".to_string(),
        byte => crate::go::quote(&char::from(byte).to_string()).trim_matches('"').to_string(),
    };
    format!("invalid character '{shown}' {place}")
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

/// What may come next.
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    AfterValue,
}

impl Scanner<'_> {
    fn peek(&self) -> Result<u8, Fault> {
        self.text.get(self.at).copied().ok_or(Fault::End)
    }

    fn space(&mut self) {
        while self.text.get(self.at).is_some_and(|byte| is_space(*byte)) {
            self.at += 1;
        }
    }

    fn wrong(&self, byte: u8, place: &str) -> Fault {
        Fault::Syntax { message: invalid(byte, place), offset: self.at + 1 }
    }

    fn value(&mut self) -> Result<(), Fault> {
        let (mut open, mut next) = (Vec::new(), Next::Value);
        loop {
            if matches!(next, Next::AfterValue) && open.is_empty() {
                return Ok(());
            }
            self.space();
            let byte = self.peek()?;
            next = match (next, byte) {
                (Next::ValueOrEnd, b']') | (Next::KeyOrEnd, b'}') => {
                    self.at += 1;
                    open.pop();
                    Next::AfterValue
                }
                (Next::Value | Next::ValueOrEnd, b'{' | b'[') => {
                    self.at += 1;
                    open.push(byte);
                    if byte == b'{' { Next::KeyOrEnd } else { Next::ValueOrEnd }
                }
                (Next::Value | Next::ValueOrEnd, byte) => {
                    self.scalar(byte)?;
                    Next::AfterValue
                }
                (Next::Key | Next::KeyOrEnd, b'"') => {
                    self.string()?;
                    self.space();
                    match self.peek()? {
                        b':' => self.at += 1,
                        other => return Err(self.wrong(other, "after object key")),
                    }
                    Next::Value
                }
                (Next::Key | Next::KeyOrEnd, byte) => {
                    return Err(self.wrong(byte, "looking for beginning of object key string"));
                }
                (Next::AfterValue, byte) => {
                    let object = open.last() == Some(&b'{');
                    match byte {
                        b',' => {
                            self.at += 1;
                            if object { Next::Key } else { Next::Value }
                        }
                        b'}' | b']' if object == (byte == b'}') => {
                            self.at += 1;
                            open.pop();
                            Next::AfterValue
                        }
                        byte if object => return Err(self.wrong(byte, "after object key:value pair")),
                        byte => return Err(self.wrong(byte, "after array element")),
                    }
                }
            };
        }
    }

    fn scalar(&mut self, byte: u8) -> Result<(), Fault> {
        match byte {
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            byte => Err(self.wrong(byte, "looking for beginning of value")),
        }
    }

    fn literal(&mut self, word: &str) -> Result<(), Fault> {
        for expected in word.bytes() {
            let byte = self.peek()?;
            if byte != expected {
                let place = format!("in literal {word} (expecting '{}')", char::from(expected));
                return Err(self.wrong(byte, &place));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            let byte = self.peek()?;
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    self.at += 1;
                    self.escape()?;
                }
                0..0x20 => return Err(self.wrong(byte, "in string literal")),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        match self.peek()? {
            b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => self.at += 1,
            b'u' => {
                self.at += 1;
                for _ in 0..4 {
                    match self.peek()? {
                        byte if byte.is_ascii_hexdigit() => self.at += 1,
                        byte => return Err(self.wrong(byte, "in \\u hexadecimal character escape")),
                    }
                }
            }
            byte => return Err(self.wrong(byte, "in string escape code")),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits(),
            byte => return Err(self.wrong(byte, "in numeric literal")),
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.some_digits("after decimal point in numeric literal")?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn some_digits(&mut self, place: &str) -> Result<(), Fault> {
        match self.peek()? {
            byte if byte.is_ascii_digit() => self.digits(),
            byte => return Err(self.wrong(byte, place)),
        }
        Ok(())
    }

    fn digits(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_right_is_read() {
        assert_eq!(
            parse(r#" {"a": [1, -0.5e3, "x\u00e9", {}, []], "b": {"c": null}} "#),
            Ok(json!({"a": [1, -500.0, "xé", {}, []], "b": {"c": null}}))
        );
        assert_eq!(value_end(b"{\"a\":1}{\"b\":2}"), Ok(7));
    }

    #[test]
    fn mistakes_read_as_in_go() {
        for (text, error) in [
            ("", "unexpected end of JSON input"),
            ("{\"a\": 1", "unexpected end of JSON input"),
            ("{a: 1}", "invalid character 'a' looking for beginning of object key string"),
            ("{\"a\": 1,}", "invalid character '}' looking for beginning of object key string"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\": 1 \"b\": 2}", "invalid character '\"' after object key:value pair"),
            ("[1 2]", "invalid character '2' after array element"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("tru!", "invalid character '!' in literal true (expecting 'e')"),
            ("'x'", "invalid character '\\'' looking for beginning of value"),
            ("{\"a\": \"x\ny\"}", "invalid character '\\n' in string literal"),
            ("\"\\x\"", "invalid character 'x' in string escape code"),
            ("-x", "invalid character 'x' in numeric literal"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ] {
            assert_eq!(parse(text), Err(error.to_string()), "{text:?}");
        }
        assert!(matches!(value_end(b"{a"), Err(Fault::Syntax { offset: 2, .. })));
    }
}
