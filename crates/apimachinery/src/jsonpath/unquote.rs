//! Quoted strings, in double or single quotes (upstream's `UnquoteExtend`, Go's `strconv.UnquoteChar`).

use std::str::Chars;

/// The string that a quoted one stands for; `None` where it is malformed.
pub(super) fn unquote_extend(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    // Escapes may spell single bytes, so the string is made of bytes.
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        if c == quote {
            return None;
        }
        let c = if c == '\\' {
            match escape(&mut rest, quote)? {
                Escaped::Char(c) => c,
                Escaped::Byte(byte) => {
                    bytes.push(byte);
                    continue;
                }
            }
        } else {
            c
        };
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

enum Escaped {
    Char(char),
    Byte(u8),
}

/// What the characters after a backslash stand for.
fn escape(rest: &mut Chars<'_>, quote: char) -> Option<Escaped> {
    let c = rest.next()?;
    Some(Escaped::Char(match c {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' => '\\',
        '"' | '\'' if c == quote => c,
        'x' => return Some(Escaped::Byte(digits(rest, 0, 2, 16)?.try_into().ok()?)),
        'u' => char::from_u32(digits(rest, 0, 4, 16)?)?,
        'U' => char::from_u32(digits(rest, 0, 8, 16)?)?,
        '0'..='7' => {
            let first = c.to_digit(8)?;
            return Some(Escaped::Byte(digits(rest, first, 2, 8)?.try_into().ok()?));
        }
        _ => return None,
    }))
}

fn digits(rest: &mut Chars<'_>, first: u32, count: usize, radix: u32) -> Option<u32> {
    (0..count).try_fold(first, |value, _| value.checked_mul(radix)?.checked_add(rest.next()?.to_digit(radix)?))
}
