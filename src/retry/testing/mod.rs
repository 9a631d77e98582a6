//! Limiters that answer as servers do, and users who meet them, in a time of their own: what policies are held against.

mod client;
mod limiter;
mod world;

pub(super) use client::{Client, Policies, Refused};
pub(crate) use limiter::Spec;
pub(super) use world::{Header, Outcome, World};
