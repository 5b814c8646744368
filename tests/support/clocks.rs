//! Functions whose wall clock is wrong.

use std::{collections::BTreeMap, path::PathBuf, process::Command, sync::LazyLock};

use super::servers;

/// A library for `LD_PRELOAD`. Rust's standard library reads the wall clock with this call.
const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
  int failed = (int)syscall(SYS_clock_gettime, clock, time);
  const char *offset = getenv("CLOCK_OFFSET_SECONDS");
  if (!failed && clock == CLOCK_REALTIME && offset) time->tv_sec += atol(offset);
  return failed;
}
"#;

/// The library. The compiler is the one that Rust links with.
static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = servers::directory("clock");
    let (source, library) = (directory.join("clock.c"), directory.join("clock.so"));
    std::fs::write(&source, SOURCE).expect("a file");
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
    assert!(compile.status().expect("cc, which Rust links with").success(), "cc failed");
    library
});

/// Settings of a process whose clock is this many seconds ahead of the machine's, or behind it.
pub fn ahead_by(seconds: i64) -> BTreeMap<String, String> {
    let library = LIBRARY.display().to_string();
    let offset = seconds.to_string();
    [("LD_PRELOAD", library), ("CLOCK_OFFSET_SECONDS", offset)]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}
