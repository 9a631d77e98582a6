//! Test elements, one file each, in JMeter's own families.
