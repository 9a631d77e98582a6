//! Reading and writing together. Expectations on JMeter were taken from its `SaveService` (5.6.2): load, save, compare.

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::text::Text;

/// A plan with these properties in its Test Plan.
fn plan(properties: &str) -> String {
    format!(
        "<jmeterTestPlan version=\"1.2\">\n  <hashTree>\n    \
         <TestPlan guiclass=\"TestPlanGui\" testclass=\"TestPlan\" testname=\"T\">{properties}</TestPlan>\n    \
         <hashTree/>\n  </hashTree>\n</jmeterTestPlan>\n"
    )
}

fn written(tree: &TestTree) -> String {
    let mut bytes = Vec::new();
    write(tree, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Reads a plan, and makes sure that it survives writing.
fn read_twice(xml: &[u8]) -> Result<TestTree, Error> {
    let tree = read(xml)?;
    let again = read(written(&tree).as_bytes()).unwrap();
    assert_eq!(without_lines(again), without_lines(tree.clone()));
    Ok(tree)
}

fn error(xml: &str) -> String {
    read(xml.as_bytes()).unwrap_err().to_string()
}

/// Where a tag stands is lost in writing.
fn without_lines(mut tree: TestTree) -> TestTree {
    fn of_xml(element: &mut XmlElement) {
        element.line = 0;
        element.children.iter_mut().for_each(of_xml);
    }
    fn of_element(element: &mut TestElement) {
        element.line = 0;
        of_properties(&mut element.properties);
    }
    fn of_properties(properties: &mut [Property]) {
        for property in properties {
            property.line = 0;
            match &mut property.value {
                PropertyValue::Element(element) => of_element(element),
                PropertyValue::Collection(entries) | PropertyValue::Map(entries) => of_properties(entries),
                PropertyValue::Object(fields) => fields.iter_mut().for_each(of_xml),
                PropertyValue::Unknown(element) => of_xml(element),
                _ => {}
            }
        }
    }
    let ids: Vec<NodeId> = tree.document_order().map(|(_, id)| id).collect();
    for id in ids {
        of_element(&mut tree[id].element);
    }
    tree
}

/// The properties of the Test Plan as they are written, on one line.
fn properties_of(xml: &str) -> String {
    let tree = match read_twice(xml.as_bytes()) {
        Ok(tree) => tree,
        Err(error) => return error.to_string(),
    };
    let text = written(&tree);
    let from = text.find("testname=\"T\"").unwrap() + "testname=\"T\"".len();
    let to = text.find("</TestPlan>").unwrap_or(from);
    let lines: Vec<&str> = text[from..to].lines().map(str::trim_start).collect();
    lines.concat().trim_start_matches('>').to_owned()
}

#[test]
fn properties_are_read_as_jmeter_reads_them() {
    for (properties, saved_by_jmeter) in [
        ("<stringProp name=\"a\"> b\u{2028}\t</stringProp>", "<stringProp name=\"a\"> b\u{2028}\t</stringProp>"),
        ("<stringProp name=\"\">x</stringProp>", "<stringProp name=\"\">x</stringProp>"),
        ("<stringProp name=\"a\"/>", "<stringProp name=\"a\"></stringProp>"),
        ("<stringProp name=\"a\">x<b>y</b>z</stringProp>", "<stringProp name=\"a\">x</stringProp>"),
        (
            "<stringProp name=\"a&#xa;b\">&#0;&#1;&#x7f;&#x85;😀&#xd;</stringProp>",
            "<stringProp name=\"a&#xa;b\">&#x0;&#x1;&#x7f;&#x85;😀&#xd;</stringProp>",
        ),
        ("<boolProp name=\"a\">TRUE<!-- c --></boolProp>", "<boolProp name=\"a\">true</boolProp>"),
        ("<boolProp name=\"a\"> true</boolProp>", "<boolProp name=\"a\">false</boolProp>"),
        ("<boolProp name=\"a\">${x}</boolProp>", "<boolProp name=\"a\">false</boolProp>"),
        ("<intProp name=\"a\">+1<!-- c -->2</intProp>", "<intProp name=\"a\">12</intProp>"),
        ("<longProp name=\"a\">-3000000000</longProp>", "<longProp name=\"a\">-3000000000</longProp>"),
        (
            "<doubleProp><name>d</name><value> 1e9 </value><savedValue>7.0</savedValue></doubleProp>",
            "<doubleProp><name>d</name><value>1.0E9</value><savedValue>0.0</savedValue></doubleProp>",
        ),
        (
            "<FloatProperty><name>f</name><value>0.5</value></FloatProperty>",
            "<FloatProperty><name>f</name><value>0.5</value><savedValue>0.0</savedValue></FloatProperty>",
        ),
        (
            "<mapProp name=\"m\"><stringProp name=\"k\">v</stringProp></mapProp>",
            "<mapProp name=\"m\"><stringProp name=\"k\">v</stringProp></mapProp>",
        ),
        (
            "<null/><collectionProp name=\"c\"><null/><intProp name=\"x\">1</intProp></collectionProp>",
            "<collectionProp name=\"c\"><intProp name=\"x\">1</intProp></collectionProp>",
        ),
        ("<collectionProp name=\"c\"></collectionProp>", "<collectionProp name=\"c\"/>"),
        (
            "<elementProp name=\"e\" elementType=\"Header\"><stringProp name=\"a\">1</stringProp></elementProp>",
            "<elementProp name=\"e\" elementType=\"Header\"><stringProp name=\"a\">1</stringProp></elementProp>",
        ),
        (
            "<objProp><name>s</name><value class=\"SampleSaveConfiguration\"><time>true</time></value></objProp>",
            "<objProp><name>s</name><value class=\"SampleSaveConfiguration\"><time>true</time></value></objProp>",
        ),
        (
            "<org.apache.jmeter.testelement.property.StringProperty name=\"a\">x</org.apache.jmeter.testelement.property.StringProperty>",
            "<stringProp name=\"a\">x</stringProp>",
        ),
    ] {
        assert_eq!(properties_of(&plan(properties)), saved_by_jmeter, "{properties}");
    }
}

/// What JMeter has no use for is kept all the same.
#[test]
fn what_jmeter_does_not_know_is_kept() {
    for properties in [
        "<stringProp name=\"a\" xml:space=\"preserve\">x</stringProp>",
        "<fooProp name=\"a\">x<b c=\"d\"> y </b><e/></fooProp>",
        "<objProp><name>o</name><value class=\"string\">x</value><other/></objProp>",
        "<elementProp name=\"e\" elementType=\"Foo\" guiclass=\"G\" new=\"1\"/>",
    ] {
        assert_eq!(properties_of(&plan(properties)), properties);
    }
}

#[test]
fn what_jmeter_does_not_load_is_refused() {
    for (properties, expected) in [
        (
            "<intProp name=\"a\">${x}</intProp>",
            "line 3, column 72: property a is <intProp>, but its text \"${x}\" is not such a number",
        ),
        (
            "<intProp name=\"a\"> 5</intProp>",
            "line 3, column 72: property a is <intProp>, but its text \" 5\" is not such a number",
        ),
        (
            "<longProp name=\"a\"></longProp>",
            "line 3, column 72: property a is <longProp>, but its text \"\" is not such a number",
        ),
        (
            "\n<doubleProp><name>d</name><value>x</value></doubleProp>",
            "line 4, column 1: property d is <doubleProp>, but its text \"x\" is not such a number",
        ),
        (
            "<FloatProperty><name>f</name><savedValue/></FloatProperty>",
            "line 3, column 72: property f is <FloatProperty>, but its text \"\" is not such a number",
        ),
        ("<doubleProp><foo/></doubleProp>", "line 3, column 84: expected <name>, <value> or <savedValue>, found <foo>"),
        ("<stringProp>x</stringProp>", "line 3, column 72: <stringProp> has no attribute name"),
        ("<collectionProp/>", "line 3, column 72: <collectionProp> has no attribute name"),
        ("<elementProp name=\"e\"/>", "line 3, column 72: <elementProp> has no attribute elementType"),
        ("<stringProp name=\"a\">", "line 3, column 93: expected </stringProp>, found </TestPlan>"),
    ] {
        assert_eq!(error(&plan(properties)), expected);
    }
}

#[test]
fn the_frame_of_a_plan_is_checked() {
    let element = "<A guiclass=\"G\"/>";
    for (xml, expected) in [
        ("", "line 1, column 1: expected <jmeterTestPlan>, found the end of the file".to_owned()),
        ("<hashTree/>", "line 1, column 1: expected <jmeterTestPlan>, found <hashTree>".to_owned()),
        (
            "<jmeterTestPlan/>",
            "line 1, column 18: expected <hashTree> in <jmeterTestPlan>, found </jmeterTestPlan>".to_owned(),
        ),
        ("<jmeterTestPlan><A/>", "line 1, column 17: expected <hashTree> in <jmeterTestPlan>, found <A>".to_owned()),
        (
            "<jmeterTestPlan><hashTree><hashTree/>",
            "line 1, column 27: expected a test element before <hashTree>".to_owned(),
        ),
        ("<jmeterTestPlan><hashTree><A/>", "line 1, column 27: guiclass attribute is not found in <A>".to_owned()),
        (
            &format!("<jmeterTestPlan><hashTree>{element}\n{element}"),
            "line 2, column 1: expected <hashTree> after <A>, found <A>".to_owned(),
        ),
        (
            &format!("<jmeterTestPlan><hashTree>{element}<hashTree>"),
            "line 1, column 54: expected </hashTree>, found the end of the file".to_owned(),
        ),
    ] {
        assert_eq!(error(xml), expected, "{xml}");
    }
}

/// JMeter runs such plans, for it reads no further than the outermost `hashTree`.
#[test]
fn what_follows_the_plan_does_not_matter() {
    let whole = plan("");
    let body = whole.strip_suffix("</jmeterTestPlan>\n").unwrap();
    for rest in ["", "</jmeterTestPlan>\njunk <", "<oops></jmeterTestPlan>", "</hashTree>", "&foo;"] {
        assert_eq!(read(format!("{body}{rest}").as_bytes()).unwrap(), read(whole.as_bytes()).unwrap());
    }
}

#[test]
fn the_last_element_needs_no_hash_tree_and_classes_come_from_attributes() {
    let xml = "<jmeterTestPlan version=\"1.2\"><linked-hash-tree class=\"hashTree\">\
               <testelement class=\"TestPlan\" guiclass=\"G\"/><hashTree><a.B_-C__d_.002de guiclass=\"\"/></hashTree>\
               </linked-hash-tree></jmeterTestPlan>";
    let tree = read_twice(xml.as_bytes()).unwrap();
    let classes: Vec<_> = tree.document_order().map(|(depth, id)| (depth, &*tree[id].element.class)).collect();
    assert_eq!(classes, [(0, "TestPlan"), (1, "a.B$C_d-e")]);
}

#[test]
fn elements_and_properties_know_their_lines() {
    let xml = plan(
        "\r\n<stringProp name=\"a\">\r\nx\r\n</stringProp>\r\n<elementProp\n name=\"e\" elementType=\"E\">\n<boolProp name=\"b\">true</boolProp></elementProp>",
    );
    let tree = read(xml.as_bytes()).unwrap();
    let element = &tree[tree.roots()[0]].element;
    let lines: Vec<_> = element.properties.iter().map(|property| property.line).collect();
    assert_eq!((element.line, lines), (3, vec![4, 7]));
    assert_eq!(element.element("e").unwrap().property("b").unwrap().line, 9);
}

#[test]
fn format_version_1_0_is_form_encoded() {
    let xml = plan("<stringProp name=\"a+b\">c%20d+e%c3%a9</stringProp><boolProp name=\"x%20y\">true</boolProp>")
        .replace("version=\"1.2\"", "version=\"1.0\"")
        .replace("testname=\"T\"", "testname=\"T+%41\"");
    let tree = read_twice(xml.as_bytes()).unwrap();
    let element = &tree[tree.roots()[0]].element;
    assert_eq!((&*element.name(), &*element.text("a b"), element.bool("x y")), ("T A", "c d eé", true));
    let bad = xml.replace("c%20d", "c%zz");
    assert_eq!(error(&bad), "line 3, column 76: expected two hexadecimal digits after each % in \"c%zz+e%c3%a9\"");
}

#[test]
fn references_are_resolved() {
    let string = "<stringProp name=\"x\">1</stringProp>";
    let collection = format!("<collectionProp name=\"c\">{string}</collectionProp>");
    for (properties, expected) in [
        (format!("{collection}<stringProp reference=\"../collectionProp/stringProp\"/>"), format!("{collection}{string}")),
        (
            format!("{string}<collectionProp name=\"c\"><stringProp reference=\"/jmeterTestPlan/hashTree/TestPlan/stringProp[1]\"/></collectionProp>"),
            format!("{string}{collection}"),
        ),
        (
            format!("<collectionProp name=\"d\"><intProp name=\"x\">1</intProp>{string}<stringProp name=\"y\">2</stringProp></collectionProp><collectionProp name=\"c\"><stringProp reference=\"../../collectionProp/stringProp[2]\"/></collectionProp>"),
            format!("<collectionProp name=\"d\"><intProp name=\"x\">1</intProp>{string}<stringProp name=\"y\">2</stringProp></collectionProp><collectionProp name=\"c\"><stringProp name=\"y\">2</stringProp></collectionProp>"),
        ),
        (format!("<collectionProp name=\"d\">{collection}<collectionProp reference=\"../collectionProp\"/></collectionProp>"), format!("<collectionProp name=\"d\">{collection}{collection}</collectionProp>")),
        (
            "<objProp><name>a</name><value class=\"C\"><t>1</t></value></objProp><objProp><name>b</name><value class=\"C\" reference=\"../../objProp/value\"/></objProp>".to_owned(),
            "<objProp><name>a</name><value class=\"C\"><t>1</t></value></objProp><objProp><name>b</name><value class=\"C\"><t>1</t></value></objProp>".to_owned(),
        ),
    ] {
        assert_eq!(properties_of(&plan(&properties)), expected);
    }
    for path in [
        "../foo",
        "../",
        "..",
        "../stringProp",
        "/",
        "",
        "../../../../../x",
        "../../hashTree",
        "../stringProp[0]",
        "../x[",
        "x",
    ] {
        let properties = format!("<collectionProp name=\"c\"><stringProp reference=\"{path}\"/></collectionProp>");
        assert!(error(&plan(&properties)).contains("leads to nothing"), "{path}");
    }
}

#[test]
fn references_reach_into_other_elements() {
    let xml = "<jmeterTestPlan version=\"1.2\"><hashTree><A guiclass=\"G\"/><hashTree>\
               <B guiclass=\"G\"><stringProp name=\"x\">1</stringProp></B><hashTree/>\
               <B guiclass=\"G\"><stringProp reference=\"../../B/stringProp\"/></B><hashTree/>\
               <B guiclass=\"G\"><stringProp reference=\"../../../hashTree/B[2]/stringProp\"/></B><hashTree/>\
               <B reference=\"../B[3]\"/><hashTree/></hashTree></hashTree></jmeterTestPlan>";
    let tree = read_twice(xml.as_bytes()).unwrap();
    let texts: Vec<_> = tree.document_order().map(|(_, id)| tree[id].element.text("x")).collect();
    assert_eq!(texts.iter().map(|text| &**text).collect::<Vec<_>>(), ["", "1", "1", "1", "1"]);
}

#[test]
fn references_to_references_cannot_grow_without_end() {
    let mut doubling = "<collectionProp name=\"c\"><stringProp name=\"x\">1</stringProp></collectionProp>".to_owned();
    for index in 1..100 {
        let twice = format!("<collectionProp reference=\"../../collectionProp[{index}]\"/>").repeat(2);
        write!(doubling, "<collectionProp name=\"c\">{twice}</collectionProp>").unwrap();
    }
    assert!(error(&plan(&doubling)).ends_with("more than 1000000 properties copied by references"));
    let mut deepening = "<collectionProp name=\"c\"/>".to_owned();
    for index in 1..300 {
        write!(
            deepening,
            "<collectionProp name=\"c\"><collectionProp reference=\"../../collectionProp[{index}]\"/></collectionProp>"
        )
        .unwrap();
    }
    assert!(error(&plan(&deepening)).ends_with("more than 200 levels of properties"));
}

#[test]
fn depth_is_no_danger() {
    let level = "<A guiclass=\"G\"/><hashTree>";
    let levels = 100_000;
    let xml = format!(
        "<jmeterTestPlan version=\"1.2\"><hashTree>{}{}</hashTree></jmeterTestPlan>",
        level.repeat(levels),
        "</hashTree>".repeat(levels)
    );
    let tree = read(xml.as_bytes()).unwrap();
    assert_eq!(tree.document_order().last().map(|(depth, _)| depth), Some(levels - 1));
    assert_eq!(read(written(&tree).as_bytes()).unwrap().len(), levels);

    for (open, close) in [("<collectionProp name=\"c\">", "</collectionProp>"), ("<foo>", "</foo>")] {
        let deep = |levels: usize| plan(&format!("{}{}", open.repeat(levels), close.repeat(levels)));
        read_twice(deep(150).as_bytes()).unwrap();
        assert!(error(&deep(100_000)).ends_with("more than 200 levels of properties"));
    }
}

#[test]
fn many_attributes_are_refused() {
    let mut attributes = String::new();
    for index in 0..300 {
        write!(attributes, " a{index}=''").unwrap();
    }
    assert!(error(&format!("<jmeterTestPlan{attributes}/>")).ends_with("more than 256 attributes of one tag"));
}

/// A plan with most kinds of properties, as JMeter 5.6.2 saved it.
const SAVED_BY_JMETER: &str = include_str!("../../fixtures/jmx/saved-by-jmeter.jmx");

#[test]
fn a_plan_that_jmeter_saved_comes_out_byte_for_byte() {
    let tree = read(SAVED_BY_JMETER.as_bytes()).unwrap();
    assert_eq!(written(&tree), SAVED_BY_JMETER);
    assert_eq!(tree.attribute("jmeter"), Some("5.6.2"));
}

#[test]
fn every_part_of_a_plan_is_fine_or_an_error() {
    let whole = read(SAVED_BY_JMETER.as_bytes()).unwrap();
    let complete = SAVED_BY_JMETER.rfind("</hashTree>").unwrap() + "</hashTree>".len();
    for end in 0..SAVED_BY_JMETER.len() {
        match read(&SAVED_BY_JMETER.as_bytes()[..end]) {
            Ok(tree) => assert!(end >= complete && tree == whole, "the first {end} bytes"),
            Err(error) => assert!(end < complete, "the first {end} bytes: {error}"),
        }
    }
}

/// Reads every plan below the folder that the environment variable `ROTAMETER_PLANS` names, and writes it below
/// `ROTAMETER_WRITTEN` if that is set:
/// `ROTAMETER_PLANS=… cargo test --lib jmx -- --ignored --nocapture`.
#[test]
#[ignore = "needs a folder of plans in ROTAMETER_PLANS"]
fn plans_of_others_survive_reading_and_writing() {
    fn visit(folder: &Path, plans: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, plans);
            } else if path.extension().is_some_and(|extension| extension == "jmx") {
                plans.push(path);
            }
        }
    }
    let folder = std::env::var("ROTAMETER_PLANS").expect("ROTAMETER_PLANS names a folder");
    let mut plans = Vec::new();
    visit(Path::new(&folder), &mut plans);
    let (mut fine, mut refused) = (0, 0);
    for path in plans {
        match read_twice(&std::fs::read(&path).unwrap()) {
            Ok(tree) => {
                fine += 1;
                if let Ok(out) = std::env::var("ROTAMETER_WRITTEN") {
                    let out = Path::new(&out).join(path.strip_prefix(&folder).unwrap());
                    std::fs::create_dir_all(out.parent().unwrap()).unwrap();
                    write(&tree, std::fs::File::create(out).unwrap()).unwrap();
                }
            }
            Err(error) => {
                refused += 1;
                println!("{}: {error}", path.display());
            }
        }
    }
    println!("{fine} plans read, {refused} refused");
}

