//! What the view looks like: a pure function of the figures and of what is chosen.

use super::keys::{Choice, Order};
use crate::report::closing::HEAD;
use crate::report::glance::{Glance, GlanceRow};
use crate::virtual_user::StopLevel;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Cell, Paragraph, Row, Sparkline, Table, TableState};
use std::time::Duration;

/// The view's lines beside the table of labels.
const CHART: u16 = 5;
const LISTS: u16 = 7;

/// Widths of the figures' columns.
const WIDTHS: [u16; 11] = [12, 8, 7, 6, 6, 6, 6, 6, 6, 7, 7];

/// Everything on the screen.
pub(super) struct Screen<'s> {
    pub head: &'s Head,
    pub glance: &'s Glance,
    pub choice: &'s Choice,
}

/// What is known of the run beside its samples.
pub(super) struct Head {
    pub plan: String,
    pub elapsed: Duration,
    pub users: u32,
    pub level: StopLevel,
    /// What waiting for `Retry-After` came to.
    pub waits: Option<String>,
    /// The last line that waits to be printed.
    pub said: Option<String>,
    /// What has to be asked for once more.
    pub asks: Option<Order>,
}

pub(super) fn draw(frame: &mut Frame, screen: &Screen) {
    let notes = notes(screen);
    let [head, chart, table, lists, said, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(CHART),
        Constraint::Min(4),
        Constraint::Length(LISTS),
        Constraint::Length(notes.len() as u16),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(Paragraph::new(head_line(screen)), head);
    draw_chart(frame, chart, screen);
    draw_table(frame, table, screen);
    let [codes, failures] = Layout::horizontal([Constraint::Length(24), Constraint::Min(20)]).areas(lists);
    draw_codes(frame, codes, screen.glance);
    draw_failures(frame, failures, screen.glance);
    frame.render_widget(Paragraph::new(notes), said);
    frame.render_widget(Paragraph::new(keys_line(screen.head.asks)), keys);
}

fn head_line(screen: &Screen) -> Line<'static> {
    let Head { plan, elapsed, users, level, .. } = screen.head;
    let seconds = elapsed.as_secs();
    let (state, colour) = match level {
        StopLevel::Run => ("running", Color::Green),
        StopLevel::Shutdown => ("shutting down", Color::Yellow),
        StopLevel::Now => ("stopping", Color::Red),
    };
    let mut spans = vec![
        Span::from(format!(" {plan} ")).bold(),
        Span::from(format!(" {:02}:{:02}:{:02} ", seconds / 3600, seconds / 60 % 60, seconds % 60)),
        Span::from(format!(" {state} ")).fg(colour),
        Span::from(format!(" {users} users ")),
    ];
    if let Some(total) = &screen.glance.total {
        spans.push(Span::from(format!(" {} samples ", total.cells[1])));
        let errors = Span::from(format!(" {} errors ", total.cells[2]));
        spans.push(if total.values[2] > 0.0 { errors.fg(Color::Red) } else { errors });
    }
    Line::from(spans)
}

fn draw_chart(frame: &mut Frame, area: Rect, screen: &Screen) {
    let rates = &screen.glance.rates;
    let room = usize::from(area.width.saturating_sub(2));
    let shown = &rates[rates.len().saturating_sub(room)..];
    let (now, most) = (shown.last().copied().unwrap_or(0.0), shown.iter().copied().fold(0.0, f64::max));
    let of = screen.choice.label.as_deref().unwrap_or("all labels");
    let title = format!(" samples/s of {of}: {now:.1}, up to {most:.1} ");
    // Bars are of whole numbers: tenths keep slow runs visible.
    let bars: Vec<u64> = shown.iter().map(|rate| (rate * 10.0).round() as u64).collect();
    let block = Block::bordered().title(title);
    frame.render_widget(Sparkline::default().block(block).data(&bars).style(Style::new().fg(Color::Cyan)), area);
}

