//! What is set for the whole process, and has no safe face: the allocator, one signal.

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

/// A report that outgrows `ulimit -f` becomes an error of its write, and no death by `SIGXFSZ`.
pub(super) fn outlive_file_limit() {
    #[expect(unsafe_code, reason = "the C library has no safe face for it")]
    // SAFETY: to ignore a signal runs no code of ours.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}
