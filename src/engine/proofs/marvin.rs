//! Marvin32, the string hash of .NET, by which Microsoft marks its keys.

/// The 32-bit Marvin hash of `data`: both halves of the state, xored.
///
/// Source: SymCrypt and the .NET runtime; their published vectors are the tests below.
pub(super) fn marvin32(data: &[u8], seed: u64) -> u32 {
    let state = marvin64(data, seed);
    state as u32 ^ (state >> 32) as u32
}

/// The whole state, high half first.
fn marvin64(data: &[u8], seed: u64) -> u64 {
    let (mut low, mut high) = (seed as u32, (seed >> 32) as u32);
    let (words, rest) = data.as_chunks::<4>();
    for word in words {
        low = low.wrapping_add(u32::from_le_bytes(*word));
        mix(&mut low, &mut high);
    }
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    low = low.wrapping_add(u32::from_le_bytes(last));
    mix(&mut low, &mut high);
    mix(&mut low, &mut high);
    u64::from(high) << 32 | u64::from(low)
}

fn mix(low: &mut u32, high: &mut u32) {
    *high ^= *low;
    *low = low.rotate_left(20).wrapping_add(*high);
    *high = high.rotate_left(9) ^ *low;
    *low = low.rotate_left(27).wrapping_add(*high);
    *high = high.rotate_left(19);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of SymCrypt's self-test and of the .NET runtime's `MarvinTests`.
    #[test]
    fn published_vectors_hold() {
        let cases: &[(u64, &[u8], u64)] = &[
            (0xd53c_d9ce_cd08_93b7, b"abc", 0x22c7_4339_4927_69bf),
            (0x0ddd_deee_efff_f000, b"abcdefghijklmnopqrstuvwxyz", 0xa128_eb7e_7260_aca2),
            (0x004f_b61a_001b_dbcc, b"", 0x30ed_35c1_00cd_3c7d),
            (0x004f_b61a_001b_dbcc, b"\xaf", 0x48e7_3fc7_7d75_ddc1),
            (0x004f_b61a_001b_dbcc, b"\xe7\x0f", 0xb5f6_e1fc_485d_bff8),
            (0x004f_b61a_001b_dbcc, b"\x37\xf4\x95", 0xf0b0_7c78_9b8c_f7e8),
            (0x004f_b61a_001b_dbcc, b"\x86\x42\xdc\x59", 0x7008_f2e8_7e9c_f556),
            (0x004f_b61a_001b_dbcc, b"\x15\x3f\xb7\x98\x26", 0xe6c0_8c6d_a2af_a997),
            (0x004f_b61a_001b_dbcc, b"\x09\x32\xe6\x24\x6c\x47", 0x6f04_bf1a_5ea2_4060),
            (0x004f_b61a_001b_dbcc, b"\xab\x42\x7e\xa8\xd1\x0f\xc7", 0xe118_47e4_f067_8c41),
        ];
        for &(seed, data, expected) in cases {
            assert_eq!(marvin64(data, seed), expected, "{data:?}");
        }
        assert_eq!(marvin32(b"abc", 0xd53c_d9ce_cd08_93b7), 0x6be0_2a86);
    }
}
