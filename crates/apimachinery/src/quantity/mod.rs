//! Quantities of resources: `100m`, `1.5Gi`, `2e3`.
//!
//! Upstream: `k8s.io/apimachinery/pkg/api/resource/quantity.go`. A quantity is exact to the billionth, as upstream's
//! is; it may be as large as 10^29, where upstream's has no bound.

mod parse;

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use serde_json::Value;

const NANOS: i128 = 1_000_000_000;

/// In which notation a quantity is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `12e6`.
    DecimalExponent,
    /// `12Mi`, powers of 1024.
    BinarySI,
    /// `12M`, powers of 1000.
    DecimalSI,
}

/// Why a quantity was refused; the texts are upstream's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// It does not look like one.
    #[error("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    Format,
    /// Its number cannot be read, or is too large.
    #[error("unable to parse numeric part of quantity")]
    Numeric,
    /// Its suffix is unknown.
    #[error("unable to parse quantity's suffix")]
    Suffix,
}

/// An amount of a resource. Equal and ordered by amount, whatever the notation.
#[derive(Debug, Clone)]
pub struct Quantity {
    nanos: i128,
    format: Format,
    /// How it was written, where upstream takes that for canonical; it is, but for signs and zeros to no purpose.
    written: Option<String>,
}

impl Quantity {
    /// A whole number of units.
    pub fn new(value: i64, format: Format) -> Self {
        Self { nanos: i128::from(value) * NANOS, format, written: None }
    }

    /// A number of thousandths.
    pub fn from_milli(value: i64, format: Format) -> Self {
        Self { nanos: i128::from(value) * (NANOS / 1000), format, written: None }
    }

    /// Parses a quantity; spaces around it are an error.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        parse::parse(text)
    }

    /// Reads a quantity of an object: a string, or a number.
    pub fn from_json(value: &Value) -> Result<Self, QuantityError> {
        match value {
            Value::String(text) => Self::parse(text.trim()),
            Value::Number(number) => Self::parse(&number.to_string()),
            Value::Null => Ok(Self::default()),
            _ => Err(QuantityError::Format),
        }
    }

    /// The notation in which it is printed.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whole units, rounded away from zero.
    pub fn value(&self) -> i64 {
        self.scaled(NANOS)
    }

    /// Thousandths, rounded away from zero.
    pub fn milli_value(&self) -> i64 {
        self.scaled(NANOS / 1000)
    }

    fn scaled(&self, nanos_per_unit: i128) -> i64 {
        let (whole, rest) = (self.nanos / nanos_per_unit, self.nanos % nanos_per_unit);
        let rounded = whole + rest.signum();
        i64::try_from(rounded).unwrap_or(if rounded > 0 { i64::MAX } else { i64::MIN })
    }

    /// The amount as a float, for ratios.
    pub fn as_f64(&self) -> f64 {
        self.nanos as f64 / NANOS as f64
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.nanos == 0
    }

    /// -1, 0 or 1.
    pub fn sign(&self) -> i32 {
        self.nanos.signum() as i32
    }

    fn with(&self, nanos: i128, other: &Self) -> Self {
        // A zero takes the notation of what is added to it.
        let format = if self.is_zero() { other.format } else { self.format };
        Self { nanos, format, written: None }
    }

    fn canonical(&self) -> String {
        if self.is_zero() {
            return "0".to_string();
        }
        let whole = self.nanos % NANOS == 0;
        if self.format == Format::BinarySI && whole && self.nanos.abs() >= 1024 * NANOS {
            let (number, times) = without_factors(self.nanos / NANOS, 1024);
            return format!("{number}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].get(times).unwrap_or(&""));
        }
        let (mut number, times) = without_factors(self.nanos, 10);
        let mut exponent = times as i32 - 9;
        while exponent % 3 != 0 {
            number *= 10;
            exponent -= 1;
        }
        if self.format == Format::DecimalExponent && exponent != 0 {
            return format!("{number}e{exponent}");
        }
        let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
        // Upstream, too, has no suffix for a thousand E.
        let suffix = suffixes.get((exponent / 3 + 3) as usize).unwrap_or(&"");
        let suffix = if self.format == Format::DecimalExponent { "" } else { suffix };
        format!("{number}{suffix}")
    }
}

