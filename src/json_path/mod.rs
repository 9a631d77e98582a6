//! JSONPath in the dialect of Jayway's json-path, as JMeter uses it.
