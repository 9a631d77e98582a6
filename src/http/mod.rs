//! HTTP/1.1 as JMeter's HttpClient4 speaks it: a request in, a response and its timings out. Knows no .jmx.
