//! Bodies: read and unpacked within bounds, and written with the trailers of gRPC.

use std::convert::Infallible;
use std::io::Read as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::HeaderMap;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use stance_telemetry::otlp::answer::Outcome;

/// Why a body is not taken: how that is answered, and in which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) Outcome, pub(crate) String);

/// All of a body, up to `most` bytes as they come.
pub(crate) async fn whole(mut body: Incoming, most: usize) -> Result<Vec<u8>, Wrong> {
    if body.size_hint().lower() > most as u64 {
        return Err(too_large(most));
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|_| Wrong(Outcome::Bad, "the request ended before its end".to_owned()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if bytes.len().saturating_add(data.len()) > most {
            return Err(too_large(most));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// What gzip holds, up to `most` bytes of what comes out.
pub(crate) fn unpacked(packed: &[u8], most: usize) -> Result<Vec<u8>, Wrong> {
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(packed)
        .take(most as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| Wrong(Outcome::Bad, "the body is no proper gzip".to_owned()))?;
    if bytes.len() > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}

fn too_large(most: usize) -> Wrong {
    let what = format!(
        "at most {} MiB are taken, unpacked; send smaller batches",
        most >> 20
    );
    Wrong(Outcome::TooLarge, what)
}

/// The body of an answer: one piece, and trailers.
#[derive(Debug, Default)]
pub(crate) struct Body {
    data: Option<Bytes>,
    trailers: Option<HeaderMap>,
}

impl Body {
    pub(crate) fn of(data: impl Into<Bytes>) -> Self {
        Self {
            data: Some(data.into()).filter(|data| !data.is_empty()),
            trailers: None,
        }
    }

    pub(crate) fn with(mut self, trailers: HeaderMap) -> Self {
        self.trailers = Some(trailers);
        self
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let body = self.get_mut();
        let data = body.data.take().map(Frame::data);
        let frame = data.or_else(|| body.trailers.take().map(Frame::trailers));
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn what_comes_out_of_a_bomb_is_bounded() {
        let bomb = packed(&vec![0; 8 << 20]);
        assert!(bomb.len() < 16 << 10);
        assert_eq!(unpacked(&bomb, 1 << 20).unwrap_err().0, Outcome::TooLarge);
        assert_eq!(unpacked(&bomb, 8 << 20).unwrap().len(), 8 << 20);
        let torn = bomb.get(..bomb.len() / 2).unwrap();
        assert_eq!(unpacked(torn, 8 << 20).unwrap_err().0, Outcome::Bad);
        assert_eq!(unpacked(b"plain", 9).unwrap_err().0, Outcome::Bad);
    }
}
