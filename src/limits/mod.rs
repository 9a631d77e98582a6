//! The limiter behind a server, inferred from accepts and rejects.
