//! What the benchmark tells whoever waits for it. `println!` would panic where the reader has gone
//! (`make bench | head`).

/// A line on standard output.
macro_rules! line {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

pub(crate) use line;
