//! A file behind HTTP range requests, read block by block.
//!
//! Semantics of ranges: RFC 9110, section 14.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::io::{self, Read as _};
use std::time::{Duration, Instant};

use stance_core::fact::GapReason;
use stance_inspect::Source;
use ureq::http::Response;
use ureq::{Body, BodyReader};

use super::StreamOptions;
use super::client::{Client, RemoteError, header};
use super::spool::Spool;

/// What is asked for at least, and kept.
const BLOCK: u64 = 4 * 1024;

/// The first request: as much as recognising a file takes.
const FIRST: u64 = 64 * 1024;

/// Most that is asked for at once on the way; reading on doubles up to it.
const LARGEST: u64 = 1024 * 1024;

/// Blocks that are kept: 16 MiB.
const KEPT: usize = 4096;

/// Failed requests that are made again, over the whole file.
const RETRIES: u32 = 4;

/// A whole body has to flow at least this fast, in bytes per second.
const SLOWEST: u64 = 1024;

/// What opening gives.
pub(super) enum Opened {
    /// The server gives parts.
    Ranges(Box<Remote>),
    /// It gives only all of it, which was taken.
    Whole(Spool),
}

/// A file whose server gives parts.
pub(super) struct Remote {
    client: Client,
    length: u64,
    /// Names this state of the file: its entity tag, or when it was last changed.
    state: Option<String>,
    most: u64,
    inner: RefCell<Inner>,
}

