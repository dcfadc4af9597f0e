//! Cron schedules, with the words of github.com/robfig/cron/v3 for what is wrong with one.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, ToSpan, Unit, civil, tz::TimeZone};

/// When something is to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At certain minutes of certain days.
    Calendar(Box<Calendar>),
    /// Again and again after the same time.
    Every(SignedDuration),
}

/// The five fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    values: BTreeSet<u32>,
    /// Whether it was `*` or `?`: then it does not choose days.
    star: bool,
}

struct Bounds {
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const MINUTES: Bounds = Bounds { min: 0, max: 59, names: &[] };
const HOURS: Bounds = Bounds { min: 0, max: 23, names: &[] };
const DAYS: Bounds = Bounds { min: 1, max: 31, names: &[] };
const MONTHS: Bounds = Bounds {
    min: 1,
    max: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAYS: Bounds = Bounds { min: 0, max: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// Upstream looks no further ahead.
const YEARS_AHEAD: i16 = 5;

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("empty spec string".to_owned());
        }
        let fields = match text.strip_prefix('@') {
            None => text,
            Some("yearly" | "annually") => "0 0 1 1 *",
            Some("monthly") => "0 0 1 * *",
            Some("weekly") => "0 0 * * 0",
            Some("daily" | "midnight") => "0 0 * * *",
            Some("hourly") => "0 * * * *",
            Some(other) => return parse_every(text, other),
        };
        let parts: Vec<&str> = fields.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = parts.as_slice() else {
            return Err(format!("expected exactly 5 fields, found {}: [{}]", parts.len(), parts.join(" ")));
        };
        Ok(Self::Calendar(Box::new(Calendar {
            minutes: Field::parse(minutes, &MINUTES)?,
            hours: Field::parse(hours, &HOURS)?,
            days: Field::parse(days, &DAYS)?,
            months: Field::parse(months, &MONTHS)?,
            weekdays: Field::parse(weekdays, &WEEKDAYS)?,
        })))
    }

    /// The first moment after `after`; `None` when there is none in years.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Every(delay) => (after + *delay).round(Unit::Second).ok(),
            Self::Calendar(calendar) => calendar.next(after, zone),
        }
    }
}

fn parse_every(text: &str, descriptor: &str) -> Result<Schedule, String> {
    let Some(duration) = descriptor.strip_prefix("every ") else {
        return Err(format!("unrecognized descriptor: {text}"));
    };
    let parsed = apimachinery::duration::parse_go(duration);
    let delay = parsed.map_err(|why| format!("failed to parse duration {text}: {why}"))?;
    Ok(Schedule::Every(SignedDuration::from_secs(delay.as_secs().max(1))))
}

impl Field {
    fn parse(text: &str, bounds: &Bounds) -> Result<Self, String> {
        let mut field = Self { values: BTreeSet::new(), star: false };
        for part in text.split(',').filter(|part| !part.is_empty()) {
            field.add(part, bounds)?;
        }
        Ok(field)
    }

    /// `number | number "-" number [ "/" number ]`: `getRange`.
    fn add(&mut self, part: &str, bounds: &Bounds) -> Result<(), String> {
        let pieces: Vec<&str> = part.split('/').collect();
        let limits: Vec<&str> = pieces[0].split('-').collect();
        let single = limits.len() == 1;
        let star = matches!(limits[0], "*" | "?");
        let (first, mut last) = match limits.as_slice() {
            ["*" | "?"] => (bounds.min, bounds.max),
            [one] => (bounds.number(one)?, bounds.number(one)?),
            [first, last] => (bounds.number(first)?, bounds.number(last)?),
            _ => return Err(format!("too many hyphens: {part}")),
        };
        let step = match pieces.as_slice() {
            [_] => 1,
            [_, step] => {
                // "N/step" means "N-max/step".
                if single && !star {
                    last = bounds.max;
                }
                number(step)?
            }
            _ => return Err(format!("too many slashes: {part}")),
        };
        if first < bounds.min {
            return Err(format!("beginning of range ({first}) below minimum ({}): {part}", bounds.min));
        }
        if last > bounds.max {
            return Err(format!("end of range ({last}) above maximum ({}): {part}", bounds.max));
        }
        if first > last {
            return Err(format!("beginning of range ({first}) beyond end of range ({last}): {part}"));
        }
        if step == 0 {
            return Err(format!("step of range should be a positive number: {part}"));
        }
        self.star |= star && step == 1;
        self.values.extend((first..=last).step_by(step as usize));
        Ok(())
    }
}

