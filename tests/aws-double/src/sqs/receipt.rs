//! Receipt handles: opaque to clients, and bound to one queue and one delivery.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::ApiError;

/// What a receipt handle stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) queue: u64,
    pub(crate) message: u64,
    /// Which delivery of the message it was, counted from 1.
    pub(crate) delivery: u32,
}

impl Receipt {
    pub(crate) fn encode(self) -> String {
        let Self {
            queue,
            message,
            delivery,
        } = self;
        STANDARD.encode(format!("{queue}:{message}:{delivery}"))
    }

    /// Reads a handle that this queue gave out.
    pub(crate) fn decode(handle: &str, queue: u64) -> Result<Self, ApiError> {
        Self::read(handle)
            .filter(|receipt| receipt.queue == queue)
            .ok_or_else(|| {
                let message =
                    format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
                ApiError::sqs("ReceiptHandleIsInvalid", message)
            })
    }

    fn read(handle: &str) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(handle).ok()?).ok()?;
        let mut parts = text.splitn(3, ':');
        Some(Self {
            queue: parts.next()?.parse().ok()?,
            message: parts.next()?.parse().ok()?,
            delivery: parts.next()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_good_for_its_queue_only() {
        let receipt = Receipt {
            queue: 7,
            message: 42,
            delivery: 3,
        };
        let handle = receipt.encode();
        assert_eq!(Receipt::decode(&handle, 7).unwrap(), receipt);
        assert!(Receipt::decode(&handle, 8).is_err());
        assert!(Receipt::decode("nonsense", 7).is_err());
        assert!(Receipt::decode("", 7).is_err());
    }
}
