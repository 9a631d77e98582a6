//! The language of schedules (`scheduleParser.kt`): `rate(10/s) random_arrivals(1 min) pause(2 s) even_arrivals(30 s)`.

use super::token::{Token, problem, tokenize};

/// A step of a schedule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// From here on so many users arrive a second.
    Rate(f64),
    /// Users arrive for so many seconds.
    Arrivals {
        /// How they are spread.
        kind: Kind,
        /// Seconds.
        duration: f64,
    },
}

/// How arrivals are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Evenly.
    Even,
    /// By chance, as those of people who know nothing of each other.
    Random,
}

/// More arrivals by chance in one step are a mistake: JMeter runs out of memory.
const MOST_ARRIVALS: f64 = 50_000_000.0;

/// The steps of a schedule, or JMeter's text for what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, String> {
    // A bare number is a trial: so many users in the first second, and an hour to finish.
    let steps = if let Ok(users) = text.parse::<i32>() {
        let even = |duration| Step::Arrivals { kind: Kind::Even, duration };
        let rate = Step::Rate(f64::from(users));
        vec![rate, even(1.0), rate, Step::Rate(0.0), even(3600.0)]
    } else {
        Parser { text, tokens: tokenize(text)?, at: 0, last_rate: 0.0 }.steps()?
    };
    let mut highest = 0.0_f64;
    for step in &steps {
        match step {
            Step::Rate(rate) => highest = highest.max(*rate),
            Step::Arrivals { kind: Kind::Random, duration } if highest * duration > MOST_ARRIVALS => {
                return Err("java.lang.OutOfMemoryError: Java heap space".to_owned());
            }
            Step::Arrivals { .. } => {}
        }
    }
    Ok(steps)
}

