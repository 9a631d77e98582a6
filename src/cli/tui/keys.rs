//! What keys do: a pure function of what is chosen, the key and the time.

use crate::clock::Timestamp;
use crate::report::glance::{Glance, GlanceRow};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::time::Duration;

/// Within this time a stop has to be asked for a second time, as on the page.
const SURE: Duration = Duration::from_secs(4);

/// Labels that a page up or down passes.
const PAGE: usize = 10;

/// How the table is ordered, which label is chosen, and what was asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Choice {
    /// The label whose throughput is drawn; all of them without one.
    pub label: Option<String>,
    /// The column that the table is ordered by.
    pub column: usize,
    /// Whether small values come last. The order of appearance begins with the first.
    pub descending: bool,
    /// The stop that was asked for once, and when.
    pub asked: Option<(Order, Timestamp)>,
}

/// What is to become of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// No new samples.
    Shutdown,
    /// What is in flight is interrupted.
    Now,
    /// As `Now`, and once more: the end of the process.
    Interrupt,
}

impl Choice {
    /// Takes a key.
    pub fn press(&mut self, key: KeyEvent, now: Timestamp, glance: &Glance) -> Option<Order> {
        if key.kind == KeyEventKind::Release {
            return None;
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return (key.code == KeyCode::Char('c')).then_some(Order::Interrupt);
        }
        let labels = &glance.labels;
        match key.code {
            KeyCode::Char('q') => return self.ask(Order::Shutdown, now),
            KeyCode::Char('Q') => return self.ask(Order::Now, now),
            KeyCode::Up | KeyCode::Char('k') => self.choose(labels, |at| at.saturating_sub(1)),
            KeyCode::Down | KeyCode::Char('j') => self.choose(labels, |at| at + 1),
            KeyCode::PageUp => self.choose(labels, |at| at.saturating_sub(PAGE)),
            KeyCode::PageDown => self.choose(labels, |at| at + PAGE),
            KeyCode::Home => self.choose(labels, |_| 0),
            KeyCode::End => self.choose(labels, |_| usize::MAX),
            KeyCode::Left => self.order_by(self.column.saturating_sub(1)),
            KeyCode::Right => self.order_by(self.column + 1),
            KeyCode::Char('r') => self.descending = !self.descending,
            KeyCode::Esc => self.label = None,
            _ => {}
        }
        self.asked = None;
        None
    }

    /// What was asked for and is not sure yet.
    pub fn asks(&self, now: Timestamp) -> Option<Order> {
        self.asked.filter(|(_, at)| now.since(*at) < SURE).map(|(order, _)| order)
    }

    /// Puts rows in order.
    pub fn sort(&self, rows: &mut [GlanceRow]) {
        rows.sort_by(|a, b| {
            let order = a.values[self.column].total_cmp(&b.values[self.column]);
            if self.descending { order.reverse() } else { order }
        });
    }

    /// The place of the chosen label.
    pub fn place(&self, rows: &[GlanceRow]) -> Option<usize> {
        let label = self.label.as_deref()?;
        rows.iter().position(|row| row.name == label)
    }

    fn ask(&mut self, order: Order, now: Timestamp) -> Option<Order> {
        if self.asks(now) == Some(order) {
            self.asked = None;
            return Some(order);
        }
        self.asked = Some((order, now));
        None
    }

    /// The first key chooses the first label, or the last.
    fn choose(&mut self, rows: &[GlanceRow], to: impl Fn(usize) -> usize) {
        let Some(last) = rows.len().checked_sub(1) else { return };
        let at = self.place(rows).map_or_else(|| if to(0) == usize::MAX { last } else { 0 }, |at| to(at).min(last));
        self.label = rows.get(at).map(|row| row.name.clone());
    }

    fn order_by(&mut self, column: usize) {
        let last = crate::report::closing::HEAD.len() - 1;
        self.column = column.min(last);
        self.descending = self.column > 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::glance;
    use super::*;

    fn press(choice: &mut Choice, code: KeyCode, seconds: i64) -> Option<Order> {
        let mut rows = glance();
        choice.sort(&mut rows.labels);
        choice.press(KeyEvent::new(code, KeyModifiers::NONE), Timestamp::from_millis(seconds * 1000), &rows)
    }

    #[test]
    fn stops_are_asked_for_twice() {
        let mut choice = Choice::default();
        for (key, order) in [('q', Order::Shutdown), ('Q', Order::Now)] {
            assert_eq!(press(&mut choice, KeyCode::Char(key), 100), None);
            assert_eq!(choice.asks(Timestamp::from_millis(101_000)), Some(order));
            assert_eq!(press(&mut choice, KeyCode::Char(key), 110), None, "too late");
            assert_eq!(press(&mut choice, KeyCode::Char(key), 111), Some(order));
            assert_eq!(press(&mut choice, KeyCode::Char(key), 112), None);
            press(&mut choice, KeyCode::Down, 113);
            assert_eq!(press(&mut choice, KeyCode::Char(key), 113), None, "another key is another thought");
            choice = Choice::default();
        }
        let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(choice.press(key, Timestamp::default(), &glance()), Some(Order::Interrupt));
    }

    #[test]
    fn a_label_stays_chosen_when_the_order_changes() {
        let mut choice = Choice::default();
        press(&mut choice, KeyCode::Down, 0);
        assert_eq!(choice.label.as_deref(), Some("home"));
        for _ in 0..5 {
            press(&mut choice, KeyCode::Right, 0);
        }
        let mut rows = glance().labels;
        choice.sort(&mut rows);
        assert_eq!((rows[0].name.as_str(), choice.place(&rows)), ("pay", Some(2)), "home is the last by p90");
        press(&mut choice, KeyCode::Up, 0);
        assert_eq!(choice.label.as_deref(), Some("search"));
        press(&mut choice, KeyCode::End, 0);
        assert_eq!(choice.place(&rows), Some(rows.len() - 1));
        press(&mut choice, KeyCode::Esc, 0);
        assert_eq!(choice.label, None);
    }
}