fn text() -> impl Strategy<Value = Text> {
    prop_oneof!["[ a-z<>&'\"\\]\t\n\r\u{0}\u{1}\u{85}é\u{2028}\u{fffe}😀]{0,12}", "\\PC{0,20}"].prop_map(Text::from)
}

fn name() -> impl Strategy<Value = Text> {
    "[a-zA-Z:_é][a-zA-Z0-9._-]{0,8}".prop_map(Text::from)
}

/// Attributes that mean nothing to the reader.
fn attributes() -> impl Strategy<Value = Vec<(Text, Text)>> {
    proptest::collection::btree_map("[a-z]{3}:[a-z]{1,3}".prop_map(Text::from), text(), 0..3)
        .prop_map(|map| map.into_iter().collect())
}

fn xml() -> impl Strategy<Value = XmlElement> {
    let leaf = (name(), attributes(), text()).prop_map(|(tag, attributes, text)| XmlElement {
        tag,
        attributes,
        text,
        ..XmlElement::default()
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        (name(), attributes(), text(), proptest::collection::vec(inner, 0..3)).prop_map(
            |(tag, attributes, text, children)| {
                let mere_space = !children.is_empty() && text.trim_ascii().is_empty();
                let text = if mere_space { Text::default() } else { text };
                XmlElement { tag, attributes, text, children, line: 0 }
            },
        )
    })
}

