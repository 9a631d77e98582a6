//! A virtual user: what JMeter calls a thread.
