//! The derive macro of ssync.