#[derive(Default)]
struct Inner {
    blocks: HashMap<u64, Box<[u8]>>,
    /// Blocks in the order in which they came.
    order: VecDeque<u64>,
    /// Where the last request ended, and how much the next one in a row asks for.
    reached: u64,
    ahead: u64,
    transferred: u64,
    retries: u32,
    /// A body that is read on: where it stands, and its bytes.
    flowing: Option<(u64, BodyReader<'static>)>,
    /// What went wrong; from then on nothing is asked for any more.
    trouble: Option<(GapReason, String)>,
}

impl Remote {
    /// Asks for the first bytes.
    pub(super) fn open(client: Client, options: &StreamOptions) -> Result<Opened, RemoteError> {
        let mut tries = 0;
        loop {
            match Self::try_open(&client, options) {
                Ok(Some((length, state, first))) => {
                    let remote = Self {
                        client,
                        length,
                        state,
                        most: options.most_bytes,
                        inner: RefCell::default(),
                    };
                    remote.keep(0, &first);
                    return Ok(Opened::Ranges(Box::new(remote)));
                }
                Ok(None) => return whole(&client, options).map(Opened::Whole),
                Err(error) if error.is_passing() && tries < RETRIES => {
                    tries += 1;
                    pause(tries);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Length, state and first bytes; `None` when the server gives only the whole file.
    #[expect(clippy::type_complexity, reason = "used once, above")]
    fn try_open(
        client: &Client,
        options: &StreamOptions,
    ) -> Result<Option<(u64, Option<String>, Vec<u8>)>, RemoteError> {
        let asked = FIRST.min(options.most_bytes.max(1));
        let reply = client.get(&format!("bytes=0-{}", asked - 1), None, true)?;
        let headers = reply.headers();
        match reply.status().as_u16() {
            200 => Ok(None),
            206 => {
                let (start, end, total) = content_range(&reply)?;
                if start != 0 || end >= asked || end >= total {
                    return Err(RemoteError::Lie(format!(
                        "asked for the first {asked} bytes, it sends {start} to {end} of {total}"
                    )));
                }
                let state = state_of(&reply);
                let first = read_part(reply, end + 1)?;
                Ok(Some((total, state, first)))
            }
            416 if header(headers, "content-range") == Some("bytes */0") => {
                Ok(Some((0, None, Vec::new())))
            }
            status => Err(refused(status)),
        }
    }

    /// Bytes that came over the network.
    pub(super) fn transferred(&self) -> u64 {
        self.inner.borrow().transferred
    }

    /// What went wrong on the way.
    pub(super) fn trouble(&self) -> Option<(GapReason, String)> {
        self.inner.borrow().trouble.clone()
    }

    /// Keeps bytes as blocks; `at` is where a block begins.
    fn keep(&self, at: u64, bytes: &[u8]) {
        let mut inner = self.inner.borrow_mut();
        let inner = &mut *inner;
        inner.transferred += bytes.len() as u64;
        inner.reached = at + bytes.len() as u64;
        for (number, block) in (at / BLOCK..).zip(bytes.chunks(BLOCK as usize)) {
            if inner.blocks.insert(number, block.into()).is_none() {
                inner.order.push_back(number);
            }
            if inner.order.len() > KEPT
                && let Some(oldest) = inner.order.pop_front()
            {
                inner.blocks.remove(&oldest);
            }
        }
    }

    /// Asks for a range, again when that may help, and checks that it is what came.
    fn fetch(&self, start: u64, length: u64) -> Result<Vec<u8>, (GapReason, String)> {
        loop {
            let error = match self.ask(start, length) {
                Ok(bytes) => return Ok(bytes),
                Err(error) => error,
            };
            let mut inner = self.inner.borrow_mut();
            if !error.is_passing() || inner.retries >= RETRIES {
                let reason = match error {
                    RemoteError::Lie(_) => GapReason::Changed,
                    RemoteError::TooLarge(_) => GapReason::TooLarge,
                    _ => GapReason::Unreadable,
                };
                return Err((reason, format!("{}: {error}", self.client.shown())));
            }
            inner.retries += 1;
            let tries = inner.retries;
            drop(inner);
            pause(tries);
        }
    }

    fn ask(&self, start: u64, length: u64) -> Result<Vec<u8>, RemoteError> {
        self.allow(length)?;
        let last = start + length - 1;
        let range = format!("bytes={start}-{last}");
        let reply = self.client.get(&range, self.state.as_deref(), true)?;
        self.check(&reply, start, last)?;
        read_part(reply, length)
    }

    /// Whether so many further bytes may be transferred.
    fn allow(&self, more: u64) -> Result<(), RemoteError> {
        let transferred = self.inner.borrow().transferred;
        if transferred.saturating_add(more) > self.most {
            return Err(RemoteError::TooLarge(format!(
                "more than {} bytes would have to be transferred",
                self.most
            )));
        }
        Ok(())
    }

    fn check(&self, reply: &Response<Body>, start: u64, last: u64) -> Result<(), RemoteError> {
        let changed = |why: String| Err(RemoteError::Lie(why));
        match reply.status().as_u16() {
            206 => {}
            200 => return changed("the file changed while it was read".to_owned()),
            416 => return changed("the file became shorter while it was read".to_owned()),
            status => return Err(refused(status)),
        }
        if self.state.is_some() && state_of(reply) != self.state {
            return changed("the file changed while it was read".to_owned());
        }
        let (from, to, total) = content_range(reply)?;
        if (from, to, total) != (start, last, self.length) {
            return changed(format!(
                "asked for the bytes {start} to {last} of {}, it sends {from} to {to} of {total}",
                self.length
            ));
        }
        Ok(())
    }

    /// Makes sure that a block is at hand.
    fn block(&self, number: u64, wanted: u64) -> Result<(), (GapReason, String)> {
        let start = number * BLOCK;
        let ahead = {
            let mut inner = self.inner.borrow_mut();
            if inner.blocks.contains_key(&number) {
                return Ok(());
            }
            inner.ahead = if inner.reached == start {
                (inner.ahead * 2).clamp(BLOCK, LARGEST)
            } else {
                BLOCK
            };
            inner.ahead
        };
        let length = wanted
            .saturating_sub(start)
            .next_multiple_of(BLOCK)
            .clamp(ahead, LARGEST)
            .min(self.length - start);
        let bytes = self.fetch(start, length)?;
        self.keep(start, &bytes);
        Ok(())
    }

    fn read_blocks(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, (GapReason, String)> {
        let end = self.length.min(offset.saturating_add(buffer.len() as u64));
        let number = offset / BLOCK;
        self.block(number, end)?;
        let inner = self.inner.borrow();
        let from = (offset % BLOCK) as usize;
        let block = inner
            .blocks
            .get(&number)
            .and_then(|block| block.get(from..));
        let block = block.unwrap_or_default();
        let count = block.len().min(buffer.len());
        if let (Some(to), Some(block)) = (buffer.get_mut(..count), block.get(..count)) {
            to.copy_from_slice(block);
        }
        Ok(count)
    }

    /// Reads on in one body that goes to the end of the file.
    fn read_flow(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, (GapReason, String)> {
        let wanted = (buffer.len() as u64).min(self.length - offset);
        let wanted = usize::try_from(wanted).unwrap_or(buffer.len());
        let clock = Instant::now();
        let mut filled = 0;
        while filled < wanted {
            let at = offset + filled as u64;
            let read = self
                .flow_at(at)
                .and_then(|mut reader| {
                    let free = buffer.get_mut(filled..wanted).unwrap_or_default();
                    let count = reader.read(free)?;
                    if count == 0 {
                        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                    }
                    self.inner.borrow_mut().flowing = Some((at + count as u64, reader));
                    Ok(count)
                })
                .and_then(|count| {
                    filled += count;
                    flows(clock, filled as u64, self.client.timeout())?;
                    Ok(count)
                });
            let mut inner = self.inner.borrow_mut();
            match read {
                Ok(count) => inner.transferred += count as u64,
                Err(error) if error.is_passing() && inner.retries < RETRIES => {
                    inner.retries += 1;
                    let tries = inner.retries;
                    drop(inner);
                    pause(tries);
                }
                Err(error) => {
                    let reason = match error {
                        RemoteError::Lie(_) => GapReason::Changed,
                        RemoteError::TooLarge(_) => GapReason::TooLarge,
                        _ => GapReason::Unreadable,
                    };
                    return Err((reason, format!("{}: {error}", self.client.shown())));
                }
            }
        }
        Ok(filled)
    }

    fn flow_at(&self, at: u64) -> Result<BodyReader<'static>, RemoteError> {
        self.allow(LARGEST.min(self.length - at))?;
        let flowing = self.inner.borrow_mut().flowing.take();
        if let Some((stands, reader)) = flowing
            && stands == at
        {
            return Ok(reader);
        }
        let range = format!("bytes={at}-");
        let reply = self.client.get(&range, self.state.as_deref(), false)?;
        self.check(&reply, at, self.length - 1)?;
        let body = reply.into_body().into_with_config();
        Ok(body.limit(u64::MAX).reader())
    }
}

impl Source for Remote {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset >= self.length || buffer.is_empty() {
            return Ok(0);
        }
        if let Some((_, detail)) = self.trouble() {
            return Err(io::Error::other(detail));
        }
        let left = self.length - offset;
        let known = self.inner.borrow().blocks.contains_key(&(offset / BLOCK));
        // Much at once is not kept: it is read through, as a hash does.
        let read = if !known && (buffer.len() as u64).min(left) > LARGEST / 8 {
            self.read_flow(offset, buffer)
        } else {
            self.read_blocks(offset, buffer)
        };
        read.map_err(|(reason, detail)| {
            self.inner.borrow_mut().trouble = Some((reason, detail.clone()));
            io::Error::other(detail)
        })
    }
}

/// All of a file whose server gives no parts.
fn whole(client: &Client, options: &StreamOptions) -> Result<Spool, RemoteError> {
    let mut tries = 0;
    loop {
        match try_whole(client, options) {
            Err(error) if error.is_passing() && tries < RETRIES => {
                tries += 1;
                pause(tries);
            }
            other => return other,
        }
    }
}

fn try_whole(client: &Client, options: &StreamOptions) -> Result<Spool, RemoteError> {
    let reply = client.get("bytes=0-", None, false)?;
    match reply.status().as_u16() {
        200 | 206 => {}
        status => return Err(refused(status)),
    }
    let too_large = |what: String| {
        RemoteError::TooLarge(format!(
            "the server gives no parts of the file, and {what} are more than the {} allowed",
            options.most_bytes
        ))
    };
    let promised = reply.body().content_length();
    if let Some(promised) = promised.filter(|promised| *promised > options.most_bytes) {
        return Err(too_large(format!("its {promised} bytes")));
    }
    let reader = reply
        .into_body()
        .into_with_config()
        .limit(u64::MAX)
        .reader();
    let watched = Watched {
        reader,
        clock: Instant::now(),
        read: 0,
        grace: options.timeout,
    };
    let spool = Spool::fill(watched, options.most_bytes)?
        .ok_or_else(|| too_large("what came of it".to_owned()))?;
    match promised {
        Some(promised) if promised != spool.len() => Err(RemoteError::Io(io::Error::other(
            format!("{promised} bytes were promised and {} came", spool.len()),
        ))),
        _ => Ok(spool),
    }
}

/// A body that must not drip.
struct Watched<R> {
    reader: R,
    clock: Instant,
    read: u64,
    grace: Duration,
}

impl<R: io::Read> io::Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.read += count as u64;
        flows(self.clock, self.read, self.grace)?;
        Ok(count)
    }
}

/// Fails when less than [`SLOWEST`] came since, some time after the start.
fn flows(since: Instant, read: u64, grace: Duration) -> io::Result<()> {
    let elapsed = since.elapsed();
    if elapsed > grace && read < elapsed.as_secs().max(1).saturating_mul(SLOWEST) {
        return Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("it comes slower than {SLOWEST} bytes a second"),
        ));
    }
    Ok(())
}

/// Exactly the bytes of a part.
fn read_part(reply: Response<Body>, length: u64) -> Result<Vec<u8>, RemoteError> {
    let mut bytes = Vec::new();
    let reader = reply
        .into_body()
        .into_with_config()
        .limit(u64::MAX)
        .reader();
    reader.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        let error = format!("{length} bytes were promised and {} came", bytes.len());
        return Err(io::Error::other(error).into());
    }
    Ok(bytes)
}

