//! How the C library's allocator is set: a scan stays small.

/// Lets large pieces of memory go back to the system when they are freed.
///
/// Left alone, glibc learns from the first large piece that is freed to keep such pieces, and threads then
/// hold holes of many megabytes (mallopt(3), `M_MMAP_THRESHOLD`). Elsewhere this does nothing.
pub(super) fn give_back() {
    #[cfg(target_env = "gnu")]
    {
        /// Pieces of this size and more: a window of content, which is allocated once a thread, is one.
        const LARGE: libc::c_int = 1 << 20;
        #[expect(unsafe_code, reason = "the C library has no safe face for it")]
        // SAFETY: it takes two numbers, and no other thread runs yet.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        }
    }
}
