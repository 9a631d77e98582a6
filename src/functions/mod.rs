//! The `${__functions()}`, one file each, in one sorted table.