impl Bounds {
    fn number(&self, text: &str) -> Result<u32, String> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        match named.and_then(|index| u32::try_from(index).ok()) {
            Some(index) => Ok(index + self.min),
            None => number(text),
        }
    }
}

fn number(text: &str) -> Result<u32, String> {
    let parsed: i64 = text
        .parse()
        .map_err(|_| format!("failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax"))?;
    u32::try_from(parsed).map_err(|_| format!("negative number ({parsed}) not allowed: {text}"))
}

impl Calendar {
    fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = zone.to_datetime(after);
        let start = civil::datetime(local.year(), local.month(), local.day(), local.hour(), local.minute(), 0, 0);
        let start = start.checked_add(1.minute()).ok()?;
        let mut day = start.date();
        while day.year() <= start.year() + YEARS_AHEAD {
            if self.is_on(day) {
                for moment in self.moments(day).filter(|moment| *moment >= start) {
                    let at = zone.to_timestamp(moment).ok()?;
                    if at > after {
                        return Some(at);
                    }
                }
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    /// `dayMatches`: where both the day of the month and that of the week are given, one of them is enough.
    fn is_on(&self, day: civil::Date) -> bool {
        let has = |field: &Field, value: i8| u32::try_from(value).is_ok_and(|value| field.values.contains(&value));
        let of_month = has(&self.days, day.day());
        let of_week = has(&self.weekdays, day.weekday().to_sunday_zero_offset());
        let chosen = if self.days.star || self.weekdays.star { of_month && of_week } else { of_month || of_week };
        has(&self.months, day.month()) && chosen
    }

    fn moments(&self, day: civil::Date) -> impl Iterator<Item = civil::DateTime> {
        let minutes_of = |hour: u32| self.minutes.values.iter().map(move |minute| (hour, *minute));
        let small = |value: u32| i8::try_from(value).unwrap_or(0);
        let times = self.hours.values.iter().flat_map(move |hour| minutes_of(*hour));
        times.map(move |(hour, minute)| day.at(small(hour), small(minute), 0, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str) -> String {
        let schedule = Schedule::parse(schedule).unwrap();
        schedule.next(after.parse().unwrap(), &TimeZone::UTC).unwrap().to_string()
    }

    #[test]
    fn the_next_moment_is_found() {
        for (schedule, after, expected) in [
            ("* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"),
            ("*/15 * * * *", "2026-01-01T00:16:10Z", "2026-01-01T00:30:00Z"),
            ("0 9 * * mon-fri", "2026-01-02T10:00:00Z", "2026-01-05T09:00:00Z"),
            ("30 6-16/4 * * 1-5", "2026-01-05T06:30:00Z", "2026-01-05T10:30:00Z"),
            ("0 0 1 1 *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
            ("@hourly", "2026-01-01T00:00:30Z", "2026-01-01T01:00:00Z"),
            ("@every 90s", "2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z"),
        ] {
            assert_eq!(next(schedule, after), expected, "{schedule}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_the_words_of_the_library() {
        for (schedule, expected) in [
            ("bogus", "expected exactly 5 fields, found 1: [bogus]"),
            ("61 * * * *", "end of range (61) above maximum (59): 61"),
            ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
            ("x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"),
        ] {
            assert_eq!(Schedule::parse(schedule).unwrap_err(), expected);
        }
        assert!(Schedule::parse("0 0 31 2 *").unwrap().next(Timestamp::UNIX_EPOCH, &TimeZone::UTC).is_none());
    }
}
