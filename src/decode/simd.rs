//! 64 bytes a step by vector instructions. Its `unsafe` are calls of functions that the machine
//! was just asked for.

use crate::model::{Buckets, PairBuckets};

/// Bytes a step.
pub const BLOCK: usize = 64;
/// Blocks whose places are found in one go.
pub(super) const BATCH: usize = 32;
/// By low half of a byte, a bit for each high half.
pub(super) type Halves = [u8; 16];

/// Makes the masks of some classes, where the machine can; returns whether it did.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the functions are called where there is what they need")]
pub(super) fn masks<const N: usize>(
    classes: [&Halves; N],
    blocks: &[[u8; BLOCK]],
    masks: &mut [[u64; N]],
) -> bool {
    if std::arch::is_x86_feature_detected!("avx512bw") {
        // SAFETY: AVX-512BW is there. The function takes slices and has no other condition.
        unsafe { avx512::masks(classes, blocks, masks) };
    } else if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: AVX2 is there. The function takes slices and has no other condition.
        unsafe { avx2::masks(classes, blocks, masks) };
    } else {
        return false;
    }
    true
}

/// Finds the places whose eight bytes share a bucket, where the machine can; returns whether it did.
/// `text` has eight bytes more than the blocks of `places`.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the functions are called where there is what they need")]
pub(super) fn places(buckets: &[Buckets], text: &[u8], places: &mut [u64]) -> bool {
    if std::arch::is_x86_feature_detected!("avx512bw") {
        // SAFETY: AVX-512BW is there. The function takes slices and has no other condition.
        unsafe { avx512::places(buckets, text, places) };
    } else if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: AVX2 is there. The function takes slices and has no other condition.
        unsafe { avx2::places(buckets, text, places) };
    } else {
        return false;
    }
    true
}

/// Writes where the ones of some blocks' masks stand, in order, given where the first block begins; returns how
/// many there are. `places` has room for [`BLOCK`] more than that.
#[inline]
pub(super) fn spread(base: usize, masks: &[u64], places: &mut [u32]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512vbmi2")
    {
        // SAFETY: AVX-512BW and AVX-512VBMI2 are there. The function takes slices and has no other condition.
        #[expect(unsafe_code, reason = "the function is called where there is what it needs")]
        return unsafe { spread::places(base, masks, places) };
    }
    spread_one_by_one(base, masks, places)
}

/// They are few and far between in no order that a processor could foresee: so some are written without a
/// branch for each.
pub(super) fn spread_one_by_one(base: usize, masks: &[u64], places: &mut [u32]) -> usize {
    const AT_ONCE: usize = 4;
    let mut total = 0;
    for (block, mask) in masks.iter().enumerate() {
        let mut left = *mask;
        let mut next = || {
            let place = (base + block * BLOCK) as u32 + left.trailing_zeros();
            left &= left.wrapping_sub(1);
            place
        };
        let count = mask.count_ones() as usize;
        let free = &mut places[total..][..BLOCK];
        free[..AT_ONCE].fill_with(&mut next);
        if count > AT_ONCE {
            free[AT_ONCE..count].fill_with(&mut next);
        }
        total += count;
    }
    total
}

/// Room for the codes of the pairs of some blocks.
pub(super) struct Codes([u8; (BATCH + 1) * BLOCK]);

impl Codes {
    pub(super) const fn new() -> Self {
        Self([0; (BATCH + 1) * BLOCK])
    }
}

/// Finds the places whose pairs of bytes share a bucket, where the machine can; returns whether it did.
/// `text` has eight bytes more than the blocks of `places`, which are at most [`BATCH`].
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the functions are called where there is what they need")]
pub(super) fn paired(
    buckets: &[PairBuckets],
    text: &[u8],
    codes: &mut Codes,
    places: &mut [u64],
) -> bool {
    let can = std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512vbmi");
    if can {
        // SAFETY: AVX-512BW and AVX-512VBMI are there. The function takes slices and has no other condition.
        unsafe { pairs::places(buckets, text, &mut codes.0, places) };
    }
    can
}

/// Other machines have none yet.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn paired(_: &[PairBuckets], _: &[u8], _: &mut Codes, _: &mut [u64]) -> bool {
    false
}