/// Divides as often as that leaves no remainder.
fn without_factors(mut number: i128, factor: i128) -> (i128, usize) {
    let mut times = 0;
    while number != 0 && number % factor == 0 {
        number /= factor;
        times += 1;
    }
    (number, times)
}

impl Default for Quantity {
    fn default() -> Self {
        Self::new(0, Format::DecimalSI)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.written {
            Some(text) => f.write_str(text),
            None => f.write_str(&self.canonical()),
        }
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::parse(text)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl Add<&Quantity> for &Quantity {
    type Output = Quantity;

    fn add(self, other: &Quantity) -> Quantity {
        self.with(self.nanos.saturating_add(other.nanos), other)
    }
}

impl Sub<&Quantity> for &Quantity {
    type Output = Quantity;

    fn sub(self, other: &Quantity) -> Quantity {
        self.with(self.nanos.saturating_sub(other.nanos), other)
    }
}

impl AddAssign<&Quantity> for Quantity {
    fn add_assign(&mut self, other: &Quantity) {
        *self = &*self + other;
    }
}

impl SubAssign<&Quantity> for Quantity {
    fn sub_assign(&mut self, other: &Quantity) {
        *self = &*self - other;
    }
}

impl Neg for &Quantity {
    type Output = Quantity;

    fn neg(self) -> Quantity {
        Quantity { nanos: -self.nanos, format: self.format, written: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn q(text: &str) -> Quantity {
        Quantity::parse(text).expect("parses")
    }

    #[test]
    fn amounts_compare_whatever_their_notation() {
        assert_eq!(q("1Ki"), q("1024"));
        assert_eq!(q("0.1"), q("100m"));
        assert!(q("1Gi") > q("1G") && q("-1") < q("0") && q("1n") > q("0"));
    }

    #[test]
    fn sums_keep_the_notation_of_the_first_that_is_not_zero() {
        assert_eq!((&q("1Gi") + &q("512Mi")).to_string(), "1536Mi");
        assert_eq!((&q("0") + &q("512Mi")).to_string(), "512Mi");
        assert_eq!((&q("1") - &q("250m")).to_string(), "750m");
        let mut sum = Quantity::default();
        sum += &q("100m");
        sum += &q("900m");
        assert_eq!((sum.to_string().as_str(), sum.value(), sum.milli_value()), ("1", 1, 1000));
    }

    #[test]
    fn objects_write_quantities_as_strings_or_numbers() {
        assert_eq!(Quantity::from_json(&Value::from(2)).map(|q| q.to_string()), Ok("2".to_string()));
        assert_eq!(Quantity::from_json(&Value::from(" 0.5 ")).map(|q| q.to_string()), Ok("500m".to_string()));
        assert_eq!(Quantity::from_json(&Value::from(true)), Err(QuantityError::Format));
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same_amount(value in any::<i64>(), milli in any::<bool>(), format in 0..3) {
            let format = [Format::DecimalSI, Format::BinarySI, Format::DecimalExponent][format as usize];
            // Upstream has no suffix for more than it can print, see `canonical`.
            let value = value % 1_000_000_000_000_000;
            let quantity = if milli { Quantity::from_milli(value, format) } else { Quantity::new(value, format) };
            let printed = quantity.to_string();
            prop_assert_eq!(&q(&printed), &quantity);
            // 1000 of a binary notation is printed without a suffix, and as decimal again it would be 1k.
            if format != Format::BinarySI {
                prop_assert_eq!(q(&printed).to_string(), printed);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-+]?[0-9.]{0,45}([eEinumkKMGTP]{0,3}[-+]?[0-9]{0,12})?|[ -~é]{0,8}") {
            if let Ok(quantity) = Quantity::parse(&text) {
                let _ = (quantity.to_string(), quantity.value(), quantity.milli_value(), &quantity + &quantity);
            }
        }

        #[test]
        fn adding_and_subtracting_cancel(a in -1_000_000_000_000i64..1_000_000_000_000, b in -1_000_000_000_000i64..1_000_000_000_000) {
            let (a, b) = (Quantity::from_milli(a, Format::DecimalSI), Quantity::from_milli(b, Format::DecimalSI));
            prop_assert_eq!(&(&a + &b) - &b, a);
        }
    }
}