/// `bytes 0-99/1234`: first, last, and how many there are in all.
fn content_range(reply: &Response<Body>) -> Result<(u64, u64, u64), RemoteError> {
    let text = header(reply.headers(), "content-range").unwrap_or_default();
    let parsed = || {
        let (range, total) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
        let (start, end) = range.split_once('-')?;
        let number = |text: &str| text.trim().parse::<u64>().ok();
        Some((number(start)?, number(end)?, number(total)?))
    };
    parsed()
        .filter(|(start, end, total)| start <= end && end < total)
        .ok_or_else(|| RemoteError::Lie(format!("it sends the part {text:?}")))
}

/// What names this state of a file: a strong entity tag, or else the time of its last change.
fn state_of(reply: &Response<Body>) -> Option<String> {
    let headers = reply.headers();
    header(headers, "etag")
        .filter(|tag| !tag.starts_with("W/"))
        .or_else(|| header(headers, "last-modified"))
        .map(str::to_owned)
}

fn refused(status: u16) -> RemoteError {
    let meaning = match status {
        401 | 403 => ": it wants other credentials, or none of ours may read it",
        404 | 410 => ": there is no such file",
        408 | 429 | 503 => ": it has too much to do",
        _ => "",
    };
    RemoteError::Status(status, meaning)
}

fn pause(tries: u32) {
    std::thread::sleep(Duration::from_millis(100) * 2_u32.saturating_pow(tries.min(4)));
}