/// Other machines have none yet.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn masks<const N: usize>(
    _: [&Halves; N],
    _: &[[u8; BLOCK]],
    _: &mut [[u64; N]],
) -> bool {
    false
}

/// Other machines have none yet.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn places(_: &[Buckets], _: &[u8], _: &mut [u64]) -> bool {
    false
}

/// The bit of each high half of an ASCII byte; other bytes have none.
#[cfg(target_arch = "x86_64")]
const BITS: Halves = [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0];

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_set_epi64x,
        _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    use crate::decode::simd::{BITS, Halves};
    use crate::model::{BUCKET_BYTES, Buckets};

    /// Two table look-ups a byte: the row of its low half, and in it the bit of its high half.
    #[target_feature(enable = "avx2")]
    pub(super) fn masks<const N: usize>(
        classes: [&Halves; N],
        blocks: &[[u8; 64]],
        masks: &mut [[u64; N]],
    ) {
        let rows: [__m256i; N] = std::array::from_fn(|class| twice(classes[class]));
        let bits = twice(&BITS);
        for (block, masks) in blocks.iter().zip(masks) {
            *masks = [0; N];
            for start in [32, 0] {
                let bytes = vector(&block[start..][..32]);
                let bit = _mm256_shuffle_epi8(bits, above(bytes));
                for (mask, row) in masks.iter_mut().zip(&rows) {
                    // Bytes beyond ASCII have their top bit set and look up zero.
                    let row = _mm256_and_si256(_mm256_shuffle_epi8(*row, bytes), bit);
                    *mask = *mask << 32 | u64::from(not_zero(row));
                }
            }
        }
    }

    /// Of each byte and the seven behind it the buckets that all may be of.
    #[target_feature(enable = "avx2")]
    pub(super) fn places(buckets: &[Buckets], text: &[u8], places: &mut [u64]) {
        places.fill(0);
        for buckets in buckets {
            let tables: [[__m256i; 2]; BUCKET_BYTES] =
                std::array::from_fn(|place| [twice(&buckets[place][0]), twice(&buckets[place][1])]);
            for (index, mask) in places.iter_mut().enumerate() {
                let seen = &text[index * 64..][..64 + BUCKET_BYTES];
                let mut made = 0;
                for start in [32, 0] {
                    let mut left = _mm256_set1_epi8(-1);
                    for (place, [low, high]) in tables.iter().enumerate() {
                        let bytes = vector(&seen[start + place..][..32]);
                        let below = _mm256_and_si256(bytes, _mm256_set1_epi8(15));
                        let low = _mm256_shuffle_epi8(*low, below);
                        let high = _mm256_shuffle_epi8(*high, above(bytes));
                        left = _mm256_and_si256(left, _mm256_and_si256(low, high));
                    }
                    made = made << 32 | u64::from(not_zero(left));
                }
                *mask |= made;
            }
        }
    }

    /// The high halves.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn above(bytes: __m256i) -> __m256i {
        _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn not_zero(bytes: __m256i) -> u32 {
        !_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256())) as u32
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn twice(bytes: &Halves) -> __m256i {
        let mut both = [0; 32];
        both[..16].copy_from_slice(bytes);
        both[16..].copy_from_slice(bytes);
        vector(&both)
    }

    /// Loads 32 bytes.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn vector(bytes: &[u8]) -> __m256i {
        let word =
            |at: usize| i64::from_le_bytes(bytes[at * 8..][..8].try_into().unwrap_or_default());
        _mm256_set_epi64x(word(3), word(2), word(1), word(0))
    }
}

