//! The requests of a process and the responses to them, byte by byte.

use std::{
    io::Write as _,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, bail};
use tokio::{io::AsyncReadExt as _, net::TcpStream};

/// Reads until `input` begins with a whole request. Returns the lengths of its head and body.
pub(super) async fn request(
    stream: &mut TcpStream,
    input: &mut Vec<u8>,
) -> anyhow::Result<Option<(usize, usize)>> {
    let mut seen = 0;
    let head = loop {
        if let Some(at) = input[seen..].windows(4).position(|window| window == b"\r\n\r\n") {
            break seen + at + 4;
        }
        seen = input.len().saturating_sub(3);
        if stream.read_buf(input).await? == 0 {
            return Ok(None);
        }
    };
    let length = if input.starts_with(b"GET ") { 0 } else { content_length(&input[..head])? };
    while input.len() < head + length {
        if stream.read_buf(input).await? == 0 {
            bail!("the connection ended within a request");
        }
    }
    Ok(Some((head, length)))
}

fn content_length(head: &[u8]) -> anyhow::Result<usize> {
    let head = std::str::from_utf8(head)?;
    let lengths = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let mut lengths = lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = lengths.next().context("a request without content-length")?;
    Ok(length.trim().parse()?)
}

pub(super) fn path(request: &[u8]) -> &[u8] {
    request.split(|c| *c == b' ').nth(1).unwrap_or_default()
}

/// The number in `/2018-06-01/runtime/invocation/<id>/response`: the id's last twelve digits.
pub(super) fn invocation(path: &[u8]) -> Option<u64> {
    let id = path.strip_prefix(b"/2018-06-01/runtime/invocation/")?.split(|c| *c == b'/').next()?;
    let digits = std::str::from_utf8(id.get(id.len().checked_sub(12)?..)?).ok()?;
    digits.parse().ok()
}

pub(super) fn event_into(output: &mut Vec<u8>, id: u64, deadline: SystemTime, event: &[u8]) {
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    // Writing to a vector cannot fail.
    let _ = write!(
        output,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
         lambda-runtime-aws-request-id: 00000000-0000-4000-8000-{id:012}\r\n\
         lambda-runtime-deadline-ms: {deadline}\r\n\
         lambda-runtime-invoked-function-arn: \
         arn:aws:lambda:eu-central-1:123456789012:function:harness\r\n\
         lambda-runtime-trace-id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0\r\n\
         content-length: {}\r\n\r\n",
        event.len()
    );
    output.extend_from_slice(event);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_matched_to_its_event_by_the_path() {
        let path = b"/2018-06-01/runtime/invocation/00000000-0000-4000-8000-000000000042/response";
        assert_eq!(invocation(path), Some(42));
        assert_eq!(invocation(b"/2018-06-01/runtime/init/error"), None);
    }
}
