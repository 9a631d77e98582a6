use super::*;
use crate::results::samples_for_tests::{all_flags, awkward_event, default_flags};
use crate::results::{jtl_csv, jtl_xml};
use std::io::Write as _;

/// Label, elapsed, time stamp and line of each row, what is wrong in angle brackets, and the warnings.
fn read(bytes: &[u8]) -> Vec<String> {
    let mut reader = JtlReader::new(io::Cursor::new(bytes.to_vec()), &default_flags()).unwrap();
    let mut found = Vec::new();
    loop {
        match reader.next_row() {
            Ok(Some(row)) => found.push(format!(
                "{}: {}{} {} {}",
                row.line,
                "-".repeat(row.depth as usize),
                row.label,
                row.elapsed.as_millis(),
                row.time_stamp.millis()
            )),
            Ok(None) => break,
            Err(error) => {
                let text = error.to_string();
                found.push(format!("<{}>", text.split("; ").next().unwrap()));
            }
        }
    }
    found.extend(reader.warnings().iter().map(|warning| format!("! {warning}")));
    found
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(read(text.as_bytes()), expected, "{text:?}");
}

#[test]
fn any_columns_in_any_order() {
    check(
        "label,elapsed,timeStamp\na,5,1000\n\"b,\n\",6,2000\nc,7,3000\n",
        &["2: a 5 1000", "3: b,\n 6 2000", "5: c 7 3000"],
    );
    check("timeStamp;elapsed;label;\"my var\"\r\n1000;5;a,b;x\r\n", &["2: a,b 5 1000"]);
    check("elapsed\tlabel\n5\ta b\n", &["2: a b 5 0"]);
    check("timeStamp|elapsed|label\n1000|5|a\n", &["2: a 5 1000"]);
    check("\u{feff}elapsed,label\n5,a\n", &["2: a 5 0"]);
}

/// The default columns of JMeter 2.13 to 3.0, 3.1, 4.0 and 5.x.
#[test]
fn headers_of_all_times() {
    check(
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,bytes,grpThreads,allThreads,\
         Latency\n1000,5,a,200,OK,T 1-1,text,true,9,1,1,4\n",
        &["2: a 5 1000"],
    );
    check(
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,\
         grpThreads,allThreads,Latency,IdleTime\n1000,5,a,200,OK,T 1-1,text,true,,9,1,1,4,0\n",
        &["2: a 5 1000"],
    );
    check(
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,\
         sentBytes,grpThreads,allThreads,Latency,IdleTime,Connect\n1000,5,a,200,OK,T 1-1,text,true,,9,7,1,1,4,0,1\n",
        &["2: a 5 1000"],
    );
}

#[test]
fn without_a_header_the_properties_tell() {
    check(
        "1000,5,a,200,OK,T 1-1,text,true,,9,7,1,1,http://h/,4,0,1\n",
        &["1: a 5 1000", "! line 1: there is no header line; the columns are those of jmeter.save.saveservice.*"],
    );
    let missing = "! line 1: there is no header line; the columns are those of jmeter.save.saveservice.*";
    check("1000,5\n", &["<line 1: 2 fields instead of 17>", missing]);
    check("", &[]);
}

#[test]
fn a_broken_row_is_told_and_the_next_one_is_read() {
    check(
        "elapsed,label\n5,a\nx,b\n6\n7,c\"d\n8,e\n",
        &[
            "2: a 5 0",
            "<line 3: elapsed is \"x\">",
            "<line 4: 1 fields instead of 2>",
            "<line 5: a quote within a field that is not in quotes>",
            "6: e 8 0",
        ],
    );
}

#[test]
fn what_a_killed_run_leaves_is_a_warning() {
    check("elapsed,label\n5,a\n6", &["2: a 5 0", "! line 3: the last line is not complete and was left out"]);
    check(
        "elapsed,label\n5,a\n6,b",
        &["2: a 5 0", "3: b 6 0", "! line 3: the last line has no end; it may have been cut off"],
    );
    check(
        "elapsed,label\n5,a\n6,\"b\n",
        &["2: a 5 0", "! line 3: quotes are not closed before the end; all from here was left out"],
    );
    let samples = "<testResults version=\"1.2\">\n<sample t=\"5\" lb=\"a\"/>\n";
    check(samples, &["2: a 5 0"]);
    check(
        &format!("{samples}<sample t=\"6\" lb=\"b\">"),
        &["2: a 5 0", "! line 3: the file ends within a sample, which was left out"],
    );
    check(
        &format!("{samples}<sample t=\"6\" lb"),
        &["2: a 5 0", "! line 3: the file ends within a tag; its last sample was left out"],
    );
}

