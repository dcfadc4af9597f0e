//! What a command line said about each flag.

use super::{Flag, Kind, csv};
use crate::text::quote;
use apimachinery::duration::{format_go, parse_go};
use jiff::SignedDuration;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
struct Slot {
    flag: Flag,
    text: String,
    list: Vec<String>,
    changed: bool,
}

/// The values of all flags of a command, given or default. Asking for a flag that the command does not declare is a
/// mistake in the verb: it fails in debug builds and reads as empty otherwise.
#[derive(Debug, Clone, Default)]
pub struct Values {
    slots: BTreeMap<&'static str, Slot>,
    given: Vec<(&'static str, String)>,
    stdin: bool,
}

impl Values {
    pub(super) fn new(flags: &[Flag]) -> Self {
        let slots = flags.iter().map(|flag| {
            let list = match flag.kind {
                Kind::StringSlice | Kind::StringArray if !flag.default.is_empty() => {
                    flag.default.split(',').map(String::from).collect()
                }
                _ => Vec::new(),
            };
            (flag.name, Slot { flag: flag.clone(), text: flag.default.to_string(), list, changed: false })
        });
        Values { slots: slots.collect(), given: Vec::new(), stdin: false }
    }

    /// pflag's `Set`: checks and stores a value. The error is pflag's, without the `See … --help` line.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Some(slot) = self.slots.get_mut(name) else {
            return Err(format!("no such flag -{name}"));
        };
        let shown = match slot.flag.short {
            Some(letter) => format!("-{letter}, --{}", slot.flag.name),
            None => format!("--{}", slot.flag.name),
        };
        let invalid = |cause: String| format!("invalid argument {} for {} flag: {cause}", quote(value), quote(&shown));
        match slot.flag.kind {
            Kind::Bool => {
                let parsed = parse_bool(value)
                    .ok_or_else(|| invalid(format!("strconv.ParseBool: parsing {}: invalid syntax", quote(value))))?;
                slot.text = parsed.to_string();
            }
            Kind::String => slot.text = value.to_string(),
            Kind::Int | Kind::Int64 => slot.text = integer(value, 64).map_err(invalid)?.to_string(),
            Kind::Int32 => slot.text = integer(value, 32).map_err(invalid)?.to_string(),
            Kind::Float32 => {
                let parsed: f32 = value
                    .parse()
                    .map_err(|_| invalid(format!("strconv.ParseFloat: parsing {}: invalid syntax", quote(value))))?;
                slot.text = parsed.to_string();
            }
            Kind::Duration => {
                let parsed = parse_go(value).map_err(|error| invalid(error.to_string()))?;
                slot.text = format_go(parsed);
            }
            Kind::StringSlice => {
                let fields = csv::fields(value).map_err(invalid)?;
                if !slot.changed {
                    slot.list.clear();
                }
                slot.list.extend(fields);
            }
            Kind::StringArray => {
                if !slot.changed {
                    slot.list.clear();
                }
                slot.list.push(value.to_string());
            }
            Kind::StringToString => {
                for pair in csv::fields(value).map_err(invalid)? {
                    if !pair.contains('=') {
                        return Err(invalid(format!("{pair} must be formatted as key=value")));
                    }
                    slot.list.push(pair);
                }
            }
        }
        slot.changed = true;
        self.given.push((slot.flag.name, value.to_string()));
        Ok(())
    }

    fn slot(&self, name: &str) -> Option<&Slot> {
        let slot = self.slots.get(name);
        debug_assert!(slot.is_some(), "flag {name} is not declared by this command");
        slot
    }

    /// Whether the command declares the flag at all.
    pub fn has(&self, name: &str) -> bool {
        self.slots.contains_key(name)
    }
    /// pflag's `Changed`: the flag was given.
    pub fn changed(&self, name: &str) -> bool {
        self.slot(name).is_some_and(|slot| slot.changed)
    }
    /// The flags that were given, in their order, with what was said.
    pub fn given(&self) -> &[(&'static str, String)] {
        &self.given
    }
    /// An argument is `-`, which stands for standard input.
    pub(super) fn note_stdin(&mut self) {
        self.stdin = true;
    }
    /// The command reads standard input: an argument or a file is `-`.
    pub fn reads_stdin(&self) -> bool {
        self.stdin || self.has("filename") && self.strings("filename").iter().any(|name| name == "-")
    }
    /// The text of a flag; of numbers and durations too.
    pub fn str(&self, name: &str) -> &str {
        self.slot(name).map_or("", |slot| slot.text.as_str())
    }
    /// A boolean flag.
    pub fn bool(&self, name: &str) -> bool {
        self.str(name) == "true"
    }
    /// A flag that may be given often.
    pub fn strings(&self, name: &str) -> &[String] {
        self.slot(name).map_or(&[], |slot| slot.list.as_slice())
    }
    /// A number.
    pub fn int(&self, name: &str) -> i64 {
        // `set` stored only what parses; a default is written by us.
        self.str(name).parse().unwrap_or_default()
    }
    /// A duration; negative ones too (`--timeout=-1s`).
    pub fn duration(&self, name: &str) -> SignedDuration {
        parse_go(self.str(name)).unwrap_or_default()
    }
    /// The pairs of a `key=value` flag; a later key wins.
    pub fn pairs(&self, name: &str) -> BTreeMap<String, String> {
        let pairs = self.strings(name).iter().filter_map(|pair| pair.split_once('='));
        pairs.map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }
    /// The required flags that were not given.
    pub(super) fn missing_required(&self) -> Vec<&'static str> {
        self.slots.values().filter(|slot| slot.flag.required && !slot.changed).map(|slot| slot.flag.name).collect()
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// `strconv.ParseInt(text, 0, bits)`, with its error texts.
fn integer(text: &str, bits: u32) -> Result<i64, String> {
    let syntax = || format!("strconv.ParseInt: parsing {}: invalid syntax", quote(text));
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = match lower.as_str() {
        d if d.starts_with("0x") => (16, &digits[2..]),
        d if d.starts_with("0b") => (2, &digits[2..]),
        d if d.starts_with("0o") => (8, &digits[2..]),
        d if d.len() > 1 && d.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if body.is_empty() || body.starts_with(['+', '-']) || !body.chars().all(|c| c.is_digit(radix)) {
        return Err(syntax());
    }
    let range = || format!("strconv.ParseInt: parsing {}: value out of range", quote(text));
    let magnitude = i128::from_str_radix(body, radix).map_err(|_| range())?;
    let value = if negative { -magnitude } else { magnitude };
    let limit = 1i128 << (bits - 1);
    if value < -limit || value >= limit {
        return Err(range());
    }
    i64::try_from(value).map_err(|_| range())
}
