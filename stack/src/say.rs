//! What this program tells the person at the terminal. `println!` would panic where whoever reads
//! the output has gone (`make dev | head`), and a panic in the supervisor would be the end of the
//! stack.

/// A line on standard output.
macro_rules! line {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

/// A line on standard error.
macro_rules! problem {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}

pub(crate) use {line, problem};