/// Seconds that a schedule lasts.
pub(super) fn length(steps: &[Step]) -> f64 {
    let duration = |step: &Step| match step {
        Step::Arrivals { duration, .. } => *duration,
        Step::Rate(_) => 0.0,
    };
    steps.iter().map(duration).sum()
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(usize, Token<'t>)>,
    at: usize,
    last_rate: f64,
}

impl<'t> Parser<'t> {
    fn steps(mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        while let Some(token) = self.token() {
            self.at += 1;
            if token.is("pause") {
                self.pause(&mut steps)?;
            } else if token.is("rate") {
                self.last_rate = self.rate()?;
                steps.push(Step::Rate(self.last_rate));
            } else if token.is("random_arrivals") {
                steps.push(Step::Arrivals { kind: Kind::Random, duration: self.duration_argument()? });
            } else if token.is("even_arrivals") {
                steps.push(Step::Arrivals { kind: Kind::Even, duration: self.duration_argument()? });
            } else {
                self.at -= 1;
                let expected = "Unexpected input (expecting rate, random_arrivals, even_arrivals, or pause)";
                return Err(self.problem(expected));
            }
        }
        Ok(steps)
    }

    /// Nobody arrives for a while; the rate is the same as before afterwards.
    fn pause(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        let nobody = Step::Arrivals { kind: Kind::Even, duration: self.duration_argument()? };
        let before = Step::Rate(self.last_rate);
        if self.last_rate == 0.0 {
            steps.extend([nobody, before]);
        } else {
            let zero = Step::Rate(0.0);
            steps.extend([before, zero, nobody, zero, before]);
        }
        Ok(())
    }

    fn rate(&mut self) -> Result<f64, String> {
        self.expect(&[Token::Open])?;
        let rate = self.number("float number for rate")?;
        // Nobody in no time needs no unit.
        let unit = if rate == 0.0 && self.token() == Some(Token::Close) {
            1.0
        } else {
            self.expect(&[Token::Divide, Token::Identifier("per")])?;
            self.unit()?
        };
        self.expect(&[Token::Close])?;
        Ok(rate / unit)
    }

    fn duration_argument(&mut self) -> Result<f64, String> {
        self.expect(&[Token::Open])?;
        let duration = self.duration()?;
        self.expect(&[Token::Close])?;
        Ok(duration)
    }

    /// One or more numbers with units: `2 min 30 sec`.
    fn duration(&mut self) -> Result<f64, String> {
        let mut seconds = 0.0;
        loop {
            let number = self.number("float number for duration")?;
            if number == 0.0 && self.token() == Some(Token::Close) {
                return Ok(seconds);
            }
            seconds += number * self.unit()?;
            if !matches!(self.token(), Some(Token::Number(_))) {
                return Ok(seconds);
            }
        }
    }

    /// Seconds in a unit of time.
    fn unit(&mut self) -> Result<f64, String> {
        let token = self.token();
        self.at += 1;
        let Some(Token::Identifier(image)) = token else {
            return Err(self.unexpected("unit for duration: sec, min, hour, day"));
        };
        let lower = image.to_ascii_lowercase();
        let is = |short: &str, long: &str| lower == short || lower.starts_with(long);
        Ok(match () {
            () if lower == "ms" => 0.001,
            () if is("s", "sec") => 1.0,
            () if is("m", "min") => 60.0,
            () if is("h", "hour") => 3600.0,
            () if is("d", "day") => 86_400.0,
            () => return Err(self.problem(&format!("Unexpected time unit {image}"))),
        })
    }

    fn number(&mut self, what: &str) -> Result<f64, String> {
        let token = self.token();
        self.at += 1;
        match token {
            Some(Token::Number(image)) => Ok(image.parse().unwrap_or(0.0)),
            _ => Err(self.unexpected(what)),
        }
    }

    fn expect(&mut self, expected: &[Token<'_>]) -> Result<(), String> {
        let token = self.token();
        let is_expected = |wanted: &Token<'_>| match (token, wanted) {
            (Some(token), Token::Identifier(name)) => token.is(name),
            (token, wanted) => token == Some(*wanted),
        };
        if expected.iter().any(is_expected) {
            self.at += 1;
            return Ok(());
        }
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        Err(self.unexpected(&expected.join(", ")))
    }

    fn token(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).map(|(_, token)| *token)
    }

    /// JMeter has gone on by then, and names the token behind a number or unit that is none.
    fn unexpected(&self, expected: &str) -> String {
        let token = self.token().map_or_else(|| "null".to_owned(), |token| token.to_string());
        self.problem(&format!("Unexpected input. Expected {expected} got {token}"))
    }

    fn problem(&self, message: &str) -> String {
        let position = self.tokens.get(self.at).map_or(0, |(position, _)| *position);
        problem("ParserException", self.text, position, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let show = |step: &Step| match step {
            Step::Rate(rate) => format!("rate {rate}"),
            Step::Arrivals { kind: Kind::Even, duration } => format!("even {duration}"),
            Step::Arrivals { kind: Kind::Random, duration } => format!("random {duration}"),
        };
        match parse(text) {
            Ok(steps) => steps.iter().map(show).collect::<Vec<_>>().join(", "),
            Err(error) => error,
        }
    }

    #[test]
    fn steps() {
        let rows = [
            ("rate(10/s) random_arrivals(1 min)", "rate 10, random 60"),
            ("RATE(60 per Minute) Even_Arrivals(2 min 30 sec)", "rate 1, even 150"),
            ("rate(.5/ms)even_arrivals(500ms)", "rate 500, even 0.5"),
            ("rate(36/hour) rate(0) even_arrivals(0)", "rate 0.01, rate 0, even 0"),
            (
                "pause(1 s) rate(4/s) even_arrivals(1 s) pause(2s)",
                "even 1, rate 0, rate 4, even 1, rate 4, rate 0, even 2, rate 0, rate 4",
            ),
            ("/* so /many */ rate(1/d) // a day\n even_arrivals(1 day)", "rate 0.000011574074074074073, even 86400"),
            ("", ""),
            ("7", "rate 7, even 1, rate 7, rate 0, even 3600"),
        ];
        for (text, expected) in rows {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    /// The texts are those of JMeter 5.6.2.
    #[test]
    fn problems() {
        let rows = [
            (
                "rate(1)",
                "ParserException: Unexpected input. Expected /, Identifier(per) got ) at position 6: ')' in 'rate(1)'",
            ),
            (
                "rate(x/s)",
                "ParserException: Unexpected input. Expected float number for rate got / at position 6: '/s)' in 'rate(x/s)'",
            ),
            (
                "rate(1/s",
                "ParserException: Unexpected input. Expected ) got null at position 0: 'rate(1/s' in 'rate(1/s'",
            ),
            (
                "rate(1/fortnight)",
                "ParserException: Unexpected time unit fortnight at position 16: ')' in 'rate(1/fortnight)'",
            ),
            (
                "hello(1)",
                "ParserException: Unexpected input (expecting rate, random_arrivals, even_arrivals, or pause) at position 0: 'hello(1)' in 'hello(1)'",
            ),
            (
                "rate(1/s) even_arrivals(1)",
                "ParserException: Unexpected input. Expected unit for duration: sec, min, hour, day got null at position 0: 'rate(1/s) even_arriv' in 'rate(1/s) even_arrivals(1)'",
            ),
            (
                "even_arrivals",
                "ParserException: Unexpected input. Expected ( got null at position 0: 'even_arrivals' in 'even_arrivals'",
            ),
            (
                "rate(1/s) & pause",
                "TokenizerException: Unexpected input at position 10: '& pause' in 'rate(1/s) & pause'",
            ),
            ("1.", "TokenizerException: Unexpected input at position 1: '.' in '1.'"),
            (
                "pause(1 s 2)",
                "ParserException: Unexpected input. Expected unit for duration: sec, min, hour, day got null at position 0: 'pause(1 s 2)' in 'pause(1 s 2)'",
            ),
            (
                "rate(1 pro s)",
                "ParserException: Unexpected input. Expected /, Identifier(per) got Identifier(pro) at position 7: 'pro s)' in 'rate(1 pro s)'",
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(shown(text).strip_prefix("org.apache.jmeter.threads.openmodel."), Some(expected), "{text}");
        }
    }
}
