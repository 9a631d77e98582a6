//! The terminal: taken for the view, and given back on every way out.

use crate::cli::console;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use std::io::{self, BufWriter, IsTerminal, Stderr};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is drawn on.
pub(super) type Screen = Terminal<CrosstermBackend<BufWriter<Stderr>>>;

/// Whether the terminal is the view's.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether there is a terminal that can show a view and read keys.
pub(in crate::cli) fn is_there() -> bool {
    let able = std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb");
    able && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether the terminal is the view's.
pub(super) fn is_taken() -> bool {
    TAKEN.load(Ordering::Acquire)
}

/// Takes the terminal. From here on lines of the console wait.
pub(super) fn take() -> io::Result<Screen> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        // What a panic says is to be read.
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            before(panic);
        }));
    });
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::Release);
    console::hold();
    let made = execute!(io::stderr(), EnterAlternateScreen)
        .and_then(|()| Terminal::new(CrosstermBackend::new(BufWriter::new(io::stderr()))));
    made.inspect_err(|_| restore())
}

/// Gives the terminal back, if it was taken, and prints what had to wait.
pub(in crate::cli) fn restore() {
    if TAKEN.swap(false, Ordering::AcqRel) {
        // A terminal that is gone needs no restoring.
        let _ = execute!(io::stderr(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
        console::let_go();
    }
}
