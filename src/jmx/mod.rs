//! Bytes <-> element tree. Knows no element by name.
