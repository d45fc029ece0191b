//! Bodies of answers: whole, or in pieces that come as they are judged.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::mpsc;

/// Pieces that wait for a caller who reads slowly; whoever sends more waits.
const PIECES: usize = 4;

/// Why an answer ended before its end.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer ended before its end")]
pub(crate) struct Broken;

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Body {
    /// All of it, once.
    Whole(Option<Bytes>),
    /// In pieces.
    Pieces(mpsc::Receiver<Result<Bytes, Broken>>),
}

/// Where pieces go.
pub(crate) type Pieces = mpsc::Sender<Result<Bytes, Broken>>;

impl Body {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    /// A body, and where its pieces go.
    pub(crate) fn pieces() -> (Pieces, Self) {
        let (pieces, coming) = mpsc::channel(PIECES);
        (pieces, Self::Pieces(coming))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Pieces(coming) => coming
                .poll_recv(context)
                .map(|next| next.map(|piece| piece.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Self::Pieces(_) => SizeHint::new(),
        }
    }
}
