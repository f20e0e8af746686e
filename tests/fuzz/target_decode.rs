//! Decoders: what they give lies inside of the text and never grows beyond a constant.

use leakspan::decode::{DECODERS, Map, Survey, utf16};

/// No decoder gives more than this many times its text, all stretches together.
const MOST_GROWTH: usize = 4;

pub(crate) fn run(text: &[u8]) {
    for decoder in DECODERS {
        let mut found = Vec::new();
        decoder.decode(text, &Survey::of(text), &mut found);
        let total: usize = found.iter().map(|decoded| decoded.bytes.len()).sum();
        assert!(total <= text.len() * MOST_GROWTH, "{} grows", decoder.name());
        for decoded in found {
            assert!(decoded.span.end <= text.len(), "{}", decoder.name());
            assert_eq!(decoded.encoded(0..decoded.bytes.len()), decoded.span, "{}", decoder.name());
            for at in 0..decoded.bytes.len() {
                let place = decoded.encoded(at..at + 1);
                assert!(place.start < place.end, "{}", decoder.name());
                assert!(decoded.span.start <= place.start && place.end <= decoded.span.end);
            }
        }
    }
    if let Some(endian) = utf16::detect(text) {
        let whole = &text[..text.len() / endian.unit() * endian.unit()];
        let (mut out, mut map) = (Vec::new(), Map::default());
        utf16::transcode(whole, endian, &mut out, &mut map);
        assert!(std::str::from_utf8(&out).is_ok(), "transcoded text is UTF-8");
        if !out.is_empty() {
            assert!(map.encoded(0..out.len()).end <= whole.len());
        }
    }
}
