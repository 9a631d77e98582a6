//! `${…}`: parsed once when the plan is compiled, evaluated against a virtual user.
