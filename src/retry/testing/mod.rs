//! Limiters that answer as servers do, and users who meet them, in a time of their own: what policies are held against.

mod client;
mod limiter;
mod world;

pub(super) use client::{Client, Policies, Refused};
pub(super) use limiter::{Header, Limit};
pub(super) use world::{Outcome, World};