#[test]
fn files_put_together() {
    check(
        "elapsed,label\n5,a\nelapsed,label\n6,b\nlabel,elapsed,Latency\nc,7,1\n",
        &[
            "2: a 5 0",
            "4: b 6 0",
            "6: c 7 0",
            "! line 3: another header line; the columns are those that it names",
            "! line 5: another header line; the columns are those that it names",
        ],
    );
}

#[test]
fn time_stamps_as_dates() {
    let one = read(b"timeStamp,elapsed,label\n2023/11/14 22:13:20.123,5,a\n");
    let other = read(b"timeStamp,elapsed,label\n2023-11-14 22:13:20.123,5,a\n");
    assert_eq!((one.len(), &one), (1, &other));
    check("timeStamp,label\nsoon,a\n", &["<line 2: timeStamp is \"soon\">"]);
}

#[test]
fn xml_with_samples_in_samples() {
    check(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testResults version=\"1.2\">\n\
         <httpSample t=\"5\" ts=\"1000\" lb=\"a &lt;&#x1;\">\n  <sample t=\"2\" lb=\"b\"/>\n\
         <httpSample t=\"3\" lb=\"c\"><responseData class=\"java.lang.String\">&lt;sample/></responseData></httpSample>\n\
         </httpSample>\n<sample t=\"x\" lb=\"d\"/>\n<sample t=\"4\" lb=\"e\"/>\n</testResults>\n",
        &["3: a <\u{1} 5 1000", "4: -b 2 0", "5: -c 3 0", "<line 7: t is \"x\">", "8: e 4 0"],
    );
    let mismatch = read(b"<testResults><sample lb=\"a\"/><sample lb=\"b\"></other>\n<sample lb=\"c\"/></testResults>");
    assert_eq!(mismatch.len(), 2, "{mismatch:?}");
}

/// What is written is what is read, field by field, in both formats, with every compression.
#[test]
fn both_formats_say_the_same() {
    let event = awkward_event();
    // Among all names is an empty one, with which JMeter's XML is none.
    let all = all_flags();
    let save = SaveConfig { sample_variables: all.sample_variables.iter().take(2).cloned().collect(), ..all };
    let (mut csv, mut xml) = (Vec::new(), Vec::new());
    let format = jtl_csv::CsvFormat::new(&save, None);
    format.write_header(&mut csv);
    format.write_event(&event, &mut csv);
    let format = jtl_xml::XmlFormat::new(&save);
    format.write_header(&mut xml);
    format.write_event(&event, &mut xml);
    jtl_xml::XmlFormat::write_footer(&mut xml);

    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let rows = |bytes: Vec<u8>| {
        let mut reader = JtlReader::new(io::Cursor::new(bytes), &save).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row().unwrap() {
            rows.push(row.clone());
        }
        (rows, reader.warnings().to_vec())
    };
    let (of_csv, no_warnings) = rows(csv.clone());
    assert_eq!((of_csv.len(), no_warnings.len()), (3, 0));
    assert_eq!(of_csv[0].failure_message, "bad\n<x>");
    assert_eq!(of_csv[0].extra("x$y"), Some("2\"'<>&\t\n\r\u{1}\u{85}"));
    assert_eq!(of_csv[2].depth, 0);
    assert_eq!(rows(gzip(&csv)).0, of_csv);
    assert_eq!(rows(zstd::encode_all(&*csv, 1).unwrap()).0, of_csv);

    let (of_xml, _) = rows(xml);
    assert_eq!(of_xml.len(), 3);
    assert_eq!(of_xml[2].depth, 2);
    for (one, other) in of_csv.iter().zip(&of_xml) {
        assert_eq!((&one.label, one.elapsed, one.success), (&other.label, other.elapsed, other.success));
        assert_eq!((one.time_stamp, &one.failure_message), (other.time_stamp, &other.failure_message));
        assert_eq!(one.extra("a_b"), other.extra("a_b"));
        assert_eq!((&one.url, one.bytes, &one.hostname), (&other.url, other.bytes, &other.hostname));
    }

    // Of a compressed file that was cut off, what can be decompressed is read.
    let many: Vec<u8> =
        std::iter::once(&b"elapsed,label\n"[..]).chain((0..1000).map(|_| &b"5,a\n"[..])).flatten().copied().collect();
    let mut cut = gzip(&many);
    cut.truncate(cut.len() - 9);
    let (of_cut, warnings) = rows(cut);
    assert!(!of_cut.is_empty() && of_cut.len() <= 1000);
    assert!(warnings.iter().any(|warning| warning.text == "the compressed file ends before its end"), "{warnings:?}");
}
