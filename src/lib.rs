//! Rotameter replays Apache JMeter plans.
//!
//! The folder names are the pipeline: bytes become an element tree ([`jmx`]), the tree becomes an immutable plan
//! ([`plan`]) of compiled elements ([`elements`]), the engine ([`engine`]) runs virtual users over it, and what they
//! measure leaves as sample events ([`results`]) for files, statistics and reports ([`report`]).

pub mod clock;
pub mod elements;
pub mod engine;
pub mod expr;
pub mod functions;
pub mod http;
pub mod java;
pub mod jmx;
pub mod json_path;
pub mod keystore;
pub mod limits;
pub mod plan;
pub mod properties;
pub mod report;
pub mod results;
pub mod retry;
pub mod script;
pub mod text;
pub mod tidy;
pub mod virtual_user;
pub mod xml_path;
pub mod xml_schema;

pub mod cli;