/// The same with twice the width.
#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm_set_epi64x, _mm512_and_si512, _mm512_broadcast_i32x4, _mm512_or_si512,
        _mm512_set_epi64, _mm512_set1_epi8, _mm512_shuffle_epi8, _mm512_srli_epi16,
        _mm512_test_epi8_mask,
    };

    use crate::decode::simd::{BITS, Halves};
    use crate::model::{BUCKET_BYTES, Buckets};

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn masks<const N: usize>(
        classes: [&Halves; N],
        blocks: &[[u8; 64]],
        masks: &mut [[u64; N]],
    ) {
        let rows: [__m512i; N] = std::array::from_fn(|class| fourfold(classes[class]));
        let bits = fourfold(&BITS);
        for (block, masks) in blocks.iter().zip(masks) {
            let bytes = vector(block);
            let bit = _mm512_shuffle_epi8(bits, above(bytes));
            for (mask, row) in masks.iter_mut().zip(&rows) {
                *mask = _mm512_test_epi8_mask(_mm512_shuffle_epi8(*row, bytes), bit);
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn places(buckets: &[Buckets], text: &[u8], places: &mut [u64]) {
        places.fill(0);
        // The halves of the text are made once for two sets.
        let (twos, one) = buckets.as_chunks::<2>();
        for two in twos {
            add_places(two, text, places);
        }
        if let [one] = one {
            add_places(std::array::from_ref(one), text, places);
        }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    fn add_places<const N: usize>(buckets: &[Buckets; N], text: &[u8], places: &mut [u64]) {
        let tables: [[[__m512i; 2]; BUCKET_BYTES]; N] = buckets.each_ref().map(|buckets| {
            std::array::from_fn(|place| {
                [fourfold(&buckets[place][0]), fourfold(&buckets[place][1])]
            })
        });
        for (index, mask) in places.iter_mut().enumerate() {
            let seen = &text[index * 64..][..64 + BUCKET_BYTES];
            let mut left = [_mm512_set1_epi8(-1); N];
            for place in 0..BUCKET_BYTES {
                let bytes = vector(&seen[place..][..64]);
                let below = _mm512_and_si512(bytes, _mm512_set1_epi8(15));
                let above = above(bytes);
                for (left, tables) in left.iter_mut().zip(&tables) {
                    let [low, high] = tables[place];
                    let (low, high) =
                        (_mm512_shuffle_epi8(low, below), _mm512_shuffle_epi8(high, above));
                    *left = _mm512_and_si512(*left, _mm512_and_si512(low, high));
                }
            }
            let any = left[1..].iter().fold(left[0], |any, left| _mm512_or_si512(any, *left));
            *mask |= _mm512_test_epi8_mask(any, any);
        }
    }

    /// The high halves.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn above(bytes: __m512i) -> __m512i {
        _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), _mm512_set1_epi8(15))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn fourfold(bytes: &Halves) -> __m512i {
        let [low, high] = [0, 8].map(|at| word(bytes, at));
        _mm512_broadcast_i32x4(_mm_set_epi64x(high, low))
    }

    /// Loads 64 bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn vector(bytes: &[u8]) -> __m512i {
        let [a, b, c, d, e, f, g, h] = [0, 8, 16, 24, 32, 40, 48, 56].map(|at| word(bytes, at));
        _mm512_set_epi64(h, g, f, e, d, c, b, a)
    }

    #[inline]
    fn word(bytes: &[u8], at: usize) -> i64 {
        i64::from_le_bytes(bytes[at..][..8].try_into().unwrap_or_default())
    }
}

/// By pairs of bytes, in two steps: their codes, then one look-up for each pair.
#[cfg(target_arch = "x86_64")]
mod pairs {
    use std::arch::x86_64::{
        __m512i, _mm512_and_si512, _mm512_or_si512, _mm512_permutex2var_epi8,
        _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_storeu_si512, _mm512_test_epi8_mask,
        _mm512_xor_si512,
    };

    use crate::decode::simd::avx512::vector;
    use crate::model::{BUCKET_PAIRS, PAIR_CODES, PairBuckets};

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    pub(super) fn places(
        buckets: &[PairBuckets],
        text: &[u8],
        codes: &mut [u8],
        places: &mut [u64],
    ) {
        make(&text[..places.len() * 64 + 8], codes);
        places.fill(0);
        // The codes are loaded once for two sets.
        let (twos, one) = buckets.as_chunks::<2>();
        for two in twos {
            add_places(two, codes, places);
        }
        if let [one] = one {
            add_places(std::array::from_ref(one), codes, places);
        }
    }

