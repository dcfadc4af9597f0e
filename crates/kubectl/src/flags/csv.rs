//! Go's `encoding/csv` for one record, as pflag's `stringSlice` splits its values.

/// The fields of one CSV record; pflag's error text when the quoting is wrong.
pub(super) fn fields(text: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut field, mut i) = (Vec::new(), String::new(), 0);
    loop {
        if chars.get(i) == Some(&'"') {
            i += 1;
            loop {
                match (chars.get(i), chars.get(i + 1)) {
                    (Some('"'), Some('"')) => {
                        field.push('"');
                        i += 2;
                    }
                    (Some('"'), Some(',') | None) => {
                        i += 1;
                        break;
                    }
                    (Some('"'), Some(_)) => {
                        return Err(format!(
                            "parse error on line 1, column {}: extraneous or missing \" in quoted-field",
                            i + 1
                        ));
                    }
                    (Some(&c), _) => {
                        field.push(c);
                        i += 1;
                    }
                    (None, _) => {
                        return Err(format!(
                            "parse error on line 1, column {}: extraneous or missing \" in quoted-field",
                            i + 1
                        ));
                    }
                }
            }
        } else {
            while let Some(&c) = chars.get(i).filter(|c| **c != ',') {
                if c == '"' {
                    return Err(format!("parse error on line 1, column {}: bare \" in non-quoted-field", i + 1));
                }
                field.push(c);
                i += 1;
            }
        }
        out.push(std::mem::take(&mut field));
        match chars.get(i) {
            Some(',') => i += 1,
            _ => return Ok(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn splits_as_go_does() {
        assert_eq!(fields("a,b").unwrap(), ["a", "b"]);
        assert_eq!(fields("a,").unwrap(), ["a", ""]);
        assert_eq!(fields("\"a,b\",c").unwrap(), ["a,b", "c"]);
        assert!(fields("a\"b").is_err());
    }
}
