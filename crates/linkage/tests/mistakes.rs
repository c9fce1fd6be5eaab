//! A mistake is told with its line and what to write instead.

use tuodi_linkage::{Config, LinkError, Model, Records, RowNames, Scope, read_csv};

const GOOD: &str = r#"id = ["record"]
[[field]]
name = "name"
columns = ["姓名"]
kind = "name"
[[block]]
on = ["name.sound"]
"#;

fn error(text: &str) -> (usize, String) {
    let error = Config::parse(text).err().unwrap();
    (error.line, error.message)
}

#[test]
fn a_mistake_in_the_configuration_names_its_line_and_the_remedy() {
    Config::parse(GOOD).unwrap();
    for (from, to, line, part) in [
        ("kind = \"name\"", "kind = \"nam\"", 5, "unknown variant"),
        ("kind = \"name\"", "kind = \"name\"\nlevels = [\"equal\", \"sounds\"]", 6, "homophone"),
        ("kind = \"name\"", "kind = \"date\"\nlevels = [\"within_days\"]", 6, "within_days:55"),
        ("kind = \"name\"", "kind = \"text\"\nlevels = [\"similarity:120\"]", 6, "100 at most"),
        ("kind = \"name\"", "kind = \"name\"\ncolour = 1", 6, "unknown field"),
        ("name.sound", "nam.sound", 7, "the fields are name"),
        ("name.sound", "name.sund", 7, "initials"),
        ("on = [\"name.sound\"]", "on = []", 6, "everybody with everybody"),
        ("[[block]]\non = [\"name.sound\"]\n", "", 1, "[[block]]"),
        ("[[field]]", "[bands]\nsame = 0.2\nask = 0.5\n[[field]]", 2, "0 < ask <= same < 1"),
        ("kind = \"name\"", "kind = \"set\"\nlevels = [\"names_other\"]", 3, "owner"),
        ("id = [\"record\"]", "id = [1]", 1, "string"),
    ] {
        let text = GOOD.replace(from, to);
        assert_ne!(text, GOOD);
        let (found, message) = error(&text);
        assert!(found.abs_diff(line) <= 1 && message.contains(part), "{to}: line {found}, {message}");
    }
}

fn read(text: &[u8]) -> String {
    let config = Config::parse(GOOD).unwrap();
    let (mut records, mut names) = (Records::new(&config), RowNames::default());
    read_csv(&mut records, &mut names, &config, "", text).map_or_else(|e| e.to_string(), |rows| format!("{rows} rows"))
}

#[test]
fn a_mistake_in_a_table_names_column_or_line_and_never_quotes_a_person() {
    assert_eq!(read("\u{feff}record,姓名\n1,王伟\n2,\n".as_bytes()), "2 rows");
    assert!(read(b"").contains("empty"));
    assert!(read("record,姓名\n".as_bytes()).contains("no rows"));
    let missing = read("record,性别\n1,男\n".as_bytes());
    assert!(missing.contains("姓名") && missing.contains("record, 性别"), "{missing}");
    let unnamed = read("record,姓名\n1,王伟\n,李静\n".as_bytes());
    assert!(unnamed.contains("line 3") && !unnamed.contains("李静"), "{unnamed}");
    let uneven = read("record,姓名\n1,王伟\n2\n".as_bytes());
    assert!(uneven.contains("line: 3") || uneven.contains("line 3"), "{uneven}");
    let bytes = [b"record,\xe5\xa7\x93\xe5\x90\x8d\n1,".as_slice(), b"\xff\xfe\n"].concat();
    assert!(read(&bytes).contains("line 2"));
}

#[test]
fn too_few_rows_are_said_to_be_too_few() {
    let config = Config::parse(GOOD).unwrap();
    let (mut records, mut names) = (Records::new(&config), RowNames::default());
    read_csv(&mut records, &mut names, &config, "", "record,姓名\n1,王伟\n".as_bytes()).unwrap();
    assert!(matches!(Model::train(&records, &config, Scope::Within, 1), Err(LinkError::NoPairs { .. })));
    read_csv(&mut records, &mut names, &config, "", "record,姓名\n2,李静\n".as_bytes()).unwrap();
    assert!(matches!(Model::train(&records, &config, Scope::Within, 1), Err(LinkError::NoCandidates)));
}