    /// Writes the code of each byte and the one behind it; of the last byte there is none.
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn make(text: &[u8], codes: &mut [u8]) {
        let parts = PAIR_CODES.each_ref().map(|part| [vector(&part[..64]), vector(&part[64..])]);
        let last = (text.len() - 8) / 64;
        for (index, codes) in codes.as_chunks_mut::<64>().0.iter_mut().take(last).enumerate() {
            let seen = &text[index * 64..][..65];
            store(code(&parts, vector(&seen[..64]), vector(&seen[1..])), codes);
        }
        let mut seen = [0; 65];
        seen[..8].copy_from_slice(&text[last * 64..]);
        if let Some(codes) = codes[last * 64..].first_chunk_mut() {
            store(code(&parts, vector(&seen[..64]), vector(&seen[1..])), codes);
        }
    }

    /// A byte's top bit is not looked at.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn code(parts: &[[__m512i; 2]; 2], first: __m512i, second: __m512i) -> __m512i {
        _mm512_xor_si512(
            _mm512_permutex2var_epi8(parts[0][0], first, parts[0][1]),
            _mm512_permutex2var_epi8(parts[1][0], second, parts[1][1]),
        )
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn add_places<const N: usize>(buckets: &[PairBuckets; N], codes: &[u8], places: &mut [u64]) {
        let tables: [[__m512i; BUCKET_PAIRS]; N] =
            buckets.each_ref().map(|buckets| std::array::from_fn(|place| vector(&buckets[place])));
        for (index, mask) in places.iter_mut().enumerate() {
            let seen = &codes[index * 64..][..64 + BUCKET_PAIRS];
            let mut left = [_mm512_set1_epi8(-1); N];
            for place in 0..BUCKET_PAIRS {
                let codes = vector(&seen[place..][..64]);
                for (left, tables) in left.iter_mut().zip(&tables) {
                    *left = _mm512_and_si512(*left, _mm512_permutexvar_epi8(codes, tables[place]));
                }
            }
            let any = left[1..].iter().fold(left[0], |any, left| _mm512_or_si512(any, *left));
            *mask |= _mm512_test_epi8_mask(any, any);
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "the store goes by pointer")]
    fn store(bytes: __m512i, to: &mut [u8; 64]) {
        // SAFETY: there is room for the 64 bytes, and the store needs no alignment.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), bytes) };
    }
}

/// The numbers of the ones of masks.
#[cfg(target_arch = "x86_64")]
mod spread {
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi32, _mm512_castsi512_si128, _mm512_cvtepu8_epi32,
        _mm512_extracti32x4_epi32, _mm512_maskz_compress_epi8, _mm512_set1_epi32,
        _mm512_storeu_si512,
    };

    use crate::decode::simd::avx512::vector;

    /// The numbers from 0 to 63.
    const NUMBERS: [u8; 64] = {
        let mut numbers = [0; 64];
        let mut number = 0;
        while number < 64 {
            numbers[number] = number as u8;
            number += 1;
        }
        numbers
    };

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    pub(super) fn places(base: usize, masks: &[u64], places: &mut [u32]) -> usize {
        let numbers = vector(&NUMBERS);
        let mut total = 0;
        for (block, mask) in masks.iter().enumerate() {
            let base = _mm512_set1_epi32((base + block * 64) as i32);
            let count = mask.count_ones() as usize;
            let [first, second, third, fourth] = places[total..][..64].as_chunks_mut::<16>().0
            else {
                unreachable!("64 are four times 16")
            };
            let ones = _mm512_maskz_compress_epi8(*mask, numbers);
            let places = |four| _mm512_add_epi32(_mm512_cvtepu8_epi32(four), base);
            store(places(_mm512_castsi512_si128(ones)), first);
            // Most blocks have a few.
            if count > 16 {
                store(places(_mm512_extracti32x4_epi32::<1>(ones)), second);
                store(places(_mm512_extracti32x4_epi32::<2>(ones)), third);
                store(places(_mm512_extracti32x4_epi32::<3>(ones)), fourth);
            }
            total += count;
        }
        total
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "the store goes by pointer")]
    fn store(places: __m512i, to: &mut [u32; 16]) {
        // SAFETY: there is room for the 64 bytes, and the store needs no alignment.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), places) };
    }
}