fn draw_table(frame: &mut Frame, area: Rect, screen: &Screen) {
    let Choice { column, descending, .. } = *screen.choice;
    let head = HEAD.iter().enumerate().map(|(index, name)| {
        let name = if index == 0 { "label" } else { name };
        let arrow = if descending { "▼" } else { "▲" };
        let text = if index == column { format!("{name}{arrow}") } else { name.to_owned() };
        aligned(index, text).style(Style::new().add_modifier(Modifier::DIM))
    });
    let rows = screen.glance.labels.iter().map(row);
    let total = screen.glance.total.as_ref().map(|total| row(total).style(Style::new().add_modifier(Modifier::BOLD)));
    let widths = WIDTHS.iter().enumerate().map(|(index, width)| match index {
        0 => Constraint::Min(*width),
        _ => Constraint::Length(*width),
    });
    let mut table = Table::new(rows, widths)
        .header(Row::new(head))
        .block(Block::new().borders(Borders::TOP))
        .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    if let Some(total) = total {
        table = table.footer(total);
    }
    let mut state = TableState::default().with_selected(screen.choice.place(&screen.glance.labels));
    frame.render_stateful_widget(table, area, &mut state);
}

fn row(of: &GlanceRow) -> Row<'static> {
    let failed = of.values[2] > 0.0;
    Row::new(of.cells.iter().enumerate().map(|(index, text)| {
        let cell = aligned(index, text.clone());
        if index == 2 && failed { cell.style(Style::new().fg(Color::Red)) } else { cell }
    }))
}

fn aligned(column: usize, text: String) -> Cell<'static> {
    let line = Line::from(text);
    Cell::from(if column == 0 { line } else { line.right_aligned() })
}

fn draw_codes(frame: &mut Frame, area: Rect, glance: &Glance) {
    let lines: Vec<Line> = glance
        .codes
        .iter()
        .map(|(code, count)| {
            let code = if code.is_empty() { "(none)" } else { code };
            let line = Line::from(format!("{count:>8} {code}"));
            if code.starts_with(['2', '3']) { line } else { line.fg(Color::Red) }
        })
        .collect();
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" codes ")), area);
}

fn draw_failures(frame: &mut Frame, area: Rect, glance: &Glance) {
    let lines: Vec<Line> =
        glance.failures.iter().map(|(label, what, count)| Line::from(format!("{count:>8} {label}: {what}"))).collect();
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" latest failures ")), area);
}

/// Lines that are there only when they have something to say.
fn notes(screen: &Screen) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(limited) = &screen.glance.limited {
        let text = format!(
            " rate limit: {} samples were turned away; now {:.1}/s pass and {:.1}/s do not",
            limited.rejected, limited.passing, limited.rejecting
        );
        lines.push(Line::from(text).fg(Color::Yellow));
    }
    lines.extend(screen.head.waits.iter().map(|waits| Line::from(format!(" {waits}")).fg(Color::Yellow)));
    let dim = Style::new().add_modifier(Modifier::DIM);
    lines.extend(screen.head.said.iter().map(|said| Line::styled(format!(" {said}"), dim)));
    lines
}

