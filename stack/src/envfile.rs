//! Files of `KEY=value` lines, and files that only their owner can read.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;

/// Quotes a value so that a POSIX shell reads it back unchanged. A value that needs no quotes gets
/// none: readers that only split at `=` then understand the file too.
#[must_use]
pub fn quote(value: &str) -> String {
    // In an assignment a shell neither splits words nor expands `*` and `?`, so these need no
    // quotes.
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+?[]".contains(c);
    if value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// `KEY=value` lines for `source`.
#[must_use]
pub fn shell(values: &[(String, String)]) -> String {
    values.iter().map(|(key, value)| format!("{key}={}\n", quote(value))).collect()
}

/// Reads what [`shell`] has written.
#[must_use]
pub fn read(text: &str) -> BTreeMap<String, String> {
    // Quotes surround a whole value, and a quoted line break does not end it.
    let mut values = BTreeMap::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let mut value = String::new();
        let mut chars = after.char_indices();
        let mut quoted = false;
        let end = loop {
            match chars.next() {
                Some((_, '\'')) => quoted = !quoted,
                Some((_, '\\')) if !quoted => value.extend(chars.next().map(|(_, c)| c)),
                Some((at, '\n')) if !quoted => break at + 1,
                Some((_, c)) => value.push(c),
                None => break after.len(),
            }
        };
        values.insert(key.to_owned(), value);
        rest = &after[end..];
    }
    values
}

/// `KEY='value'` lines for `cargo lambda watch --env-file` and for a shell. cargo-lambda refuses an
/// unquoted `=` in a value, and cannot read a single quote between single quotes.
#[must_use]
pub fn quoted(values: &BTreeMap<String, String>) -> String {
    let quote =
        |value: &str| if value.contains('\'') { quote(value) } else { format!("'{value}'") };
    values.iter().map(|(key, value)| format!("{key}={}\n", quote(value))).collect()
}

/// Writes a file that only its owner can read. It is renamed into place, so a reader never
/// sees half of it.
///
/// # Errors
/// When the folder is missing or not writable.
pub fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let half = path.with_extension("part");
    // A killed run may have left it. `create_new` makes sure that the file has the mode below.
    let _ = fs::remove_file(&half);
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&half, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, process::Command};

    use super::*;

    #[test]
    fn a_shell_reads_back_every_value_as_it_was() {
        let awkward = [
            "plain",
            "",
            "two words",
            "it's",
            "$HOME `id` \"x\" \\",
            "a&b;c|d<e>f(g)",
            "#no comment",
            "~",
            "*",
            "mongodb://127.0.0.1:27017/?replicaSet=rs0",
            "redis://127.0.0.1:6379",
            "line\nbreak",
            "ä €",
        ];
        for value in awkward {
            let lines =
                shell(&[("KEY".to_owned(), value.to_owned()), ("NEXT".to_owned(), "1".to_owned())]);
            assert_eq!(
                read(&lines),
                BTreeMap::from([("KEY", value), ("NEXT", "1")].map(|(k, v)| (k.into(), v.into())))
            );
            let script = format!("{}printf %s \"$KEY\"", lines);
            let read = Command::new("sh").args(["-c", &script]).output().unwrap().stdout;
            assert_eq!(String::from_utf8(read).unwrap(), value);
        }
    }

    #[test]
    fn the_usual_values_stand_without_quotes() {
        for value in [
            "mongodb://127.0.0.1:27017/?replicaSet=rs0",
            "http://127.0.0.1:9000",
            "ubk_0aZ",
            "a@b.example",
        ] {
            assert_eq!(quote(value), value);
        }
    }

    #[test]
    fn a_private_file_is_readable_by_its_owner_alone_even_where_a_wider_one_lay() {
        let folder = std::env::temp_dir().join(format!("stack-envfile-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("dev.env");
        fs::write(&path, "old").unwrap();
        write_private(&path, "A=1\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=1\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(folder).unwrap();
    }
}
