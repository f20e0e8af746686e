//! 64 bytes a step by vector instructions. The one file of the project with `unsafe` in it: calls of
//! functions that the machine was just asked for.

/// Bytes a step.
pub const BLOCK: usize = 64;
/// By low or high half of a byte, some flags.
pub(super) type Halves = [u8; 16];

/// Makes the masks of a class, given by low half of its bytes with a bit for each high half, where the machine can; returns whether it did.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the function needs AVX2, and is called where there is AVX2")]
pub(super) fn masks(rows: &Halves, blocks: &[[u8; BLOCK]], masks: &mut [u64]) -> bool {
    let able = std::arch::is_x86_feature_detected!("avx2");
    if able {
        // SAFETY: AVX2 is there. The function takes slices and has no other condition.
        unsafe { avx2::masks(rows, blocks, masks) };
    }
    able
}

/// Other machines have none yet.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn masks(_: &Halves, _: &[[u8; BLOCK]], _: &mut [u64]) -> bool {
    false
}

/// Finds the places whose four bytes share a bucket, given by the halves of each, where the machine can; returns whether it did.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the function needs AVX2, and is called where there is AVX2")]
pub(super) fn places(halves: &[[Halves; 2]; 4], text: &[u8], places: &mut [u64]) -> bool {
    let able = std::arch::is_x86_feature_detected!("avx2");
    if able {
        // SAFETY: AVX2 is there. The function takes references and has no other condition.
        unsafe { avx2::places(halves, text, places) };
    }
    able
}

/// Other machines have none yet.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn places(_: &[[Halves; 2]; 4], _: &[u8], _: &mut [u64]) -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_set_epi64x,
        _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    /// Two table look-ups a byte: the row of its low half, and in it the bit of its high half.
    #[target_feature(enable = "avx2")]
    pub(super) fn masks(rows: &[u8; 16], blocks: &[[u8; 64]], masks: &mut [u64]) {
        let rows = twice(rows);
        let bits = twice(&[1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0]);
        for (block, mask) in blocks.iter().zip(masks) {
            let (low, high) = block.split_at(32);
            let mask_of = |bytes| {
                let bytes = vector(bytes);
                // Bytes beyond ASCII have their top bit set and look up zero.
                let row = _mm256_shuffle_epi8(rows, bytes);
                let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
                let bit = _mm256_shuffle_epi8(bits, high);
                let out = _mm256_cmpeq_epi8(_mm256_and_si256(row, bit), _mm256_setzero_si256());
                !_mm256_movemask_epi8(out) as u32
            };
            *mask = u64::from(mask_of(low)) | u64::from(mask_of(high)) << 32;
        }
    }

    /// Of each byte and the three behind it the buckets that all four may be of.
    #[target_feature(enable = "avx2")]
    pub(super) fn places(halves: &[[[u8; 16]; 2]; 4], text: &[u8], places: &mut [u64]) {
        let half = _mm256_set1_epi8(15);
        let low: [__m256i; 4] = [0, 1, 2, 3].map(|place| twice(&halves[place][0]));
        let high: [__m256i; 4] = [0, 1, 2, 3].map(|place| twice(&halves[place][1]));
        for (index, mask) in places.iter_mut().enumerate() {
            let seen = &text[index * 64..][..64 + 4];
            *mask = 0;
            for start in [32, 0] {
                let mut buckets = _mm256_set1_epi8(-1);
                for place in 0..4 {
                    let bytes = vector(&seen[start + place..][..32]);
                    let below = _mm256_shuffle_epi8(low[place], _mm256_and_si256(bytes, half));
                    let top = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half);
                    let above = _mm256_shuffle_epi8(high[place], top);
                    buckets = _mm256_and_si256(buckets, _mm256_and_si256(below, above));
                }
                let none = _mm256_cmpeq_epi8(buckets, _mm256_setzero_si256());
                *mask = *mask << 32 | u64::from(!_mm256_movemask_epi8(none) as u32);
            }
        }
    }

    #[target_feature(enable = "avx2")]
    fn twice(bytes: &[u8; 16]) -> __m256i {
        let mut both = [0; 32];
        both[..16].copy_from_slice(bytes);
        both[16..].copy_from_slice(bytes);
        vector(&both)
    }

    /// Loads 32 bytes.
    #[target_feature(enable = "avx2")]
    fn vector(bytes: &[u8]) -> __m256i {
        let word =
            |at: usize| i64::from_le_bytes(bytes[at * 8..][..8].try_into().unwrap_or_default());
        _mm256_set_epi64x(word(3), word(2), word(1), word(0))
    }
}