fn keys_line(asks: Option<Order>) -> Line<'static> {
    match asks {
        Some(Order::Shutdown) => Line::from(" q again: no new samples, those in flight may end").bold(),
        Some(Order::Now | Order::Interrupt) => Line::from(" Q again: what is in flight is interrupted").bold(),
        None => {
            let keys = " q shut down  Q, ^C stop now  ↑↓ label  Esc all labels  ←→ order by  r reverse";
            Line::styled(keys, Style::new().add_modifier(Modifier::DIM))
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::properties::PropertiesBuilder;
    use crate::report::{self, Dashboard};
    use crate::results::{FailureBounds, Failures, JtlRow, SampleResult};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    /// Two minutes of a shop whose payments are refused now and then, one of them by a hostile server.
    pub fn glance() -> Glance {
        let properties = PropertiesBuilder::default().build().unwrap().0;
        let mut dashboard = Dashboard::new(report::read_options(&properties).options);
        let mut failures = Failures::new(FailureBounds::default());
        let mut row = JtlRow::default();
        for number in 0..1200_i64 {
            let (label, elapsed) = [("home", 40), ("search", 95), ("pay", 300)][(number % 3) as usize];
            let start = 1_795_488_360_000 + number * 100 + (number % 7) * 15;
            let mut sample = SampleResult::started(label.into(), Timestamp::from_millis(start));
            sample.finish(Timestamp::from_millis(start + elapsed + number % 10));
            let (code, message) = match number {
                1199 => ("500", "\u{1b}oops"),
                _ if number % 30 == 2 => ("429", "Too Many Requests"),
                _ => ("200", "OK"),
            };
            sample.response_code = code.into();
            sample.response_message = message.into();
            sample.successful = code == "200";
            sample.thread_name = "Users 1-1".into();
            sample.bytes = 2048;
            failures.sample(&sample);
            row.set_from(&sample, false);
            dashboard.record(&row);
        }
        Glance::new(&dashboard, Some(&failures), None)
    }

    fn head() -> Head {
        Head {
            plan: "shop.jmx".to_owned(),
            elapsed: Duration::from_secs(121),
            users: 10,
            level: StopLevel::Run,
            waits: None,
            said: None,
            asks: None,
        }
    }

    fn shown(width: u16, height: u16, head: &Head, choice: &Choice) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut glance = glance();
        choice.sort(&mut glance.labels);
        terminal.draw(|frame| draw(frame, &Screen { head, glance: &glance, choice })).unwrap();
        let buffer = terminal.backend().buffer();
        let lines = buffer.content().chunks(usize::from(width));
        lines
            .map(|line| line.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned() + "\n")
            .collect()
    }

    /// The picture in docs/reports.md. `ROTAMETER_TUI=bless` draws it anew.
    #[test]
    fn the_view_is_that_of_the_documents() {
        const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reports.md");
        let shown = shown(100, 24, &head(), &Choice::default());
        let text = std::fs::read_to_string(FILE).unwrap();
        let (before, rest) = text.split_once(" --tui\n\n```text\n").unwrap();
        let (expected, after) = rest.split_once("```\n").unwrap();
        if std::env::var_os("ROTAMETER_TUI").is_some_and(|value| value == "bless") {
            std::fs::write(FILE, format!("{before} --tui\n\n```text\n{shown}```\n{after}")).unwrap();
            return;
        }
        assert_eq!(shown, expected, "{shown}");
    }

    #[test]
    fn what_is_asked_and_said_is_shown() {
        let head = Head {
            level: StopLevel::Shutdown,
            waits: Some("Retry-After: 9 samples retried".to_owned()),
            said: Some("summary + 9".to_owned()),
            asks: Some(Order::Now),
            ..head()
        };
        let choice = Choice { label: Some("pay".to_owned()), column: 4, descending: true, ..Choice::default() };
        let shown = shown(100, 30, &head, &choice);
        for text in
            ["shutting down", "Retry-After: 9", "summary + 9", "Q again", "samples/s of pay", "p50▼", "turned away"]
        {
            assert!(shown.contains(text), "{text}:\n{shown}");
        }
        let places = ["pay", "search", "home"].map(|label| shown.find(&format!("\n{label} ")).unwrap());
        assert!(places.is_sorted(), "by p50:\n{shown}");
        assert!(!shown.contains('\u{1b}') && shown.contains("oops"), "{shown}");
    }

    #[test]
    fn any_size_can_be_drawn() {
        for (width, height) in [(1, 1), (10, 3), (40, 12), (300, 5), (80, 100)] {
            shown(width, height, &head(), &Choice::default());
        }
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let screen = Screen { head: &head(), glance: &Glance::default(), choice: &Choice::default() };
        terminal.draw(|frame| draw(frame, &screen)).unwrap();
    }
}
