//! JMeter and system properties: files, `-J`, `-D`, `-q`, typed look-up.