fn property() -> impl Strategy<Value = Property> {
    let value = prop_oneof![
        text().prop_map(PropertyValue::String),
        any::<bool>().prop_map(PropertyValue::Bool),
        any::<i32>().prop_map(PropertyValue::Int),
        any::<i64>().prop_map(PropertyValue::Long),
        any::<f32>().prop_map(PropertyValue::Float),
        any::<f64>().prop_map(PropertyValue::Double),
        proptest::collection::vec(xml(), 0..3).prop_map(|mut fields| {
            // The name is the property's own.
            fields.retain(|field| &*field.tag != "name");
            PropertyValue::Object(fields)
        }),
    ];
    let leaf = (text(), attributes(), value).prop_map(|(name, attributes, value)| Property {
        name,
        attributes,
        value,
        line: 0,
    });
    leaf.prop_recursive(4, 24, 4, |inner| {
        let inner = proptest::collection::vec(inner, 0..4);
        (text(), attributes(), inner, 0..3, name()).prop_map(|(name, mut attributes, inner, kind, class)| {
            let value = match kind {
                0 => PropertyValue::Collection(inner),
                1 => PropertyValue::Map(inner),
                _ => {
                    let mut own = std::mem::take(&mut attributes);
                    own.push((Text::from("elementType"), Text::clone(&class)));
                    let tag = Text::from("elementProp");
                    PropertyValue::Element(Box::new(TestElement {
                        tag,
                        class,
                        attributes: own,
                        properties: inner,
                        line: 0,
                    }))
                }
            };
            Property { name, attributes, value, line: 0 }
        })
    })
}

