//! Element tree -> compiled plan, with every problem as a diagnostic.