fn element() -> impl Strategy<Value = TestElement> {
    ("[A-Z][A-Za-z]{0,8}", attributes(), text(), proptest::collection::vec(property(), 0..4)).prop_map(
        |(tag, attributes, gui_class, properties)| {
            let tag = Text::from(tag);
            let mut element = TestElement { class: Text::clone(&tag), tag, attributes, properties, line: 0 };
            element.attributes.push((Text::from("guiclass"), gui_class));
            element
        },
    )
}

fn tree() -> impl Strategy<Value = TestTree> {
    let version = prop_oneof![Just("1.0"), Just("1.2")];
    (version, proptest::collection::vec((element(), any::<prop::sample::Index>()), 0..8)).prop_map(
        |(version, elements)| {
            let mut tree = TestTree::new();
            tree.attributes[0].1 = Text::from(version);
            // The arena of a tree that was read is in document order, so each element goes below the last branch.
            let mut branch: Vec<NodeId> = Vec::new();
            for (element, place) in elements {
                branch.truncate(place.index(branch.len() + 1));
                branch.push(tree.add(branch.last().copied(), element));
            }
            tree
        },
    )
}

proptest! {
    #[test]
    fn any_tree_survives_writing_and_reading(tree in tree()) {
        let xml = written(&tree);
        let again = read(xml.as_bytes()).map_err(|error| TestCaseError::fail(format!("{error}\n{xml}")))?;
        prop_assert_eq!(without_lines(again), tree, "{}", xml);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0..SAVED_BY_JMETER.len()) {
        let _ = read(&bytes[..]);
        let mut plan = SAVED_BY_JMETER.as_bytes().to_vec();
        plan.splice(at..(at + bytes.len() / 4).min(SAVED_BY_JMETER.len()), bytes);
        let _ = read(&plan[..]);
    }

    #[test]
    fn no_markup_makes_the_reader_panic(tags in "(<[/?!]?(jmeterTestPlan|hashTree|A|stringProp|objProp|value|xml)?( (name|guiclass|reference|class)='[./a-z&;#0-9]{0,8}')?[/?]?>|[ a&;]){0,30}") {
        let _ = read(format!("<jmeterTestPlan><hashTree><A guiclass=''>{tags}").as_bytes());
        let _ = read(tags.as_bytes());
    }
}
